-- Where things stand on the map. position of a camera is its place in the list; lat and lon are degrees.
ALTER TABLE sites
    ADD COLUMN lat double precision,
    ADD COLUMN lon double precision,
    ADD COLUMN outline jsonb,
    ADD CONSTRAINT sites_position CHECK ((lat IS NULL) = (lon IS NULL));
ALTER TABLE boxes
    ADD COLUMN lat double precision,
    ADD COLUMN lon double precision,
    ADD CONSTRAINT boxes_position CHECK ((lat IS NULL) = (lon IS NULL));
ALTER TABLE cameras
    ADD COLUMN lat double precision,
    ADD COLUMN lon double precision,
    ADD COLUMN bearing real,
    ADD COLUMN view_angle real,
    ADD COLUMN range_m real,
    ADD CONSTRAINT cameras_position CHECK ((lat IS NULL) = (lon IS NULL));

-- points: [[x, y], ...] in normalised picture coordinates
CREATE TABLE lines (
    camera_id  text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    id         text NOT NULL,
    name       text NOT NULL,
    points     jsonb NOT NULL,
    PRIMARY KEY (camera_id, id)
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

-- Searches over a year: each of these finds the newest of a ward, site, kind or severity without reading the others.
CREATE INDEX events_ward_newest ON events (ward_id, opened_at DESC, id DESC);
CREATE INDEX events_site_newest ON events (site_id, opened_at DESC, id DESC);
CREATE INDEX events_kind_newest ON events (ward_id, kind, opened_at DESC, id DESC);
CREATE INDEX events_severity_newest ON events (ward_id, severity, opened_at DESC, id DESC);
CREATE INDEX events_open ON events (ward_id, opened_at DESC, id DESC) WHERE closed_at IS NULL;

-- Beside snapshot: what the event names, so that a search need not open the body.
ALTER TABLE events ADD COLUMN clip text;
UPDATE events SET clip = body ->> 'clip' WHERE body ? 'clip';
