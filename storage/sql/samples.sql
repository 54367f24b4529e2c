-- Measurements. {series} is telemetry, counts or health: three tables of one shape, each kept for its own length of time.

-- copy --
-- The short way: straight into the table. A repeat makes it fail, and the long way takes over.
COPY {series} (device_id, metric, zone_id, at, value, box_id) FROM STDIN

-- stage --
-- The long way: a session-private table that COPY fills; it empties itself at the end of every transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (
    device_id text, metric text, zone_id text, at timestamptz, value double precision, box_id text
) ON COMMIT DELETE ROWS

-- copy_to_stage --
COPY {stage} (device_id, metric, zone_id, at, value, box_id) FROM STDIN

-- merge --
-- Repeats change nothing. Rows are staged in the order of the key, so that two workers that were given the same message
-- never wait for each other in a circle.
INSERT INTO {series} (device_id, metric, zone_id, at, value, box_id, received_at, suspect)
SELECT device_id, metric, zone_id, at, value, box_id, now(),
    at > now() + INTERVAL '2 minutes' OR at < now() - INTERVAL '1 year'
FROM {stage}
ON CONFLICT (device_id, metric, zone_id, at) DO NOTHING

-- suspect --
-- How many of the staged measurements bear a time that cannot be right.
SELECT count(*) FROM {stage} WHERE at > now() + INTERVAL '2 minutes' OR at < now() - INTERVAL '1 year'
