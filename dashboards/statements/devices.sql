-- Sensors, meters, loudspeakers: which are silent or weak, and what they measure. {place} is a site's name.

-- silent --
SELECT count(*) FILTER (WHERE latest.life = 0) AS silent,
    count(*) FILTER (WHERE coalesce(latest.life, 1) = 1) AS unknown, count(*) AS devices
FROM devices JOIN sites ON sites.id = devices.site_id LEFT JOIN LATERAL (
    SELECT latest AS life FROM telemetry_5m
    WHERE device_id = devices.id AND metric = 'device.life' AND zone_id = '' AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY bucket DESC LIMIT 1
) AS latest ON true
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- ringing --
-- Detectors whose newest word within 15 minutes is an alarm.
SELECT count(*) FILTER (WHERE newest.value > 0) AS ringing
FROM devices JOIN sites ON sites.id = devices.site_id CROSS JOIN LATERAL (
    SELECT DISTINCT ON (metric) metric, latest AS value FROM telemetry_5m
    WHERE device_id = devices.id AND metric IN ('smoke', 'heat', 'gas', 'co_alarm', 'water_leak') AND zone_id = ''
        AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY metric, bucket DESC
) AS newest
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- weak --
-- Batteries that say they are low or hold less than a fifth, as told within a day.
SELECT count(DISTINCT devices.id) FILTER (
        WHERE (newest.metric = 'battery_low' AND newest.value > 0) OR (newest.metric = 'battery_pct' AND newest.value < 20)
    ) AS weak
FROM devices JOIN sites ON sites.id = devices.site_id CROSS JOIN LATERAL (
    SELECT DISTINCT ON (metric) metric, latest AS value FROM telemetry_1h
    WHERE device_id = devices.id AND metric IN ('battery_low', 'battery_pct') AND zone_id = ''
        AND bucket > now() - INTERVAL '1 day'
    ORDER BY metric, bucket DESC
) AS newest
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- mains_out --
-- Places whose newest word of the mains within 15 minutes is that there are none.
SELECT count(DISTINCT devices.site_id) FILTER (
        WHERE (newest.metric = 'power.mains' AND newest.value = 0) OR (newest.metric = 'ups.on_battery' AND newest.value > 0)
    ) AS sites
FROM devices JOIN sites ON sites.id = devices.site_id CROSS JOIN LATERAL (
    SELECT DISTINCT ON (metric) metric, latest AS value FROM telemetry_5m
    WHERE device_id = devices.id AND metric IN ('power.mains', 'ups.on_battery') AND zone_id = ''
        AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY metric, bucket DESC
) AS newest
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- devices --
-- The silent ones first. "time" is when a device itself said something last, within a week.
SELECT told.at AS "time", {place} AS place, devices.name AS device, devices.kind, boxes.name AS box, life.life,
    told.battery, told.quality, devices.gateway_id AS gateway, devices.id AS device_id
FROM devices JOIN sites ON sites.id = devices.site_id JOIN wards ON wards.id = sites.ward_id
    LEFT JOIN boxes ON boxes.id = devices.box_id
    LEFT JOIN LATERAL (
        SELECT latest AS life FROM telemetry_5m
        WHERE device_id = devices.id AND metric = 'device.life' AND zone_id = ''
            AND bucket > now() - INTERVAL '15 minutes'
        ORDER BY bucket DESC LIMIT 1
    ) AS life ON true
    CROSS JOIN LATERAL (
        SELECT max(latest_at) AS at, min(latest) FILTER (WHERE metric = 'battery_pct') AS battery,
            min(latest) FILTER (WHERE metric = 'link.quality') AS quality
        FROM (
            SELECT DISTINCT ON (metric) metric, latest, latest_at FROM telemetry_1d
            WHERE device_id = devices.id AND metric <> 'device.life' AND bucket > now() - INTERVAL '7 days'
            ORDER BY metric, bucket DESC
        ) AS newest
    ) AS told
WHERE wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
ORDER BY coalesce(life.life, 1), 2, 3 LIMIT 500

-- measured --
-- The eight devices with the highest {variant}.
WITH placed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), devices.id AS device_id, devices.name, devices.site_id,
        sum(measured.total) / sum(measured.n) AS value, max(measured.highest) AS highest
    FROM devices JOIN sites ON sites.id = devices.site_id CROSS JOIN LATERAL (
        SELECT bucket, n, total, highest FROM telemetry_5m
        WHERE $__interval_ms < 3600000 AND device_id = devices.id AND metric = '{variant}' AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, n, total, highest FROM telemetry_1h
        WHERE $__interval_ms >= 3600000 AND device_id = devices.id AND metric = '{variant}' AND $__timeFilter(bucket)
    ) AS measured
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2
), first AS (
    SELECT device_id FROM placed GROUP BY 1 ORDER BY max(highest) DESC, 1 LIMIT 8
)
SELECT placed."time", placed.name || ' · ' || {place} AS metric, avg(placed.value) AS value
FROM placed JOIN first USING (device_id) JOIN sites ON sites.id = placed.site_id JOIN wards ON wards.id = sites.ward_id
GROUP BY 1, 2 ORDER BY 1, 2

-- mains --
-- Whether there was mains power: 1 yes, 0 no. A UPS that runs on its battery says no.
SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), devices.name || ' · ' || {place} AS metric,
    min(CASE measured.metric WHEN 'power.mains' THEN measured.lowest ELSE 1 - measured.highest END) AS value
FROM devices JOIN sites ON sites.id = devices.site_id JOIN wards ON wards.id = sites.ward_id CROSS JOIN LATERAL (
    SELECT bucket, metric, lowest, highest FROM telemetry_5m
    WHERE $__interval_ms < 3600000 AND device_id = devices.id AND metric IN ('power.mains', 'ups.on_battery')
        AND $__timeFilter(bucket)
    UNION ALL
    SELECT bucket, metric, lowest, highest FROM telemetry_1h
    WHERE $__interval_ms >= 3600000 AND device_id = devices.id AND metric IN ('power.mains', 'ups.on_battery')
        AND $__timeFilter(bucket)
) AS measured
WHERE wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2 ORDER BY 1, 2

-- probes --
-- Whether boxes reached names, the internet and banks: the least of each step.
SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL),
    boxes.name || ' (' || boxes.id || ') · '
        || CASE measured.metric WHEN 'probe.dns' THEN 'DNS' WHEN 'probe.internet' THEN 'Internet'
            ELSE 'BIN ' || measured.zone_id END AS metric,
    min(measured.lowest) AS value
FROM boxes CROSS JOIN LATERAL (
    SELECT bucket, metric, zone_id, lowest FROM telemetry_5m
    WHERE $__interval_ms < 3600000 AND device_id = boxes.id AND metric IN ('probe.dns', 'probe.internet', 'probe.bank')
        AND $__timeFilter(bucket)
    UNION ALL
    SELECT bucket, metric, zone_id, lowest FROM telemetry_1h
    WHERE $__interval_ms >= 3600000 AND device_id = boxes.id AND metric IN ('probe.dns', 'probe.internet', 'probe.bank')
        AND $__timeFilter(bucket)
) AS measured
WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY 1, 2 ORDER BY 1, 2

-- alarms --
SELECT events_1d.bucket AS "time", coalesce(kinds.name, events_1d.kind) AS metric, sum(events_1d.n) AS value
FROM events_1d LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = events_1d.kind
WHERE events_1d.kind IN ('smoke', 'heat', 'gas', 'after_hours_load', 'mains_lost', 'door_opened', 'water_leak',
        'air_quality', 'device_silent', 'gateway_silent')
    AND $__timeFilter(events_1d.bucket) AND events_1d.ward_id IN (${ward:sqlstring})
    AND events_1d.site_id IN (${site:sqlstring})
GROUP BY 1, 2 ORDER BY 1, 2

-- kinds --
-- How many of each kind there are, and how many of them are silent now.
SELECT devices.kind, count(*) AS devices, count(*) FILTER (WHERE latest.life = 0) AS silent
FROM devices JOIN sites ON sites.id = devices.site_id LEFT JOIN LATERAL (
    SELECT latest AS life FROM telemetry_5m
    WHERE device_id = devices.id AND metric = 'device.life' AND zone_id = '' AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY bucket DESC LIMIT 1
) AS latest ON true
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1
