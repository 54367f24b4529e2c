-- The first shape of the store: places, boxes and cameras; users and sessions; events and telemetry with the
-- ledgers that prove completeness; quarantine and media.

CREATE TABLE wards (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    time_zone  text NOT NULL DEFAULT 'Asia/Ho_Chi_Minh'
);

CREATE TABLE sites (
    id       text PRIMARY KEY,
    ward_id  text NOT NULL REFERENCES wards (id),
    name     text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('street', 'market', 'khu_pho', 'office'))
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
    outbox_dropped   bigint
);
CREATE INDEX boxes_ward ON boxes (ward_id);

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
    analysed_fps  real
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

CREATE TABLE users (
    username       text PRIMARY KEY,
    display_name   text NOT NULL,
    password_hash  text NOT NULL,
    role           text NOT NULL CHECK (role IN ('admin', 'operator', 'police', 'technician', 'viewer')),
    wards          text[] NOT NULL DEFAULT '{}',
    disabled       boolean NOT NULL DEFAULT false
);

-- One signed-in browser; the cookie's token is kept as its SHA-256 only.
CREATE TABLE sessions (
    token_sha256  bytea PRIMARY KEY,
    username      text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX sessions_username ON sessions (username);

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
    camera_id     text NOT NULL,
    zone_id       text,
    at            timestamptz NOT NULL,
    captured_at   timestamptz NOT NULL,
    closed_at     timestamptz,
    count         int NOT NULL,
    peak_count    int NOT NULL,
    confidence    real NOT NULL,
    snapshot      text,
    body          jsonb NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (id, opened_at)
);
CREATE INDEX events_newest ON events (opened_at DESC, id DESC);
CREATE INDEX events_camera_newest ON events (camera_id, opened_at DESC, id DESC);
CREATE INDEX events_snapshot ON events (snapshot) WHERE snapshot IS NOT NULL;
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
    received_at  timestamptz NOT NULL,
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

-- Broken messages and records, with the reason; never the cause of a stop.
CREATE TABLE quarantine (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at  timestamptz NOT NULL DEFAULT now(),
    topic        text NOT NULL,
    reason       text NOT NULL,
    detail       text NOT NULL,
    bytes        int NOT NULL,
    head         bytea NOT NULL
);
CREATE INDEX quarantine_received ON quarantine (received_at DESC);

-- Pictures and clips by digest; the bytes lie in the media store.
CREATE TABLE media (
    digest       text PRIMARY KEY,
    bytes        bigint NOT NULL,
    media_type   text NOT NULL,
    box_id       text NOT NULL REFERENCES boxes (id),
    received_at  timestamptz NOT NULL DEFAULT now()
);

-- Gaps: numbers that a box gave out before a committed one and that are not committed.
CREATE VIEW box_gaps AS
SELECT box_id, epoch, lower(gap) AS first_seq, upper(gap) - 1 AS last_seq, last_at
FROM (
    SELECT box_id, epoch, last_at, unnest(int8multirange(int8range(1, upper(seqs))) - seqs) AS gap
    FROM box_ledgers
) AS gaps;
