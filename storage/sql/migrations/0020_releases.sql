-- Versions of the box's program that boxes may be brought to. The bundle lies in the media store under its digest; the
-- signature over its manifest is in it too, and here so that anybody can check which key vouches for it.
CREATE TABLE releases (
    version    text NOT NULL,
    arch       text NOT NULL CHECK (arch IN ('none', 'x86_64', 'aarch64')),
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint NOT NULL CHECK (size > 0),
    signature  bytea NOT NULL,
    notes      text NOT NULL DEFAULT '',
    made_by    text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, arch)
);

-- The version that a box is to run, and what it says of that. Naming one again is another wish: a box tries each once.
CREATE TABLE box_releases (
    box_id       text PRIMARY KEY REFERENCES boxes (id) ON DELETE CASCADE,
    wish         uuid NOT NULL,
    version      text NOT NULL,
    wished_by    text NOT NULL,
    wished_at    timestamptz NOT NULL DEFAULT now(),
    state        text CHECK (state IN ('waiting', 'loading', 'installed', 'failed', 'rolled_back')),
    reason       text,
    detail       text NOT NULL DEFAULT '',
    running      text NOT NULL DEFAULT '',
    reported_at  timestamptz,
    CONSTRAINT box_releases_reported CHECK ((state IS NULL) = (reported_at IS NULL))
);
