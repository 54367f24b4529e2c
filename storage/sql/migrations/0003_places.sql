-- The rest of what stands and happens in a ward: units that were merged and renamed, devices, payment points,
-- incidents and the audit log.

-- Administrative units are data: districts ended in 2025 and provinces merged. People still search by the old names.
CREATE TABLE provinces (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    aliases     text[] NOT NULL DEFAULT '{}',
    valid_from  date,
    valid_to    date,
    CHECK (valid_to > valid_from)
);
ALTER TABLE wards
    ADD COLUMN province_id text REFERENCES provinces (id),
    ADD COLUMN aliases text[] NOT NULL DEFAULT '{}',
    ADD COLUMN valid_from date,
    ADD COLUMN valid_to date,
    ADD CONSTRAINT wards_validity CHECK (valid_to > valid_from);
CREATE INDEX wards_province ON wards (province_id);

-- A sensor, meter or speaker; telemetry names it by id. box_id is the box that reads it, if one does.
CREATE TABLE devices (
    id       text PRIMARY KEY,
    site_id  text NOT NULL REFERENCES sites (id),
    box_id   text REFERENCES boxes (id),
    name     text NOT NULL,
    kind     text NOT NULL
);
CREATE INDEX devices_site ON devices (site_id);
CREATE INDEX devices_box ON devices (box_id);

-- Where people pay: a stall, a shop, a desk of the one-stop office.
CREATE TABLE payment_points (
    id       text PRIMARY KEY,
    site_id  text NOT NULL REFERENCES sites (id),
    name     text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('stall', 'shop', 'desk'))
);
CREATE INDEX payment_points_site ON payment_points (site_id);

-- What officers work on: events of one place and time, with the state of the work.
CREATE TABLE incidents (
    id               uuid PRIMARY KEY,
    ward_id          text NOT NULL REFERENCES wards (id),
    site_id          text NOT NULL REFERENCES sites (id),
    kind             text NOT NULL,
    severity         text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    state            text NOT NULL DEFAULT 'new'
                     CHECK (state IN ('new', 'seen', 'assigned', 'resolved', 'false_alarm')),
    assignee         text REFERENCES users (username),
    opened_at        timestamptz NOT NULL,
    acknowledged_at  timestamptz,
    ended_at         timestamptz,
    CHECK (acknowledged_at >= opened_at)
);
CREATE INDEX incidents_ward_newest ON incidents (ward_id, opened_at DESC, id DESC);
CREATE INDEX incidents_unfinished ON incidents (ward_id, state) WHERE state IN ('new', 'seen', 'assigned');

-- event_opened_at makes the event findable in its chunk; an event belongs to one incident.
CREATE TABLE incident_events (
    event_id         uuid NOT NULL,
    event_opened_at  timestamptz NOT NULL,
    incident_id      uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    PRIMARY KEY (event_id)
);
CREATE INDEX incident_events_incident ON incident_events (incident_id);

-- Who did and saw what. Rows are only ever added: an update or delete is refused, and each row's digest covers the
-- one before.
CREATE TABLE audit (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     text NOT NULL,
    action    text NOT NULL,
    object    text NOT NULL,
    detail    jsonb NOT NULL DEFAULT '{}',
    previous  bytea NOT NULL,
    digest    bytea NOT NULL UNIQUE
);
CREATE INDEX audit_actor ON audit (actor, at DESC);
CREATE INDEX audit_object ON audit (object, at DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END
$function$;
CREATE TRIGGER audit_is_for_ever BEFORE UPDATE OR DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
