-- Revisions of what a box watches: made by people, pushed to the box, answered by it. Revision 0 is what the box itself
-- was set up with, as it tells. document is what travels; names are what people call its cameras, zones and lines.
CREATE TABLE box_configs (
    box_id       text NOT NULL REFERENCES boxes (id) ON DELETE CASCADE,
    revision     int NOT NULL CHECK (revision >= 0),
    document     jsonb NOT NULL,
    names        jsonb NOT NULL DEFAULT '{}',
    made_by      text,
    made_at      timestamptz NOT NULL DEFAULT now(),
    note         text NOT NULL DEFAULT '',
    state        text NOT NULL CHECK (state IN ('pending', 'trying', 'applied', 'refused', 'fallen_back')),
    reason       text NOT NULL DEFAULT '',
    answered_at  timestamptz,
    PRIMARY KEY (box_id, revision),
    CONSTRAINT box_configs_somebody CHECK ((made_by IS NULL) = (revision = 0))
);
CREATE INDEX box_configs_pending ON box_configs (box_id) WHERE state IN ('pending', 'trying');

-- A camera that no box has any more keeps its past; the wall shows it no longer.
ALTER TABLE cameras ADD COLUMN retired_at timestamptz;
