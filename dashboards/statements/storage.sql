-- What fills the store, how fast, and how far back it reaches. {sizes} is a statement of shared.sql.

-- database --
SELECT pg_database_size(current_database()) AS bytes

-- media_kept --
SELECT coalesce(sum(bytes), 0)::bigint AS bytes, count(*) AS files FROM media WHERE removed_at IS NULL

-- growth --
-- Bytes a day: the rows of the last seven whole days by the size of a row of their table today.
SELECT sum(daily.n * sizes.bytes / nullif(sizes.rows, 0))::double precision AS bytes
FROM (
    SELECT 'telemetry' AS name, sum(n) / 7 AS n FROM telemetry_1d WHERE bucket BETWEEN now() - INTERVAL '8 days' AND now()
    UNION ALL SELECT 'counts', sum(n) / 7 FROM counts_1d WHERE bucket BETWEEN now() - INTERVAL '8 days' AND now()
    UNION ALL SELECT 'health', sum(n) / 7 FROM health_1d WHERE bucket BETWEEN now() - INTERVAL '8 days' AND now()
    UNION ALL SELECT 'events', sum(n) / 7 FROM events_1d WHERE bucket BETWEEN now() - INTERVAL '8 days' AND now()
) AS daily JOIN ({sizes}) AS sizes ON sizes.name = daily.name

-- oldest --
-- The oldest day of each kind, in milliseconds of the epoch: a figure shows numbers only.
SELECT 1000 * extract(epoch FROM (SELECT min(bucket) FROM telemetry_1d)) AS telemetry,
    1000 * extract(epoch FROM (SELECT min(bucket) FROM counts_1d)) AS counts,
    1000 * extract(epoch FROM (SELECT min(bucket) FROM health_1d)) AS health,
    1000 * extract(epoch FROM (SELECT min(bucket) FROM events_1d)) AS events

-- tables --
-- The largest first; the chunks of a partitioned table count with it.
SELECT sizes.name, sizes.bytes, sizes.rows, sizes.bytes / nullif(sizes.rows, 0) AS row_bytes, sizes.chunks,
    sizes.indexes
FROM ({sizes}) AS sizes ORDER BY 2 DESC, 1 LIMIT 40

-- parts --
-- TimescaleDB keeps chunks, compressed chunks and aggregates under names of its own; a plain PostgreSQL has none of them.
SELECT CASE
        WHEN relname ~ '^compress_hyper_' THEN 'compressed'
        WHEN parents.name ~ '^_materialized_hypertable_' THEN 'aggregates'
        WHEN parents.name IS NOT NULL THEN 'chunks'
        WHEN nspname = 'public' THEN 'tables'
        ELSE 'other'
    END AS part, sum(pg_total_relation_size(pg_class.oid))::bigint AS bytes
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace LEFT JOIN (
    SELECT inhrelid, min(relname) AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent GROUP BY 1
) AS parents ON parents.inhrelid = pg_class.oid
WHERE relkind = 'r' GROUP BY 1 ORDER BY 2 DESC

-- rows --
-- Rows a day of the four great tables, by the day they bear.
SELECT bucket AS "time", metric, sum(n) AS value FROM (
    SELECT bucket, 'telemetry' AS metric, n FROM telemetry_1d WHERE $__timeFilter(bucket)
    UNION ALL SELECT bucket, 'counts', n FROM counts_1d WHERE $__timeFilter(bucket)
    UNION ALL SELECT bucket, 'health', n FROM health_1d WHERE $__timeFilter(bucket)
    UNION ALL SELECT bucket, 'events', n FROM events_1d WHERE $__timeFilter(bucket)
) AS daily GROUP BY 1, 2 ORDER BY 1, 2

-- media_days --
-- Bytes of pictures and clips that came in and are still kept, day by day.
SELECT time_bucket(INTERVAL '1 day', received_at, 'Asia/Ho_Chi_Minh') AS "time",
    CASE WHEN starts_with(media_type, 'image/') THEN 'images' ELSE 'clips' END AS metric, sum(bytes) AS value
FROM media WHERE removed_at IS NULL AND $__timeFilter(received_at) GROUP BY 1, 2 ORDER BY 1, 2

-- loudest --
-- Whose measurements fill the store: the boxes with most rows.
SELECT boxes.name || ' (' || boxes.id || ')' AS box, sum(daily.n)::bigint AS rows
FROM (
    SELECT device_id, n FROM telemetry_1d WHERE $__timeFilter(bucket)
    UNION ALL SELECT device_id, n FROM counts_1d WHERE $__timeFilter(bucket)
    UNION ALL SELECT device_id, n FROM health_1d WHERE $__timeFilter(bucket)
) AS daily JOIN (
    SELECT id AS device_id, id AS box_id FROM boxes UNION ALL SELECT id, box_id FROM cameras
    UNION ALL SELECT id, box_id FROM devices
) AS owners USING (device_id) JOIN boxes ON boxes.id = owners.box_id
GROUP BY boxes.id ORDER BY 2 DESC, 1 LIMIT 12

-- connections --
-- How many connections there are of those that are allowed.
SELECT sum(numbackends)::bigint AS connections, current_setting('max_connections')::int AS allowed FROM pg_stat_database

-- backup --
-- How long ago the newest good backup ended, and how large its dump is.
SELECT extract(epoch FROM now() - ended_at)::double precision AS age, bytes
FROM backups WHERE outcome = 'good' ORDER BY ended_at DESC LIMIT 1

-- failed_backups --
SELECT ended_at AS "time", reason, nullif(detail, '') AS detail
FROM backups WHERE outcome = 'failed' ORDER BY ended_at DESC LIMIT 20

-- dead --
-- Rows that were replaced or deleted and still take room, where vacuum has most to do.
SELECT relname AS name, n_dead_tup AS dead, 100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0) AS share,
    greatest(last_vacuum, last_autovacuum) AS "time"
FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY 2 DESC, 1 LIMIT 10
