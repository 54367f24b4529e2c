-- Events and incidents of devices: a sensor needs no camera. Devices that boxes adopted, and over which gateway they are
-- reached.

ALTER TABLE events ALTER COLUMN camera_id DROP NOT NULL;
ALTER TABLE events ADD COLUMN device_id text;
CREATE INDEX events_device_newest ON events (device_id, opened_at DESC, id DESC) WHERE device_id IS NOT NULL;

ALTER TABLE devices
    ADD COLUMN gateway_id text,
    ADD COLUMN model text NOT NULL DEFAULT '',
    ADD COLUMN metrics text[] NOT NULL DEFAULT '{}',
    ADD COLUMN adopted boolean NOT NULL DEFAULT false;

ALTER TABLE incidents ADD COLUMN device_id text;
CREATE OR REPLACE VIEW incident_times AS
SELECT id, ward_id, site_id, box_id, camera_id, kind, severity, state, version, cause, cause_id, assignee, reason,
    escalations, opened_at, reported_at, last_at, acknowledged_at, ended_at, events, open_events,
    extract(epoch FROM acknowledged_at - reported_at)::double precision AS seconds_to_acknowledge,
    extract(epoch FROM ended_at - reported_at)::double precision AS seconds_to_resolve, device_id
FROM incidents;
