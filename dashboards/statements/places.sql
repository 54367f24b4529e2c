-- Streets and markets: how many people, when, and what happens there. {place} is a site's name, {kinds} those of kinds.

-- people_now --
SELECT {place} AS place, sum(newest.latest) AS people
FROM cameras JOIN sites ON sites.id = cameras.site_id JOIN wards ON wards.id = sites.ward_id CROSS JOIN LATERAL (
    SELECT DISTINCT ON (zone_id) zone_id, latest FROM counts_5m
    WHERE device_id = cameras.id AND metric = 'zone.people' AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY zone_id, bucket DESC
) AS newest
WHERE wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY sites.id, wards.id ORDER BY 2 DESC, 1 LIMIT 12

-- people --
-- The mean of each zone, added up over a site; the eight sites with most people.
WITH zones AS (
    SELECT $__timeGroupAlias(counted.bucket, $__interval, NULL), sites.id AS site_id, cameras.id AS camera_id,
        counted.zone_id, sum(counted.total) / sum(counted.n) AS people
    FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
        SELECT bucket, zone_id, n, total FROM counts_5m
        WHERE $__interval_ms < 3600000 AND device_id = cameras.id AND metric = 'zone.people' AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, zone_id, n, total FROM counts_1h
        WHERE $__interval_ms >= 3600000 AND device_id = cameras.id AND metric = 'zone.people' AND $__timeFilter(bucket)
    ) AS counted
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2, 3, 4
), busiest AS (
    SELECT site_id FROM zones GROUP BY 1 ORDER BY sum(people) DESC LIMIT 8
)
SELECT zones."time", {place} AS metric, sum(zones.people) AS value
FROM zones JOIN busiest USING (site_id) JOIN sites ON sites.id = zones.site_id JOIN wards ON wards.id = sites.ward_id
GROUP BY 1, sites.id, wards.id ORDER BY 1, 2

-- people_hours --
-- Every hour stands there, also one that nobody was counted in.
SELECT to_char(make_time(hours.hour, 0, 0), 'HH24"h"') AS hour, avg(counted.people) AS people
FROM generate_series(0, 23) AS hours (hour) LEFT JOIN (
    SELECT extract(hour FROM counted.bucket AT TIME ZONE 'Asia/Ho_Chi_Minh') AS hour, sum(counted.total / counted.n) AS people
    FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
        SELECT bucket, n, total FROM counts_1h
        WHERE device_id = cameras.id AND metric = 'zone.people' AND $__timeFilter(bucket) OFFSET 0
    ) AS counted
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY counted.bucket
) AS counted ON counted.hour = hours.hour GROUP BY 1 ORDER BY 1

-- crossings --
SELECT $__timeGroupAlias(counted.bucket, $__interval, 0), counted.metric, sum(counted.total) AS value
FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
    SELECT bucket, metric, total FROM counts_1h
    WHERE device_id = cameras.id AND metric IN ('line.in', 'line.out', 'line.in_vehicle', 'line.out_vehicle')
        AND $__timeFilter(bucket) OFFSET 0
) AS counted
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2 ORDER BY 1, 2

-- visitors --
-- People who came in, day by day; the eight sites with most.
WITH daily AS (
    SELECT counted.bucket, sites.id AS site_id, sum(counted.total) AS people
    FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
        SELECT bucket, total FROM counts_1d
        WHERE device_id = cameras.id AND metric = 'line.in' AND $__timeFilter(bucket) OFFSET 0
    ) AS counted
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring}) GROUP BY 1, 2
), busiest AS (
    SELECT site_id FROM daily GROUP BY 1 ORDER BY sum(people) DESC LIMIT 8
)
SELECT daily.bucket AS "time", {place} AS metric, daily.people AS value
FROM daily JOIN busiest USING (site_id) JOIN sites ON sites.id = daily.site_id JOIN wards ON wards.id = sites.ward_id
ORDER BY 1, 2

-- alert_hours --
SELECT to_char(make_time(hours.hour, 0, 0), 'HH24"h"') AS hour,
    coalesce(sum(n) FILTER (WHERE severity = 'low'), 0) AS low,
    coalesce(sum(n) FILTER (WHERE severity = 'medium'), 0) AS medium,
    coalesce(sum(n) FILTER (WHERE severity = 'high'), 0) AS high,
    coalesce(sum(n) FILTER (WHERE severity = 'critical'), 0) AS critical
FROM generate_series(0, 23) AS hours (hour) LEFT JOIN (
    SELECT extract(hour FROM bucket AT TIME ZONE 'Asia/Ho_Chi_Minh') AS hour, severity, n FROM events_1h
    WHERE $__timeFilter(bucket) AND ward_id IN (${ward:sqlstring}) AND site_id IN (${site:sqlstring})
) AS alerts ON alerts.hour = hours.hour GROUP BY 1 ORDER BY 1

-- alert_days --
-- The eight most frequent kinds.
WITH daily AS (
    SELECT bucket, kind, sum(n) AS n FROM events_1d
    WHERE $__timeFilter(bucket) AND ward_id IN (${ward:sqlstring}) AND site_id IN (${site:sqlstring}) GROUP BY 1, 2
), frequent AS (
    SELECT kind FROM daily GROUP BY 1 ORDER BY sum(n) DESC, 1 LIMIT 8
)
SELECT daily.bucket AS "time", coalesce(kinds.name, daily.kind) AS metric, daily.n AS value
FROM daily JOIN frequent USING (kind) LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = daily.kind
ORDER BY 1, 2

-- zones --
-- The fullest zones, and the five minutes in which each was fullest.
WITH hourly AS (
    SELECT cameras.id AS device_id, counted.bucket, counted.zone_id, counted.n, counted.total, counted.highest
    FROM cameras JOIN sites ON sites.id = cameras.site_id CROSS JOIN LATERAL (
        SELECT bucket, zone_id, n, total, highest FROM counts_1h
        WHERE device_id = cameras.id AND metric = 'zone.people' AND $__timeFilter(bucket) OFFSET 0
    ) AS counted
    WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
), fullest AS (
    SELECT device_id, zone_id, sum(total) / sum(n) AS mean, max(highest) AS peak
    FROM hourly GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1, 2 LIMIT 15
)
SELECT moment.bucket AS "time", {place} AS place, cameras.name AS camera, coalesce(zones.name, fullest.zone_id) AS zone,
    fullest.mean, fullest.peak, cameras.id AS camera_id
FROM fullest JOIN cameras ON cameras.id = fullest.device_id JOIN sites ON sites.id = cameras.site_id
    JOIN wards ON wards.id = sites.ward_id
    LEFT JOIN zones ON zones.camera_id = fullest.device_id AND zones.id = fullest.zone_id
    CROSS JOIN LATERAL (
        SELECT max(bucket) AS bucket FROM hourly
        WHERE hourly.device_id = fullest.device_id AND hourly.zone_id = fullest.zone_id AND highest = fullest.peak
    ) AS within
    CROSS JOIN LATERAL (
        SELECT counts_5m.bucket FROM counts_5m
        WHERE counts_5m.device_id = fullest.device_id AND counts_5m.metric = 'zone.people'
            AND counts_5m.zone_id = fullest.zone_id AND counts_5m.bucket >= within.bucket
            AND counts_5m.bucket < within.bucket + INTERVAL '1 hour'
        ORDER BY counts_5m.highest DESC, counts_5m.bucket LIMIT 1
    ) AS moment
ORDER BY fullest.peak DESC, fullest.mean DESC, 3, 4

-- sites --
-- What there is at each site, and how much of it does not work now.
SELECT {place} AS place, sites.kind,
    (SELECT count(*) FROM cameras WHERE site_id = sites.id AND retired_at IS NULL) AS cameras,
    (SELECT count(*) FROM cameras JOIN boxes ON boxes.id = box_id
        WHERE cameras.site_id = sites.id AND cameras.retired_at IS NULL
            AND (cameras.state <> 'streaming' OR boxes.state <> 'online')) AS dark,
    (SELECT count(*) FROM devices WHERE site_id = sites.id) AS devices,
    (SELECT count(*) FROM payment_points WHERE site_id = sites.id AND ended_at IS NULL) AS points,
    (SELECT count(*) FROM incidents WHERE incidents.ward_id = sites.ward_id AND incidents.site_id = sites.id
        AND incidents.state IN ('new', 'seen', 'assigned') AND incidents.cause_id IS NULL) AS unfinished,
    coalesce(alerts.n, 0)::bigint AS alerts
FROM sites JOIN wards ON wards.id = sites.ward_id LEFT JOIN (
    SELECT site_id, sum(n) AS n FROM events_1h WHERE $__timeFilter(bucket) GROUP BY 1
) AS alerts ON alerts.site_id = sites.id
WHERE wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
ORDER BY alerts DESC, 1 LIMIT 200
