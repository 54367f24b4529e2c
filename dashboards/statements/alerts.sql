-- What alert rules ask. Each row is one alert of its own: the text columns are its labels, the one number its value.
-- Things that fare well are rows too, so that an alert ends as soon as its cause does. {parts} and {certificates} are codes
-- with their names.

-- cameras --
-- For how many minutes each camera has brought no picture. Cameras of a box that is not heard are left to the box's alert.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, cameras.box_id AS box, boxes.name AS box_name,
    cameras.id AS camera, cameras.name AS camera_name, sites.name AS site_name,
    CASE WHEN boxes.state = 'online' AND cameras.state IN ('connecting', 'failed')
        THEN greatest(extract(epoch FROM now() - coalesce(cameras.since, now())) / 60, 0.1) ELSE 0
        END::double precision AS minutes
FROM cameras JOIN boxes ON boxes.id = cameras.box_id JOIN wards ON wards.id = boxes.ward_id
    JOIN sites ON sites.id = cameras.site_id
WHERE boxes.state <> 'unknown'
ORDER BY cameras.id

-- idle_cameras --
-- How many pictures a second of each camera are looked at while it brings pictures.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, cameras.box_id AS box, boxes.name AS box_name,
    cameras.id AS camera, cameras.name AS camera_name, sites.name AS site_name, looks.per_second
FROM cameras JOIN boxes ON boxes.id = cameras.box_id JOIN wards ON wards.id = boxes.ward_id
    JOIN sites ON sites.id = cameras.site_id
    CROSS JOIN LATERAL (
        SELECT sum(total) / sum(n) AS per_second FROM health_5m
        WHERE device_id = cameras.id AND metric = 'camera.analysed_fps' AND bucket >= now() - INTERVAL '15 minutes'
    ) AS looks
WHERE boxes.state = 'online' AND cameras.state = 'streaming' AND cameras.since < now() - INTERVAL '15 minutes'
    AND looks.per_second IS NOT NULL
ORDER BY cameras.id

-- boxes --
-- For how many minutes nothing was heard of each box. One that calls itself online is held against the newest word of
-- all boxes: when the centre itself stands still, no box is to blame.
WITH heard AS (
    SELECT boxes.id, boxes.name, boxes.ward_id, boxes.state, boxes.state_at,
        greatest(boxes.state_at, (SELECT max(last_at) FROM box_ledgers WHERE box_id = boxes.id)) AS at
    FROM boxes WHERE boxes.state <> 'unknown'
)
SELECT heard.ward_id AS ward, wards.name AS ward_name, heard.id AS box, heard.name AS box_name,
    greatest(extract(epoch FROM CASE WHEN heard.state = 'offline' THEN now() ELSE (SELECT max(at) FROM heard) END
        - CASE WHEN heard.state = 'offline' THEN heard.state_at ELSE heard.at END) / 60, 0)::double precision AS minutes
FROM heard JOIN wards ON wards.id = heard.ward_id
ORDER BY heard.id

-- box_disks --
-- How much of each box's disk is free, in GB.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name,
    free.bytes / 1e9 AS gigabytes
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN LATERAL (
    SELECT latest AS bytes FROM health_5m
    WHERE device_id = boxes.id AND metric = 'box.disk_free_bytes' AND bucket >= now() - INTERVAL '30 minutes'
    ORDER BY bucket DESC LIMIT 1
) AS free
ORDER BY boxes.id

-- certificates --
-- For how many days each certificate still holds, as the boxes see it: their own, and that of the server.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name,
    kinds.metric AS certificate, kinds.name AS certificate_name, newest.days
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN ({certificates}) AS kinds (metric, name)
    CROSS JOIN LATERAL (
        SELECT latest AS days FROM health_1h
        WHERE device_id = boxes.id AND metric = kinds.metric AND bucket >= now() - INTERVAL '1 day'
        ORDER BY bucket DESC LIMIT 1
    ) AS newest
ORDER BY boxes.id, kinds.metric

-- clocks --
-- By how many seconds each box's clock runs ahead of the centre's.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name,
    greatest(coalesce(extract(epoch FROM newest.ahead), 0), 0)::double precision AS seconds
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN LATERAL (
    SELECT max(at - received_at) AS ahead FROM health
    WHERE device_id = boxes.id AND metric = 'box.cpu_percent' AND at >= now() - INTERVAL '10 minutes'
        AND received_at >= now() - INTERVAL '10 minutes'
) AS newest
WHERE boxes.state <> 'unknown'
ORDER BY boxes.id

-- lags --
-- How many seconds pass from a measurement to its commit, of each box.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name, newest.seconds
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN LATERAL (
    SELECT extract(epoch FROM avg(received_at - at))::double precision AS seconds FROM health
    WHERE device_id = boxes.id AND metric = 'box.cpu_percent' AND at BETWEEN now() - INTERVAL '10 minutes' AND now()
) AS newest
WHERE newest.seconds IS NOT NULL
ORDER BY boxes.id

-- backlogs --
-- How many records wait at each box that can be reached.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name,
    CASE WHEN boxes.state = 'online' THEN coalesce(boxes.outbox_pending, 0) ELSE 0 END::double precision AS records
FROM boxes JOIN wards ON wards.id = boxes.ward_id
WHERE boxes.state <> 'unknown'
ORDER BY boxes.id

-- dropped --
-- How many records each box gave up within the hour, for want of disk.
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name, hour.records
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN LATERAL (
    SELECT max(highest) - min(lowest) AS records FROM health_5m
    WHERE device_id = boxes.id AND metric = 'outbox.dropped' AND bucket >= now() - INTERVAL '1 hour'
) AS hour
WHERE hour.records IS NOT NULL
ORDER BY boxes.id

-- gaps --
-- How many records of each box are missing: numbers below a committed one, and the tail of a box that has nothing left
-- to send. Epochs that ended more than a day ago are over, whatever they lack.
WITH missing AS (
    SELECT box_id, last_seq - first_seq + 1 AS records FROM box_gaps WHERE last_at >= now() - INTERVAL '1 day'
    UNION ALL
    SELECT boxes.id, boxes.outbox_head - coalesce(upper(ledgers.seqs) - 1, 0)
    FROM boxes LEFT JOIN box_ledgers AS ledgers ON ledgers.box_id = boxes.id AND ledgers.epoch = boxes.outbox_epoch
    WHERE boxes.state = 'online' AND boxes.outbox_pending = 0
)
SELECT boxes.ward_id AS ward, wards.name AS ward_name, boxes.id AS box, boxes.name AS box_name,
    coalesce(sum(greatest(missing.records, 0)), 0)::double precision AS records
FROM boxes JOIN wards ON wards.id = boxes.ward_id LEFT JOIN missing ON missing.box_id = boxes.id
WHERE boxes.state <> 'unknown'
GROUP BY boxes.id, wards.id
ORDER BY boxes.id

-- standstill --
-- For how many minutes each part of ingest has finished nothing although there was something to do.
SELECT parts.part, names.name AS part_name, greatest(coalesce(parts.minutes, 0), 0)::double precision AS minutes FROM (
    SELECT 'records' AS part, CASE WHEN EXISTS (SELECT FROM boxes WHERE state = 'online')
        THEN extract(epoch FROM now() - (SELECT max(last_at) FROM box_ledgers)) / 60 END AS minutes
    UNION ALL
    SELECT 'incidents', (SELECT extract(epoch FROM now() - queued_at) / 60 FROM correlation_queue ORDER BY id LIMIT 1)
    UNION ALL
    SELECT 'payments', extract(epoch FROM now() - min(looks.at)) / 60
    FROM payment_looks AS looks WHERE EXISTS (
        SELECT FROM payment_points JOIN sites ON sites.id = payment_points.site_id
        WHERE sites.ward_id = looks.ward_id AND payment_points.ended_at IS NULL
    )
) AS parts JOIN ({parts}) AS names (part, name) ON names.part = parts.part
ORDER BY parts.part

-- quarantine --
-- How many messages could not be read within the hour, for each reason.
SELECT reason, count(*)::double precision AS messages
FROM quarantine WHERE received_at >= now() - INTERVAL '1 hour'
GROUP BY reason ORDER BY reason

-- notifications --
-- How many messages to officers are late or were given up within the hour, for each channel of the last week.
SELECT channel, (
    count(*) FILTER (WHERE state = 'pending' AND due_at BETWEEN now() - INTERVAL '1 day' AND now() - INTERVAL '5 minutes')
    + count(*) FILTER (WHERE state = 'given_up' AND given_up_at BETWEEN now() - INTERVAL '1 hour' AND now())
)::double precision AS messages
FROM notifications WHERE created_at >= now() - INTERVAL '7 days'
GROUP BY channel ORDER BY channel

-- sign_ins --
-- How many sign-ins failed within ten minutes, of all accounts together.
SELECT current_database()::text AS database, count(*)::double precision AS failures
FROM login_failures WHERE at >= now() - INTERVAL '10 minutes'

-- connections --
-- How much of the connections that the database allows are taken, in percent. That it answers at all is the point.
SELECT current_database()::text AS database,
    (SELECT sum(numbackends) FROM pg_stat_database)
        * 100.0::double precision / current_setting('max_connections')::int AS percent

-- database_size --
-- How much of the disk that was meant for it the database fills, in percent. `ALTER DATABASE ... SET phoan.disk_bytes`
-- says how much that is; unless somebody did, 100 GB.
SELECT current_database()::text AS database, pg_database_size(current_database()) * 100.0::double precision
    / coalesce(nullif(current_setting('phoan.disk_bytes', true), '')::double precision, 100e9) AS percent

-- backups --
-- How many hours ago the newest good backup ended. Where there never was one: since the database can tell of backups.
SELECT current_database()::text AS database, greatest(extract(epoch FROM now() - coalesce(
        (SELECT max(ended_at) FROM backups WHERE outcome = 'good'),
        (SELECT applied_at FROM schema_migrations WHERE name = '0021_backups.sql')
    )) / 3600, 0)::double precision AS hours

-- payments --
-- What share of each site's payment points cannot be paid at, in percent. Fewer than three say nothing of a site.
SELECT wards.id AS ward, wards.name AS ward_name, sites.id AS site, sites.name AS site_name,
    CASE WHEN count(*) FILTER (WHERE states.state = 'not_payable') >= 3
        THEN 100.0 * count(*) FILTER (WHERE states.state = 'not_payable')
            / count(*) FILTER (WHERE states.state <> 'closed') ELSE 0 END::double precision AS percent
FROM payment_states AS states JOIN payment_points AS points ON points.id = states.point_id
    JOIN sites ON sites.id = points.site_id JOIN wards ON wards.id = sites.ward_id
WHERE points.ended_at IS NULL
GROUP BY wards.id, sites.id ORDER BY sites.id

-- devices --
-- How many devices of each site have been silent for an hour although their box is heard.
SELECT wards.id AS ward, wards.name AS ward_name, sites.id AS site, sites.name AS site_name,
    count(*) FILTER (WHERE life.highest <= 0)::double precision AS devices
FROM devices JOIN sites ON sites.id = devices.site_id JOIN wards ON wards.id = sites.ward_id
    JOIN boxes ON boxes.id = devices.box_id AND boxes.state = 'online'
    CROSS JOIN LATERAL (
        SELECT max(highest) AS highest FROM telemetry_5m
        WHERE device_id = devices.id AND metric = 'device.life' AND bucket >= now() - INTERVAL '1 hour'
    ) AS life
WHERE life.highest IS NOT NULL
GROUP BY wards.id, sites.id ORDER BY sites.id
