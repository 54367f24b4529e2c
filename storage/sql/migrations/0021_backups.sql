-- What deploy/backup.sh did each time. It tells so itself, as a role that may insert here and change nothing. Sizes are
-- of what the backup made or removed; `reason` is the step that failed, `detail` what the failing program said last.
CREATE TABLE backups (
    began_at       timestamptz NOT NULL,
    ended_at       timestamptz NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('good', 'failed')),
    bytes          bigint,
    media_copied   integer,
    media_removed  integer,
    reason         text,
    detail         text NOT NULL DEFAULT '',
    PRIMARY KEY (began_at, outcome),
    CONSTRAINT backups_reason CHECK ((outcome = 'failed') = (reason IS NOT NULL))
);
