-- Incidents with their work: how events gather, what officers did, what explains what, and the handover of a shift.

ALTER TABLE incidents
    ALTER COLUMN site_id DROP NOT NULL,
    ADD COLUMN group_key text NOT NULL DEFAULT '',
    ADD COLUMN kinds text[] NOT NULL DEFAULT '{}',
    ADD COLUMN box_id text,
    ADD COLUMN camera_id text,
    ADD COLUMN cause text CHECK (cause IN ('unknown', 'box', 'uplink_or_power', 'uplink', 'power')),
    ADD COLUMN cause_id uuid REFERENCES incidents (id) ON DELETE SET NULL,
    ADD COLUMN reason text,
    ADD COLUMN version int NOT NULL DEFAULT 0,
    ADD COLUMN escalations int NOT NULL DEFAULT 0,
    ADD COLUMN events int NOT NULL DEFAULT 0,
    ADD COLUMN open_events int NOT NULL DEFAULT 0,
    ADD COLUMN reported_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN last_at timestamptz NOT NULL DEFAULT now();
UPDATE incidents SET ended_at = coalesce(ended_at, now()) WHERE state IN ('resolved', 'false_alarm');
UPDATE incidents SET ended_at = NULL WHERE state NOT IN ('resolved', 'false_alarm');
ALTER TABLE incidents ADD CONSTRAINT incidents_ended CHECK ((ended_at IS NOT NULL) = (state IN ('resolved', 'false_alarm')));
CREATE INDEX incidents_group ON incidents (ward_id, group_key, last_at);
CREATE INDEX incidents_box ON incidents (box_id) WHERE state IN ('new', 'seen', 'assigned');
CREATE INDEX incidents_cause ON incidents (cause_id) WHERE cause_id IS NOT NULL;

ALTER TABLE incident_events
    ADD COLUMN open boolean NOT NULL DEFAULT false,
    ADD COLUMN revision int NOT NULL DEFAULT 0;

CREATE TABLE incident_steps (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id          uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    at                   timestamptz NOT NULL DEFAULT now(),
    actor                text REFERENCES users (username),
    action               text NOT NULL CHECK (action IN ('open', 'see', 'assign', 'comment', 'resolve', 'false_alarm',
                             'escalate', 'reopen', 'undo', 'recover', 'relapse', 'hide', 'show')),
    state                text NOT NULL,
    assignee             text,
    reason               text,
    comment              text,
    undone               boolean NOT NULL DEFAULT false,
    state_before         text,
    assignee_before      text,
    reason_before        text,
    acknowledged_before  timestamptz,
    ended_before         timestamptz
);
CREATE INDEX incident_steps_incident ON incident_steps (incident_id, id);
CREATE INDEX incident_steps_at ON incident_steps (at);

CREATE TABLE correlation_queue (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ward_id          text NOT NULL,
    event_id         uuid NOT NULL,
    event_opened_at  timestamptz NOT NULL,
    queued_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX correlation_queue_ward ON correlation_queue (ward_id, id);

CREATE TABLE handovers (
    id           uuid PRIMARY KEY,
    ward_id      text NOT NULL REFERENCES wards (id),
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    author       text NOT NULL REFERENCES users (username),
    note         text NOT NULL,
    summary      jsonb NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT now(),
    accepted_by  text REFERENCES users (username),
    accepted_at  timestamptz,
    CONSTRAINT handovers_span CHECK (ends_at > starts_at),
    CONSTRAINT handovers_by_another CHECK (accepted_by <> author),
    CONSTRAINT handovers_accepted CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
CREATE INDEX handovers_newest ON handovers (ward_id, written_at DESC);

CREATE VIEW incident_times AS
SELECT id, ward_id, site_id, box_id, camera_id, kind, severity, state, version, cause, cause_id, assignee, reason,
    escalations, opened_at, reported_at, last_at, acknowledged_at, ended_at, events, open_events,
    extract(epoch FROM acknowledged_at - reported_at)::double precision AS seconds_to_acknowledge,
    extract(epoch FROM ended_at - reported_at)::double precision AS seconds_to_resolve
FROM incidents;
