-- A year of history that answers at once: what cameras count and how boxes fare get tables of their own, aggregates of
-- five minutes, an hour and a day stand on top of each other, and old chunks are compressed.

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
ALTER TABLE events ADD COLUMN suspect boolean NOT NULL DEFAULT false;
ALTER TABLE telemetry ADD COLUMN suspect boolean NOT NULL DEFAULT false;

-- What cameras count: people in zones, crossings of lines.
CREATE TABLE counts (
    at           timestamptz NOT NULL,
    device_id    text NOT NULL,
    metric       text NOT NULL,
    zone_id      text NOT NULL DEFAULT '',
    value        double precision NOT NULL,
    box_id       text NOT NULL,
    received_at  timestamptz NOT NULL,
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
    received_at  timestamptz NOT NULL,
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

-- A message can be tried again only if it was kept whole; payload is NULL for one that was too large for that.
ALTER TABLE quarantine ADD COLUMN payload bytea;
