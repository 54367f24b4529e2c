-- The whole truth about the store. A test proves that the migrations end in exactly this database.
-- TimescaleDB's functions are the real ones where it is installed, and those of shim_postgresql.sql where it is not.

-- Administrative units are data: districts ended in 2025 and provinces merged. People still search by the old names.
CREATE TABLE provinces (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    aliases     text[] NOT NULL DEFAULT '{}',
    valid_from  date,
    valid_to    date,
    CHECK (valid_to > valid_from)
);

CREATE TABLE wards (
    id           text PRIMARY KEY,
    name         text NOT NULL,
    time_zone    text NOT NULL DEFAULT 'Asia/Ho_Chi_Minh',
    province_id  text REFERENCES provinces (id),
    aliases      text[] NOT NULL DEFAULT '{}',
    valid_from   date,
    valid_to     date,
    CONSTRAINT wards_validity CHECK (valid_to > valid_from)
);
CREATE INDEX wards_province ON wards (province_id);

-- outline: [[lat, lon], ...] in degrees, a line for a street and the border of anything else. opens, closes: when people
-- pay there, by the ward's clock; a night market closes after midnight. Without, always.
CREATE TABLE sites (
    id       text PRIMARY KEY,
    ward_id  text NOT NULL REFERENCES wards (id),
    name     text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('street', 'market', 'khu_pho', 'office')),
    lat      double precision,
    lon      double precision,
    outline  jsonb,
    opens    time,
    closes   time,
    CONSTRAINT sites_position CHECK ((lat IS NULL) = (lon IS NULL)),
    CONSTRAINT sites_hours CHECK ((opens IS NULL) = (closes IS NULL) AND opens <> closes)
);
CREATE INDEX sites_ward ON sites (ward_id);

-- A box signs in to the API with a token of which only the SHA-256 is kept; session and n order its status messages.
CREATE TABLE boxes (
    id               text PRIMARY KEY,
    ward_id          text NOT NULL REFERENCES wards (id),
    site_id          text REFERENCES sites (id),
    name             text NOT NULL,
    token_sha256     bytea UNIQUE,
    state            text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'online', 'offline')),
    state_at         timestamptz,
    status_session   uuid,
    status_n         bigint,
    version          text NOT NULL DEFAULT '',
    outbox_epoch     uuid,
    outbox_head      bigint,
    outbox_pending   bigint,
    outbox_dropped   bigint,
    lat              double precision,
    lon              double precision,
    CONSTRAINT boxes_position CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE INDEX boxes_ward ON boxes (ward_id);

-- position is the place in the list; lat and lon where it hangs, bearing where it looks (degrees from north, clockwise).
-- A camera that no box has any more is retired: it keeps its past, and the wall shows it no longer.
CREATE TABLE cameras (
    id            text PRIMARY KEY,
    box_id        text NOT NULL REFERENCES boxes (id),
    site_id       text NOT NULL REFERENCES sites (id),
    name          text NOT NULL,
    position      int NOT NULL DEFAULT 0,
    state         text NOT NULL DEFAULT 'unknown'
                  CHECK (state IN ('unknown', 'connecting', 'streaming', 'failed')),
    fault         text,
    since         timestamptz,
    width         int,
    height        int,
    fps           real,
    analysed_fps  real,
    lat           double precision,
    lon           double precision,
    bearing       real,
    view_angle    real,
    range_m       real,
    retired_at    timestamptz,
    CONSTRAINT cameras_position CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE INDEX cameras_box ON cameras (box_id);
CREATE INDEX cameras_site ON cameras (site_id);

-- polygon: [[x, y], ...] in normalised picture coordinates
CREATE TABLE zones (
    camera_id  text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    id         text NOT NULL,
    name       text NOT NULL,
    polygon    jsonb NOT NULL,
    PRIMARY KEY (camera_id, id)
);

-- points: [[x, y], ...] in normalised picture coordinates
CREATE TABLE lines (
    camera_id  text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    id         text NOT NULL,
    name       text NOT NULL,
    points     jsonb NOT NULL,
    PRIMARY KEY (camera_id, id)
);

CREATE TABLE users (
    username       text PRIMARY KEY,
    display_name   text NOT NULL,
    password_hash  text NOT NULL,
    role           text NOT NULL CHECK (role IN ('admin', 'operator', 'police', 'technician', 'viewer')),
    wards          text[] NOT NULL DEFAULT '{}',
    disabled       boolean NOT NULL DEFAULT false,
    sites          text[] NOT NULL DEFAULT '{}',
    totp_secret    text,
    totp_since     timestamptz,
    totp_step      bigint NOT NULL DEFAULT 0
);

-- What signs in once instead of a code from a lost phone; a used one is deleted.
CREATE TABLE recovery_codes (
    username  text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    digest    bytea NOT NULL,
    PRIMARY KEY (username, digest)
);

-- One signed-in browser; the cookie's token is kept as its SHA-256 only, and id names the session to people. strong: the
-- provider through which it began asked for a second factor.
CREATE TABLE sessions (
    token_sha256  bytea PRIMARY KEY,
    username      text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    id            uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    client        text NOT NULL DEFAULT '',
    agent         text NOT NULL DEFAULT '',
    strong        boolean NOT NULL DEFAULT false
);
CREATE INDEX sessions_username ON sessions (username);

-- Who an account is to an OpenID Connect provider. managed: the provider's claims decide its role and places.
CREATE TABLE identities (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    issuer     text NOT NULL,
    subject    text NOT NULL,
    username   text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    managed    boolean NOT NULL DEFAULT false,
    linked_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_username ON identities (username);

-- Sign-ins on their way to the provider and back, for some minutes; each is taken once, by the browser that began it.
CREATE TABLE oidc_attempts (
    state_sha256    bytea PRIMARY KEY,
    browser_sha256  bytea NOT NULL,
    nonce           text NOT NULL,
    verifier        text NOT NULL,
    expires_at      timestamptz NOT NULL
);

-- Sight of a ward's or a site's video for a time, beyond what the role gives. It ends by itself; a row is never removed.
CREATE TABLE grants (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username      text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    ward_id       text REFERENCES wards (id),
    site_id       text REFERENCES sites (id),
    capability    text NOT NULL CHECK (capability IN ('video')),
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz NOT NULL,
    reason        text NOT NULL,
    granted_by    text NOT NULL,
    granted_at    timestamptz NOT NULL DEFAULT now(),
    withdrawn_at  timestamptz,
    CONSTRAINT grants_span CHECK (valid_until > valid_from),
    CONSTRAINT grants_one_place CHECK (num_nonnulls(ward_id, site_id) = 1)
);
CREATE INDEX grants_username ON grants (username, valid_until);

-- What a session may play back for some minutes, and the reason that was given.
CREATE TABLE playbacks (
    session_id   uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    object       text NOT NULL,
    reason       text NOT NULL,
    valid_until  timestamptz NOT NULL,
    PRIMARY KEY (session_id, object)
);

-- A wall as somebody arranged it: a camera or nothing in each slot. With a role it is shared with all of that role, in
-- the whole centre or in one ward.
CREATE TABLE layouts (
    id             uuid PRIMARY KEY,
    owner          text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    role           text CHECK (role IN ('admin', 'operator', 'police', 'technician', 'viewer')),
    ward_id        text REFERENCES wards (id),
    name           text NOT NULL,
    tiles          int NOT NULL CHECK (tiles IN (1, 4, 9, 16)),
    cameras        text[] NOT NULL,
    follow_alerts  boolean NOT NULL DEFAULT false,
    version        int NOT NULL DEFAULT 1,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT layouts_slots CHECK (cardinality(cameras) = tiles),
    CONSTRAINT layouts_shared CHECK (role IS NOT NULL OR ward_id IS NULL)
);
CREATE INDEX layouts_owner ON layouts (owner);
CREATE INDEX layouts_role ON layouts (role) WHERE role IS NOT NULL;

-- What a user chose for themselves; the API knows what it says.
CREATE TABLE preferences (
    username    text PRIMARY KEY REFERENCES users (username) ON DELETE CASCADE,
    body        jsonb NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- Failed sign-ins per user name, for the lock-out.
CREATE TABLE login_failures (
    username  text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failures_username ON login_failures (username, at);

-- The latest revision of every event. opened_at never changes within an event, so it can partition.
CREATE TABLE events (
    id            uuid NOT NULL,
    opened_at     timestamptz NOT NULL,
    revision      int NOT NULL,
    phase         text NOT NULL CHECK (phase IN ('open', 'update', 'close')),
    kind          text NOT NULL,
    severity      text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    ward_id       text NOT NULL,
    site_id       text NOT NULL,
    box_id        text NOT NULL,
    camera_id     text,
    device_id     text,
    zone_id       text,
    at            timestamptz NOT NULL,
    captured_at   timestamptz NOT NULL,
    closed_at     timestamptz,
    count         int NOT NULL,
    peak_count    int NOT NULL,
    confidence    real NOT NULL,
    snapshot      text,
    clip          text,
    body          jsonb NOT NULL,
    received_at   timestamptz NOT NULL,
    suspect       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (id, opened_at)
);
CREATE INDEX events_newest ON events (opened_at DESC, id DESC);
CREATE INDEX events_camera_newest ON events (camera_id, opened_at DESC, id DESC);
CREATE INDEX events_device_newest ON events (device_id, opened_at DESC, id DESC) WHERE device_id IS NOT NULL;
CREATE INDEX events_snapshot ON events (snapshot) WHERE snapshot IS NOT NULL;
-- Searches over a year: each of these finds the newest of a ward, site, kind or severity without reading the others.
CREATE INDEX events_ward_newest ON events (ward_id, opened_at DESC, id DESC);
CREATE INDEX events_site_newest ON events (site_id, opened_at DESC, id DESC);
CREATE INDEX events_kind_newest ON events (ward_id, kind, opened_at DESC, id DESC);
CREATE INDEX events_severity_newest ON events (ward_id, severity, opened_at DESC, id DESC);
CREATE INDEX events_open ON events (ward_id, opened_at DESC, id DESC) WHERE closed_at IS NULL;
-- A week a chunk: a ward of 200 cameras writes some 10,000 events a day, so a chunk and its indexes stay in memory.
SELECT create_hypertable('events', 'opened_at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);

-- One measurement; zone is '' where the whole device is meant, since a key has no NULLs.
CREATE TABLE telemetry (
    at           timestamptz NOT NULL,
    device_id    text NOT NULL,
    metric       text NOT NULL,
    zone_id      text NOT NULL DEFAULT '',
    value        double precision NOT NULL,
    box_id       text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    suspect      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device_id, metric, zone_id, at)
);
-- A week a chunk: 2,000 devices every five minutes are 4 million rows a week, which fit in memory with their index, and
-- some 2,000 values of each device, enough for compression to work on.
SELECT create_hypertable('telemetry', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);

-- Which sequence numbers of each outbox epoch are committed. What a multirange lacks below its end is a gap.
CREATE TABLE box_ledgers (
    box_id   text NOT NULL REFERENCES boxes (id),
    epoch    uuid NOT NULL,
    seqs     int8multirange NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at  timestamptz NOT NULL DEFAULT now(),
    repeats  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (box_id, epoch)
);

-- Broken messages and records, with the reason; never the cause of a stop. payload is NULL where the message was too
-- large to be kept whole, and so cannot be tried again.
CREATE TABLE quarantine (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at  timestamptz NOT NULL DEFAULT now(),
    topic        text NOT NULL,
    reason       text NOT NULL,
    detail       text NOT NULL,
    bytes        int NOT NULL,
    head         bytea NOT NULL,
    payload      bytea
);
CREATE INDEX quarantine_received ON quarantine (received_at DESC);

-- Pictures and clips by digest; the bytes lie in the media store.
CREATE TABLE media (
    digest       text PRIMARY KEY,
    bytes        bigint NOT NULL,
    media_type   text NOT NULL,
    box_id       text NOT NULL REFERENCES boxes (id),
    received_at  timestamptz NOT NULL DEFAULT now(),
    removed_at   timestamptz
);
-- What was kept for long enough is removed, the oldest first; its row stays, and proves it.
CREATE INDEX media_oldest ON media (received_at) WHERE removed_at IS NULL;

-- Gaps: numbers that a box gave out before a committed one and that are not committed.
CREATE VIEW box_gaps AS
SELECT box_id, epoch, lower(gap) AS first_seq, upper(gap) - 1 AS last_seq, last_at
FROM (
    SELECT box_id, epoch, last_at, unnest(int8multirange(int8range(1, upper(seqs))) - seqs) AS gap
    FROM box_ledgers
) AS gaps;

-- Calls what only TimescaleDB can do; on a plain PostgreSQL an aggregate is a view, which answers the same, slower.
CREATE FUNCTION create_aggregate(name text, query text) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        -- The newest buckets, which no refresh has reached yet, are computed from below when they are asked for.
        EXECUTE format('CREATE MATERIALIZED VIEW %I WITH (timescaledb.continuous, timescaledb.materialized_only = false)'
            ' AS %s WITH NO DATA', name, query);
    ELSE
        EXECUTE format('CREATE VIEW %I AS %s', name, query);
    END IF;
END
$function$;

CREATE FUNCTION enable_compression(relation regclass, segment_by text, order_by text) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        EXECUTE format('ALTER TABLE %s SET (timescaledb.compress, timescaledb.compress_segmentby = %L,'
            ' timescaledb.compress_orderby = %L)', relation, segment_by, order_by);
    END IF;
END
$function$;

-- suspect: the record's own time lies more than two minutes ahead of the centre's, or more than a year behind. It is
-- kept and counted, and left out of every aggregate.

-- What cameras count: people in zones, crossings of lines.
CREATE TABLE counts (
    at           timestamptz NOT NULL,
    device_id    text NOT NULL,
    metric       text NOT NULL,
    zone_id      text NOT NULL DEFAULT '',
    value        double precision NOT NULL,
    box_id       text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    suspect      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device_id, metric, zone_id, at)
);
-- A week a chunk: 200 cameras with two zones each, every ten seconds, are 24 million rows a week.
SELECT create_hypertable('counts', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);

-- How boxes and cameras fare: frame rates, loads, queue lengths.
CREATE TABLE health (
    at           timestamptz NOT NULL,
    device_id    text NOT NULL,
    metric       text NOT NULL,
    zone_id      text NOT NULL DEFAULT '',
    value        double precision NOT NULL,
    box_id       text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    suspect      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device_id, metric, zone_id, at)
);
SELECT create_hypertable('health', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);

-- One device's values of one metric lie together and in time order: that is how they are asked for, and neighbours
-- that hardly differ compress best.
SELECT enable_compression('telemetry', 'device_id, metric, zone_id', 'at DESC');
SELECT enable_compression('counts', 'device_id, metric, zone_id', 'at DESC');
SELECT enable_compression('health', 'device_id, metric, zone_id', 'at DESC');
-- Events are asked for a page at a time, newest first: a page of a ward then lies in one or two compressed batches. By
-- camera too, every page would open as many batches as there are cameras.
SELECT enable_compression('events', 'ward_id', 'opened_at DESC, id DESC');

-- A day is a Vietnamese day. total / n is the mean; the mean of means would not be. latest carries its own time, so that it survives the roll-up.
SELECT create_aggregate('telemetry_5m', $$
    SELECT time_bucket('5 minutes', at) AS bucket, device_id, metric, zone_id, count(*) AS n, sum(value) AS total,
        min(value) AS lowest, max(value) AS highest, last(value, at) AS latest, max(at) AS latest_at
    FROM telemetry WHERE NOT suspect GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('telemetry_1h', $$
    SELECT time_bucket('1 hour', bucket) AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM telemetry_5m GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('telemetry_1d', $$
    SELECT time_bucket('1 day', bucket, 'Asia/Ho_Chi_Minh') AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM telemetry_1h GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('counts_5m', $$
    SELECT time_bucket('5 minutes', at) AS bucket, device_id, metric, zone_id, count(*) AS n, sum(value) AS total,
        min(value) AS lowest, max(value) AS highest, last(value, at) AS latest, max(at) AS latest_at
    FROM counts WHERE NOT suspect GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('counts_1h', $$
    SELECT time_bucket('1 hour', bucket) AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM counts_5m GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('counts_1d', $$
    SELECT time_bucket('1 day', bucket, 'Asia/Ho_Chi_Minh') AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM counts_1h GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('health_5m', $$
    SELECT time_bucket('5 minutes', at) AS bucket, device_id, metric, zone_id, count(*) AS n, sum(value) AS total,
        min(value) AS lowest, max(value) AS highest, last(value, at) AS latest, max(at) AS latest_at
    FROM health WHERE NOT suspect GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('health_1h', $$
    SELECT time_bucket('1 hour', bucket) AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM health_5m GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('health_1d', $$
    SELECT time_bucket('1 day', bucket, 'Asia/Ho_Chi_Minh') AS bucket, device_id, metric, zone_id, sum(n)::bigint AS n,
        sum(total) AS total, min(lowest) AS lowest, max(highest) AS highest, last(latest, latest_at) AS latest,
        max(latest_at) AS latest_at
    FROM health_1h GROUP BY 1, 2, 3, 4
$$);
SELECT create_aggregate('events_5m', $$
    SELECT time_bucket('5 minutes', opened_at) AS bucket, ward_id, site_id, camera_id, kind, severity, count(*) AS n,
        max(peak_count) AS peak_count
    FROM events WHERE NOT suspect GROUP BY 1, 2, 3, 4, 5, 6
$$);
SELECT create_aggregate('events_1h', $$
    SELECT time_bucket('1 hour', bucket) AS bucket, ward_id, site_id, camera_id, kind, severity, sum(n)::bigint AS n,
        max(peak_count) AS peak_count
    FROM events_5m GROUP BY 1, 2, 3, 4, 5, 6
$$);
SELECT create_aggregate('events_1d', $$
    SELECT time_bucket('1 day', bucket, 'Asia/Ho_Chi_Minh') AS bucket, ward_id, site_id, camera_id, kind, severity, sum(n)::bigint AS n,
        max(peak_count) AS peak_count
    FROM events_1h GROUP BY 1, 2, 3, 4, 5, 6
$$);

-- Where people pay: a stall, a shop, a desk of the one-stop office. stall is its number or address as people say it, hours
-- are in people's words. A point is ended, never removed.
CREATE TABLE payment_points (
    id        text PRIMARY KEY,
    site_id   text NOT NULL REFERENCES sites (id),
    name      text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('stall', 'shop', 'desk')),
    stall     text NOT NULL DEFAULT '',
    hours     text NOT NULL DEFAULT '',
    since     timestamptz NOT NULL DEFAULT now(),
    ended_at  timestamptz
);
CREATE INDEX payment_points_site ON payment_points (site_id);

-- A sensor, meter or speaker; telemetry names it by id. box_id is the box that reads it, if one does, gateway_id the
-- device that it is reached over, which the inventory need not list. One that a box adopted by itself is `adopted`.
CREATE TABLE devices (
    id                text PRIMARY KEY,
    site_id           text NOT NULL REFERENCES sites (id),
    box_id            text REFERENCES boxes (id),
    name              text NOT NULL,
    kind              text NOT NULL,
    gateway_id        text,
    model             text NOT NULL DEFAULT '',
    metrics           text[] NOT NULL DEFAULT '{}',
    adopted           boolean NOT NULL DEFAULT false,
    payment_point_id  text REFERENCES payment_points (id)
);
CREATE INDEX devices_site ON devices (site_id);
CREATE INDEX devices_box ON devices (box_id);
CREATE INDEX devices_payment_point ON devices (payment_point_id) WHERE payment_point_id IS NOT NULL;

-- What officers work on: events of one place and time, with the state of the work. group_key says which further events
-- join; cause_id is the incident that explains this one and stands for it in the lane; version counts the steps of the
-- work. opened_at is when it began, reported_at when the centre learned of it: a box may have been cut off between.
CREATE TABLE incidents (
    id               uuid PRIMARY KEY,
    ward_id          text NOT NULL REFERENCES wards (id),
    site_id          text REFERENCES sites (id),
    box_id           text,
    camera_id        text,
    device_id        text,
    group_key        text NOT NULL DEFAULT '',
    kind             text NOT NULL,
    kinds            text[] NOT NULL DEFAULT '{}',
    severity         text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    state            text NOT NULL DEFAULT 'new'
                     CHECK (state IN ('new', 'seen', 'assigned', 'resolved', 'false_alarm')),
    version          int NOT NULL DEFAULT 0,
    cause            text CHECK (cause IN ('unknown', 'box', 'uplink_or_power', 'uplink', 'power')),
    cause_id         uuid REFERENCES incidents (id) ON DELETE SET NULL,
    assignee         text REFERENCES users (username),
    reason           text,
    escalations      int NOT NULL DEFAULT 0,
    events           int NOT NULL DEFAULT 0,
    open_events      int NOT NULL DEFAULT 0,
    opened_at        timestamptz NOT NULL,
    reported_at      timestamptz NOT NULL DEFAULT now(),
    last_at          timestamptz NOT NULL DEFAULT now(),
    acknowledged_at  timestamptz,
    ended_at         timestamptz,
    CHECK (acknowledged_at >= opened_at),
    CONSTRAINT incidents_ended CHECK ((ended_at IS NOT NULL) = (state IN ('resolved', 'false_alarm')))
);
CREATE INDEX incidents_ward_newest ON incidents (ward_id, opened_at DESC, id DESC);
CREATE INDEX incidents_unfinished ON incidents (ward_id, state) WHERE state IN ('new', 'seen', 'assigned');
CREATE INDEX incidents_group ON incidents (ward_id, group_key, last_at);
CREATE INDEX incidents_box ON incidents (box_id) WHERE state IN ('new', 'seen', 'assigned');
CREATE INDEX incidents_cause ON incidents (cause_id) WHERE cause_id IS NOT NULL;
CREATE INDEX incidents_payment ON incidents (ward_id, ended_at) WHERE group_key LIKE 'payment/%';

-- event_opened_at makes the event findable in its chunk; an event belongs to one incident. revision is the newest that
-- the incident has heard of.
CREATE TABLE incident_events (
    event_id         uuid NOT NULL,
    event_opened_at  timestamptz NOT NULL,
    incident_id      uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    open             boolean NOT NULL DEFAULT false,
    revision         int NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id)
);
CREATE INDEX incident_events_incident ON incident_events (incident_id);

-- What was done about an incident, in order; actor is NULL for the centre itself. The columns "before" take a step back.
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

-- Events that no incident has heard of yet. Filled in the transaction that commits the event, emptied in the one that
-- correlates it (docs/decisions/010).
CREATE TABLE correlation_queue (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ward_id          text NOT NULL,
    event_id         uuid NOT NULL,
    event_opened_at  timestamptz NOT NULL,
    queued_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX correlation_queue_ward ON correlation_queue (ward_id, id);

-- One officer hands the shift over, another accepts it; summary is what the page showed to both.
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

-- Incidents with the two figures by which a ward's work is measured.
CREATE VIEW incident_times AS
SELECT id, ward_id, site_id, box_id, camera_id, kind, severity, state, version, cause, cause_id, assignee, reason,
    escalations, opened_at, reported_at, last_at, acknowledged_at, ended_at, events, open_events,
    extract(epoch FROM acknowledged_at - reported_at)::double precision AS seconds_to_acknowledge,
    extract(epoch FROM ended_at - reported_at)::double precision AS seconds_to_resolve, device_id
FROM incidents;

-- What notifiers have not heard of yet; filled in the transaction that changes the incident.
CREATE TABLE incident_changes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id  uuid NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    what         text NOT NULL CHECK (what IN ('called', 'escalated')),
    at           timestamptz NOT NULL DEFAULT now()
);

-- What is to be sent, and what became of it. A step of the ladder reaches a channel once for an incident. bundle is the
-- idempotency key of a sending, which may cover several rows.
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

-- How each channel fares, shared by all notifiers: its token bucket, until when it asked us to wait, and the rotating
-- tokens of Zalo OA. seed is the digest of the refresh token in the settings from which they were made.
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

-- Who did and saw what. Rows are only ever added: an update or delete is refused, and each row's digest covers the
-- one before. storage/audit.py says over which bytes.
CREATE TABLE audit (
    seq       bigint PRIMARY KEY,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    action    text NOT NULL,
    object    text NOT NULL,
    ward      text,
    client    text NOT NULL,
    details   jsonb NOT NULL,
    previous  bytea NOT NULL,
    digest    bytea NOT NULL UNIQUE
);
CREATE INDEX audit_actor ON audit (actor, seq DESC);
CREATE INDEX audit_object ON audit (object, seq DESC);

-- The chain's last link. Whoever adds a row holds this one, so that numbers have no gaps and links no branches.
CREATE TABLE audit_head (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq     bigint NOT NULL,
    digest  bytea NOT NULL
);
INSERT INTO audit_head (seq, digest) VALUES (0, sha256(''));

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END
$function$;
CREATE TRIGGER audit_is_for_ever BEFORE UPDATE OR DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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

-- The public keys that signed exports, for who has to check an old one.
CREATE TABLE evidence_keys (
    id             text PRIMARY KEY,
    pem            text NOT NULL,
    first_used_at  timestamptz NOT NULL DEFAULT now()
);

-- Exports of evidence that were finished: who, why, of what, and what left. chain_seq is the audit's entry that the
-- export names. A row is never removed.
CREATE TABLE exports (
    id               uuid PRIMARY KEY,
    ward_id          text NOT NULL,
    subject          text NOT NULL CHECK (subject IN ('event', 'incident', 'recording')),
    subject_id       uuid NOT NULL,
    reason           text NOT NULL,
    exported_by      text NOT NULL,
    exported_at      timestamptz NOT NULL,
    key_id           text NOT NULL REFERENCES evidence_keys (id),
    chain_seq        bigint NOT NULL,
    manifest_sha256  text NOT NULL,
    sha256           text NOT NULL,
    bytes            bigint NOT NULL,
    files            int NOT NULL,
    absent           int NOT NULL
);
CREATE INDEX exports_newest ON exports (ward_id, exported_at DESC, id DESC);
CREATE INDEX exports_subject ON exports (subject_id);
CREATE INDEX exports_key ON exports (key_id);

-- What is proposed for the registry of payment points, and what another person decided. Nothing takes effect before it
-- is approved; who proposes may withdraw, never decide. A decided row is never changed and no row is ever removed.
CREATE TABLE payment_changes (
    id           uuid PRIMARY KEY,
    ward_id      text NOT NULL REFERENCES wards (id),
    source       text NOT NULL CHECK (source IN ('form', 'scan', 'import')),
    reason       text NOT NULL,
    proposed_by  text NOT NULL,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn')),
    decided_by   text,
    decided_at   timestamptz,
    remark       text,
    CONSTRAINT payment_changes_decided CHECK ((state = 'proposed') = (decided_by IS NULL)),
    CONSTRAINT payment_changes_decided_at CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT payment_changes_by_another CHECK ((state = 'withdrawn') = (decided_by = proposed_by))
);
CREATE INDEX payment_changes_newest ON payment_changes (ward_id, id DESC);
CREATE INDEX payment_changes_proposed ON payment_changes (ward_id, id DESC) WHERE state = 'proposed';

-- The steps of a change, in order. Of an account only the keyed fingerprint, the bank's BIN and the last four digits are
-- there; key_id tells with which ward's key the fingerprint was made.
CREATE TABLE payment_change_steps (
    change_id    uuid NOT NULL REFERENCES payment_changes (id),
    n            int NOT NULL,
    action       text NOT NULL CHECK (action IN ('add_point', 'end_point', 'add_payee', 'remove_payee')),
    point_id     text NOT NULL,
    site_id      text NOT NULL REFERENCES sites (id),
    name         text,
    kind         text CHECK (kind IN ('stall', 'shop', 'desk')),
    stall        text,
    hours        text,
    fingerprint  text CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    guid         text,
    bin          text,
    last_four    text CHECK (length(last_four) <= 4),
    service      text,
    label        text,
    key_id       text,
    PRIMARY KEY (change_id, n),
    CONSTRAINT payment_change_steps_payee CHECK ((action IN ('add_payee', 'remove_payee')) = (fingerprint IS NOT NULL)),
    CONSTRAINT payment_change_steps_point CHECK (action <> 'add_point' OR (name IS NOT NULL AND kind IS NOT NULL))
);
CREATE INDEX payment_change_steps_point ON payment_change_steps (point_id, change_id);

-- Whom a point is paid to now: what its codes may name. The change by which each came says who answers for it.
CREATE TABLE payment_payees (
    point_id     text NOT NULL REFERENCES payment_points (id),
    fingerprint  text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    guid         text NOT NULL,
    bin          text NOT NULL,
    last_four    text NOT NULL CHECK (length(last_four) <= 4),
    service      text NOT NULL,
    label        text NOT NULL DEFAULT '',
    key_id       text NOT NULL,
    since        timestamptz NOT NULL DEFAULT now(),
    change_id    uuid NOT NULL REFERENCES payment_changes (id),
    PRIMARY KEY (point_id, fingerprint)
);
CREATE INDEX payment_payees_fingerprint ON payment_payees (fingerprint);

-- What somebody on patrol scanned with a phone, and how it was judged; the text of a code is not kept. point_id is the
-- point at which they stood, NULL where they asked whose a code is; incident_id what they reported.
CREATE TABLE payment_scans (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    username      text NOT NULL,
    ward_id       text NOT NULL REFERENCES wards (id),
    point_id      text REFERENCES payment_points (id),
    verdict       text NOT NULL CHECK (verdict IN ('ours', 'partly', 'not_ours', 'foreign', 'broken', 'found', 'unknown')),
    fingerprints  text[] NOT NULL DEFAULT '{}',
    bins          text[] NOT NULL DEFAULT '{}',
    incident_id   uuid REFERENCES incidents (id) ON DELETE SET NULL
);
CREATE INDEX payment_scans_point ON payment_scans (point_id, at DESC) WHERE point_id IS NOT NULL;
CREATE INDEX payment_scans_newest ON payment_scans (ward_id, at DESC);

CREATE FUNCTION refuse_decided_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR NEW.state = 'proposed'
        OR (NEW.id, NEW.ward_id, NEW.source, NEW.reason, NEW.proposed_by, NEW.proposed_at)
            IS DISTINCT FROM (OLD.id, OLD.ward_id, OLD.source, OLD.reason, OLD.proposed_by, OLD.proposed_at)
    THEN
        RAISE EXCEPTION 'a change of the registry is decided once, and only its decision is ever added';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER payment_changes_are_decided_once BEFORE UPDATE ON payment_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_decided_change();
CREATE TRIGGER payment_changes_are_for_ever BEFORE DELETE OR TRUNCATE ON payment_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_change_steps_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_change_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_late_step() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF (SELECT state FROM payment_changes WHERE id = NEW.change_id) <> 'proposed' THEN
        RAISE EXCEPTION 'a change that is decided takes no more steps';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER payment_change_steps_come_before BEFORE INSERT ON payment_change_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_late_step();
CREATE TRIGGER payment_points_are_ended_not_removed BEFORE DELETE OR TRUNCATE ON payment_points
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is known of each payment point now: whether it can be paid at, and why not. place: where the cause lies (a point,
-- a site, a box, a bank's BIN). What the last looks say otherwise is a hint until it has lasted. verified: who saw its
-- own code on display.
CREATE TABLE payment_states (
    point_id    text PRIMARY KEY REFERENCES payment_points (id),
    state       text NOT NULL CHECK (state IN ('payable', 'not_payable', 'unknown', 'closed')),
    cause       text,
    place       text,
    since       timestamptz NOT NULL,
    hint_state  text CHECK (hint_state IN ('payable', 'not_payable', 'unknown', 'closed')),
    hint_cause  text,
    hint_place  text,
    hint_since  timestamptz,
    verified    text CHECK (verified IN ('camera', 'patrol')),
    CONSTRAINT payment_states_cause CHECK ((cause IS NULL) = (state IN ('payable', 'closed'))),
    CONSTRAINT payment_states_hint CHECK ((hint_state IS NULL) = (hint_since IS NULL))
);

-- Up to which moment each ward was looked at; whoever goes on begins there.
CREATE TABLE payment_looks (
    ward_id  text PRIMARY KEY REFERENCES wards (id) ON DELETE CASCADE,
    at       timestamptz NOT NULL
);

-- Spans in which a point could not be paid at, each with one cause. began and ended are the times of the measurements.
CREATE TABLE payment_outages (
    point_id  text NOT NULL,
    began     timestamptz NOT NULL,
    ended     timestamptz,
    ward_id   text NOT NULL,
    site_id   text NOT NULL,
    cause     text NOT NULL CHECK (cause IN ('device', 'stall', 'power', 'uplink', 'bank', 'code')),
    place     text NOT NULL,
    PRIMARY KEY (point_id, began),
    CHECK (ended >= began)
);
CREATE INDEX payment_outages_newest ON payment_outages (ward_id, began DESC);
CREATE INDEX payment_outages_ended ON payment_outages (ward_id, ended);
-- A month a chunk: 2,000 points with an outage a day are 60,000 rows a month.
SELECT create_hypertable('payment_outages', 'began', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false);

-- What officers say of a bank's trouble, which no sensor of the ward sees.
CREATE TABLE bank_notices (
    id         uuid PRIMARY KEY,
    ward_id    text NOT NULL REFERENCES wards (id),
    bank       text NOT NULL CHECK (bank ~ '^[0-9]{6}$'),
    note       text NOT NULL DEFAULT '',
    posted_by  text NOT NULL,
    starts     timestamptz NOT NULL DEFAULT now(),
    until      timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   text,
    CONSTRAINT bank_notices_span CHECK (until > starts),
    CONSTRAINT bank_notices_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX bank_notices_newest ON bank_notices (ward_id, starts DESC);

-- Shares from 0 to 1 that a ward aims at: of the ward, of a kind of site, or of one site; the nearest counts.
CREATE TABLE payment_targets (
    ward_id    text NOT NULL REFERENCES wards (id) ON DELETE CASCADE,
    site_kind  text NOT NULL DEFAULT '' CHECK (site_kind IN ('', 'street', 'market', 'khu_pho', 'office')),
    site_id    text NOT NULL DEFAULT '',
    payable    double precision NOT NULL CHECK (payable BETWEEN 0 AND 1),
    verified   double precision NOT NULL CHECK (verified BETWEEN 0 AND 1),
    PRIMARY KEY (ward_id, site_kind, site_id),
    CONSTRAINT payment_targets_one_place CHECK (site_kind = '' OR site_id = '')
);

-- A site's figures of a Vietnamese day, a row a day: an ordinary table stays small. Minutes are of all points together,
-- in the hours of the site; lost ones are those of its outages.
CREATE TABLE payment_days (
    site_id          text NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    day              date NOT NULL,
    points           int NOT NULL,
    verified         int NOT NULL,
    open_minutes     double precision NOT NULL,
    payable_minutes  double precision NOT NULL,
    unknown_minutes  double precision NOT NULL,
    lost_minutes     double precision NOT NULL,
    PRIMARY KEY (site_id, day)
);

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

-- A code that lets one box in, once and within its hour. Of its secret only the SHA-256 is kept; key_sha256 is the public
-- key of the box that used it, which may ask again until the code expires, since an answer can be lost on its way.
CREATE TABLE enrolment_codes (
    id             uuid PRIMARY KEY,
    secret_sha256  bytea NOT NULL UNIQUE,
    box_id         text NOT NULL,
    box_name       text NOT NULL,
    ward_id        text NOT NULL REFERENCES wards (id),
    site_id        text REFERENCES sites (id),
    made_by        text NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    used_from      text,
    key_sha256     bytea,
    withdrawn_at   timestamptz,
    CONSTRAINT enrolment_codes_used CHECK ((used_at IS NULL) = (key_sha256 IS NULL))
);
CREATE INDEX enrolment_codes_newest ON enrolment_codes (ward_id, made_at DESC);
CREATE INDEX enrolment_codes_box ON enrolment_codes (box_id);
CREATE INDEX enrolment_codes_site ON enrolment_codes (site_id);

-- Who may sign in at the broker: the wanted state, which a worker brings into the broker. password_hash is PBKDF2-SHA512
-- over the password and the salt's text, for brokers that read this table themselves; sealed is the password under a key
-- that is not in the database, for those that take accounts only in words. A revoked account stays, to be kept out.
CREATE TABLE broker_accounts (
    login          text PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('box', 'device')),
    name           text NOT NULL,
    ward_id        text NOT NULL REFERENCES wards (id),
    salt           text NOT NULL,
    iterations     int NOT NULL,
    password_hash  bytea NOT NULL,
    sealed         text NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(),
    revoked_at     timestamptz,
    revoked_by     text,
    reason         text,
    UNIQUE (kind, name),
    CONSTRAINT broker_accounts_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX broker_accounts_ward ON broker_accounts (ward_id);

-- The certificates that the centre's authority gave to boxes. serial is hexadecimal.
CREATE TABLE box_certificates (
    serial      text PRIMARY KEY,
    box_id      text NOT NULL REFERENCES boxes (id),
    key_sha256  bytea NOT NULL,
    not_before  timestamptz NOT NULL,
    not_after   timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX box_certificates_box ON box_certificates (box_id, not_after DESC);

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

-- What a box's doctor found, as codes and values. A box's newest fifty are kept.
CREATE TABLE box_reports (
    box_id       text NOT NULL REFERENCES boxes (id) ON DELETE CASCADE,
    at           timestamptz NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    level        text NOT NULL CHECK (level IN ('ok', 'warn', 'bad')),
    version      text NOT NULL,
    seconds      double precision NOT NULL,
    findings     jsonb NOT NULL,
    PRIMARY KEY (box_id, at)
);

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
