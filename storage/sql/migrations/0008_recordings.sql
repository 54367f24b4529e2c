-- Ranges of recorded video that people asked for, why, and what the boxes answered. A request stays after its answer: it
-- tells who wanted to see what.
CREATE TABLE recordings (
    id            uuid PRIMARY KEY,
    ward_id       text NOT NULL,
    site_id       text NOT NULL,
    box_id        text NOT NULL,
    camera_id     text NOT NULL,
    wanted_from   timestamptz NOT NULL,
    wanted_to     timestamptz NOT NULL,
    reason        text NOT NULL,
    requested_by  text NOT NULL,
    requested_at  timestamptz NOT NULL DEFAULT now(),
    state         text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'accepted', 'refused', 'done')),
    refusal       text,
    digest        text,
    began_at      timestamptz,
    ended_at      timestamptz,
    answered_at   timestamptz,
    CONSTRAINT recordings_span CHECK (wanted_to > wanted_from)
);
CREATE INDEX recordings_camera ON recordings (camera_id, requested_at DESC);
CREATE INDEX recordings_unfinished ON recordings (box_id, requested_at) WHERE state IN ('asked', 'accepted');
