-- Whether a street can be paid on: what is known of each payment point, its outages with their one cause, what officers
-- say of banks, what a ward aims at, and the figures of each day. A device may belong to a payment point, and a site has
-- hours in which people pay.

ALTER TABLE sites ADD COLUMN opens time, ADD COLUMN closes time,
    ADD CONSTRAINT sites_hours CHECK ((opens IS NULL) = (closes IS NULL) AND opens <> closes);

ALTER TABLE devices ADD COLUMN payment_point_id text REFERENCES payment_points (id);
CREATE INDEX devices_payment_point ON devices (payment_point_id) WHERE payment_point_id IS NOT NULL;

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

CREATE TABLE payment_looks (
    ward_id  text PRIMARY KEY REFERENCES wards (id) ON DELETE CASCADE,
    at       timestamptz NOT NULL
);

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
SELECT create_hypertable('payment_outages', 'began', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false);

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

CREATE TABLE payment_targets (
    ward_id    text NOT NULL REFERENCES wards (id) ON DELETE CASCADE,
    site_kind  text NOT NULL DEFAULT '' CHECK (site_kind IN ('', 'street', 'market', 'khu_pho', 'office')),
    site_id    text NOT NULL DEFAULT '',
    payable    double precision NOT NULL CHECK (payable BETWEEN 0 AND 1),
    verified   double precision NOT NULL CHECK (verified BETWEEN 0 AND 1),
    PRIMARY KEY (ward_id, site_kind, site_id),
    CONSTRAINT payment_targets_one_place CHECK (site_kind = '' OR site_id = '')
);

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

-- Whether an outage that begins is one that ended a moment ago.
CREATE INDEX incidents_payment ON incidents (ward_id, ended_at) WHERE group_key LIKE 'payment/%';
