-- What was said over loudspeakers or is to be: who wished it, who approved it, and what became of it on each speaker.
-- Without a proposer, a box said it by its own rule, of the event that bears the same id.
CREATE TABLE announcements (
    id           uuid PRIMARY KEY,
    ward_id      text NOT NULL,
    site_id      text NOT NULL,
    incident_id  uuid,
    template     text,
    language     text NOT NULL CHECK (language IN ('vi', 'en')),
    said         text NOT NULL,
    source       text NOT NULL CHECK (source IN ('recorded', 'spoken')),
    digest       text,
    seconds      double precision NOT NULL,
    priority     text NOT NULL CHECK (priority IN ('normal', 'urgent', 'fire')),
    proposed_by  text,
    box_id       text,
    cause        text,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'cancelled')),
    decided_by   text,
    decided_at   timestamptz,
    remark       text,
    cancelled_by text,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT announcements_somebody CHECK ((proposed_by IS NULL) = (box_id IS NOT NULL))
);
CREATE INDEX announcements_newest ON announcements (ward_id, proposed_at DESC, id DESC);
CREATE INDEX announcements_incident ON announcements (incident_id) WHERE incident_id IS NOT NULL;

CREATE TABLE announcement_plays (
    announcement_id  uuid NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
    speaker_id       text NOT NULL,
    box_id           text NOT NULL,
    state            text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'accepted', 'played', 'failed', 'expired', 'cancelled')),
    reason           text,
    at               timestamptz,
    PRIMARY KEY (announcement_id, speaker_id)
);
CREATE INDEX announcement_plays_unfinished ON announcement_plays (box_id) WHERE state IN ('waiting', 'accepted');
