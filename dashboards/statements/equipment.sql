-- Cameras and boxes: what does not work, since when, and what will soon be too small. {place} is a site's name.

-- dark --
SELECT count(*) FILTER (WHERE cameras.state <> 'streaming' OR boxes.state <> 'online') AS dark, count(*) AS cameras
FROM cameras JOIN boxes ON boxes.id = cameras.box_id JOIN sites ON sites.id = cameras.site_id
WHERE cameras.retired_at IS NULL AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- silent --
SELECT count(*) FILTER (WHERE boxes.state <> 'online') AS silent, count(*) AS boxes
FROM boxes WHERE boxes.ward_id IN (${ward:sqlstring})
    AND (coalesce(boxes.site_id, '') IN (${site:sqlstring})
        OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id IN (${site:sqlstring})))

-- available --
-- Of the measurements of all cameras, how many had a picture.
SELECT 100 * sum(measured.total) / sum(measured.n) AS available
FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
    SELECT n, total FROM health_1h
    WHERE device_id = cameras.id AND metric = 'camera.streaming' AND zone_id = '' AND $__timeFilter(bucket) OFFSET 0
) AS measured
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- tightest --
-- The box with the least disk left, and the busiest one, within 15 minutes.
SELECT min(newest.latest) FILTER (WHERE newest.metric = 'box.disk_free_bytes') AS disk,
    max(newest.latest) FILTER (WHERE newest.metric = 'box.cpu_percent') AS cpu,
    max(newest.latest) FILTER (WHERE newest.metric = 'box.memory_percent') AS memory
FROM boxes CROSS JOIN LATERAL (
    SELECT metric, latest FROM health_5m
    WHERE device_id = boxes.id AND metric IN ('box.disk_free_bytes', 'box.cpu_percent', 'box.memory_percent')
        AND zone_id = '' AND bucket > now() - INTERVAL '15 minutes' OFFSET 0
) AS newest
WHERE boxes.ward_id IN (${ward:sqlstring})

-- cameras --
SELECT cameras.since AS "time", {place} AS place, cameras.name AS camera, boxes.name AS box,
    CASE WHEN boxes.state <> 'online' THEN 'gone' ELSE cameras.state END AS state,
    CASE WHEN cameras.state = 'failed' THEN coalesce(cameras.fault, 'unknown') END AS fault,
    round(up.available::numeric, 2) AS available, cameras.fps, cameras.analysed_fps,
    cameras.width || ' × ' || cameras.height AS picture, cameras.id AS camera_id
FROM cameras JOIN boxes ON boxes.id = cameras.box_id JOIN sites ON sites.id = cameras.site_id
    JOIN wards ON wards.id = sites.ward_id CROSS JOIN LATERAL (
        SELECT 100 * sum(total) / sum(n) AS available FROM health_1h
        WHERE device_id = cameras.id AND metric = 'camera.streaming' AND zone_id = '' AND $__timeFilter(bucket)
    ) AS up
WHERE cameras.retired_at IS NULL AND wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
ORDER BY boxes.state = 'online' AND cameras.state = 'streaming', up.available NULLS FIRST, 2, 3 LIMIT 500

-- boxes --
SELECT boxes.state_at AS "time", wards.name AS ward, boxes.name AS box, boxes.state, boxes.version,
    latest.cpu, latest.memory, latest.disk, boxes.outbox_pending AS pending, boxes.outbox_dropped AS dropped,
    coalesce((SELECT sum(last_seq - first_seq + 1) FROM box_gaps WHERE box_id = boxes.id), 0)::bigint AS missing,
    (SELECT count(*) FROM cameras WHERE box_id = boxes.id AND retired_at IS NULL) AS cameras
FROM boxes JOIN wards ON wards.id = boxes.ward_id CROSS JOIN LATERAL (
    SELECT max(latest) FILTER (WHERE metric = 'box.cpu_percent') AS cpu,
        max(latest) FILTER (WHERE metric = 'box.memory_percent') AS memory,
        min(latest) FILTER (WHERE metric = 'box.disk_free_bytes') AS disk
    FROM health_5m
    WHERE device_id = boxes.id AND metric IN ('box.cpu_percent', 'box.memory_percent', 'box.disk_free_bytes')
        AND zone_id = '' AND bucket > now() - INTERVAL '15 minutes'
) AS latest
WHERE boxes.ward_id IN (${ward:sqlstring})
    AND (coalesce(boxes.site_id, '') IN (${site:sqlstring})
        OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id IN (${site:sqlstring})))
ORDER BY boxes.state = 'online', 2, 3 LIMIT 500

-- availability --
-- The eight sites whose cameras had a picture for the least of the time.
WITH placed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), sites.id AS site_id, sum(measured.n) AS n,
        sum(measured.total) AS total
    FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
        SELECT bucket, n, total FROM health_5m
        WHERE $__interval_ms < 3600000 AND device_id = cameras.id AND metric = 'camera.streaming' AND zone_id = ''
            AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, n, total FROM health_1h
        WHERE $__interval_ms >= 3600000 AND device_id = cameras.id AND metric = 'camera.streaming' AND zone_id = ''
            AND $__timeFilter(bucket)
    ) AS measured
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2
), worst AS (
    SELECT site_id FROM placed GROUP BY 1 ORDER BY sum(total) / sum(n), 1 LIMIT 8
)
SELECT placed."time", {place} AS metric, 100 * placed.total / placed.n AS value
FROM placed JOIN worst USING (site_id) JOIN sites ON sites.id = placed.site_id JOIN wards ON wards.id = sites.ward_id
ORDER BY 1, 2

-- trouble --
-- Which kind of trouble the cameras had, day by day.
SELECT events_1d.bucket AS "time", coalesce(kinds.name, events_1d.kind) AS metric, sum(events_1d.n) AS value
FROM events_1d LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = events_1d.kind
WHERE starts_with(events_1d.kind, 'camera_') AND $__timeFilter(events_1d.bucket)
    AND events_1d.ward_id IN (${ward:sqlstring}) AND events_1d.site_id IN (${site:sqlstring})
GROUP BY 1, 2 ORDER BY 1, 2

-- highest --
-- The eight boxes with the highest mean of {variant}.
WITH boxed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), boxes.id AS box_id, boxes.name, sum(measured.n) AS n,
        sum(measured.total) AS total
    FROM boxes CROSS JOIN LATERAL (
        SELECT bucket, n, total FROM health_5m
        WHERE $__interval_ms < 3600000 AND device_id = boxes.id AND metric = '{variant}' AND zone_id = ''
            AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, n, total FROM health_1h
        WHERE $__interval_ms >= 3600000 AND device_id = boxes.id AND metric = '{variant}' AND zone_id = ''
            AND $__timeFilter(bucket)
    ) AS measured
    WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY 1, 2
), first AS (
    SELECT box_id FROM boxed GROUP BY 1 ORDER BY sum(total) / sum(n) DESC, 1 LIMIT 8
)
SELECT boxed."time", boxed.name || ' (' || boxed.box_id || ')' AS metric, boxed.total / boxed.n AS value
FROM boxed JOIN first USING (box_id) ORDER BY 1, 2

-- disk --
-- The eight boxes with the least disk left.
WITH boxed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), boxes.id AS box_id, boxes.name, min(measured.lowest) AS free
    FROM boxes CROSS JOIN LATERAL (
        SELECT bucket, lowest FROM health_5m
        WHERE $__interval_ms < 3600000 AND device_id = boxes.id AND metric = 'box.disk_free_bytes' AND zone_id = ''
            AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, lowest FROM health_1h
        WHERE $__interval_ms >= 3600000 AND device_id = boxes.id AND metric = 'box.disk_free_bytes' AND zone_id = ''
            AND $__timeFilter(bucket)
    ) AS measured
    WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY 1, 2
), least AS (
    SELECT box_id FROM boxed GROUP BY 1 ORDER BY min(free), 1 LIMIT 8
)
SELECT boxed."time", boxed.name || ' (' || boxed.box_id || ')' AS metric, boxed.free AS value
FROM boxed JOIN least USING (box_id) ORDER BY 1, 2

-- heard --
-- In which times each box told something of itself; a gap is a box that was off or silent. Those with most gaps.
WITH boxed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), boxes.id AS box_id, boxes.name, sum(measured.n) AS n
    FROM boxes CROSS JOIN LATERAL (
        SELECT bucket, n FROM health_5m
        WHERE $__interval_ms < 3600000 AND device_id = boxes.id AND metric = 'outbox.pending' AND zone_id = ''
            AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, n FROM health_1h
        WHERE $__interval_ms >= 3600000 AND device_id = boxes.id AND metric = 'outbox.pending' AND zone_id = ''
            AND $__timeFilter(bucket)
    ) AS measured
    WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY 1, 2
), rarest AS (
    SELECT box_id FROM boxed GROUP BY 1 ORDER BY count(*), 1 LIMIT 20
)
SELECT boxed."time", boxed.name || ' (' || boxed.box_id || ')' AS metric, 1 AS value
FROM boxed JOIN rarest USING (box_id) ORDER BY 1, 2

-- sight --
-- Cameras that are seen or analysed worst, over the chosen time.
SELECT {place} AS place, cameras.name AS camera, seen.analysed_fps, seen.fps, seen.brightness, seen.sharpness,
    seen.skipped, cameras.id AS camera_id
FROM cameras JOIN sites ON sites.id = cameras.site_id JOIN wards ON wards.id = sites.ward_id CROSS JOIN LATERAL (
    SELECT sum(total) FILTER (WHERE metric = 'camera.analysed_fps')
            / sum(n) FILTER (WHERE metric = 'camera.analysed_fps') AS analysed_fps,
        sum(total) FILTER (WHERE metric = 'camera.fps') / sum(n) FILTER (WHERE metric = 'camera.fps') AS fps,
        100 * sum(total) FILTER (WHERE metric = 'camera.brightness')
            / sum(n) FILTER (WHERE metric = 'camera.brightness') AS brightness,
        100 * sum(total) FILTER (WHERE metric = 'camera.sharpness')
            / sum(n) FILTER (WHERE metric = 'camera.sharpness') AS sharpness,
        sum(total) FILTER (WHERE metric = 'camera.regions_skipped') AS skipped
    FROM health_1h
    WHERE device_id = cameras.id AND zone_id = '' AND $__timeFilter(bucket) AND metric IN ('camera.analysed_fps',
        'camera.fps', 'camera.brightness', 'camera.sharpness', 'camera.regions_skipped')
) AS seen
WHERE wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) AND seen.fps IS NOT NULL
ORDER BY 3 NULLS LAST, 2 LIMIT 15

-- versions --
SELECT CASE WHEN version = '' THEN '?' ELSE version END AS version, count(*) AS boxes
FROM boxes WHERE ward_id IN (${ward:sqlstring}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12

-- care --
-- What a technician looks after in each box: its certificates, its settings, its program, its last check-up.
SELECT reports.at AS "time", wards.name AS ward, boxes.name AS box, reports.level, days.own, days.server, configs.revision,
    configs.state AS settings, nullif(configs.reason, '') AS reason, boxes.version, wished.version AS wanted,
    wished.state AS update
FROM boxes JOIN wards ON wards.id = boxes.ward_id
    LEFT JOIN LATERAL (
        SELECT at, level FROM box_reports WHERE box_reports.box_id = boxes.id ORDER BY at DESC LIMIT 1
    ) AS reports ON true
    LEFT JOIN LATERAL (
        SELECT revision, state, reason FROM box_configs WHERE box_configs.box_id = boxes.id ORDER BY revision DESC LIMIT 1
    ) AS configs ON true
    LEFT JOIN box_releases AS wished ON wished.box_id = boxes.id
    CROSS JOIN LATERAL (
        SELECT min(latest) FILTER (WHERE metric = 'box.certificate_days') AS own,
            min(latest) FILTER (WHERE metric = 'box.server_certificate_days') AS server
        FROM health_1h
        WHERE device_id = boxes.id AND metric IN ('box.certificate_days', 'box.server_certificate_days') AND zone_id = ''
            AND bucket > now() - INTERVAL '1 day'
    ) AS days
WHERE wards.id IN (${ward:sqlstring})
ORDER BY least(days.own, days.server) NULLS LAST, 2, 3 LIMIT 500
