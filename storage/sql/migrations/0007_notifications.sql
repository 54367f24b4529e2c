-- Telling people who do not look at the wall: what changed, what is to be sent, and how each channel fares.

CREATE TABLE incident_changes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id  uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    what         text NOT NULL CHECK (what IN ('called', 'escalated')),
    at           timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE notifications (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    incident_id   uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    ward_id       text NOT NULL REFERENCES wards (id),
    step          int NOT NULL CHECK (step >= 0),
    channel       text NOT NULL,
    urgency       int NOT NULL,
    forced        boolean NOT NULL DEFAULT false,
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'given_up', 'cancelled')),
    due_at        timestamptz NOT NULL,
    given_up_at   timestamptz NOT NULL,
    attempts      int NOT NULL DEFAULT 0,
    bundle        uuid,
    leased_until  timestamptz,
    error         text,
    sent_at       timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (incident_id, step, channel)
);
CREATE INDEX notifications_due ON notifications (channel, due_at) WHERE state = 'pending';
CREATE INDEX notifications_bundle ON notifications (bundle) WHERE bundle IS NOT NULL;

CREATE TABLE notification_channels (
    name           text PRIMARY KEY,
    tokens         double precision NOT NULL,
    counted_at     timestamptz NOT NULL DEFAULT now(),
    blocked_until  timestamptz,
    last_sent_at   timestamptz,
    last_error     text,
    last_error_at  timestamptz,
    access_token   text,
    refresh_token  text,
    seed           bytea
);
