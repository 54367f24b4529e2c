-- Questions about the past, asked of the aggregates. `bucket` is the start of a time span; a day is a Vietnamese day.

-- series_5m --
-- One metric of one device over hours.
SELECT bucket, n, total / n AS mean, lowest, highest, latest, total FROM {series}_5m
WHERE device_id = %(device)s AND metric = %(metric)s AND zone_id = %(zone)s AND bucket >= %(start)s AND bucket < %(end)s
ORDER BY bucket

-- series_1h --
-- One metric of one device over weeks.
SELECT bucket, n, total / n AS mean, lowest, highest, latest, total FROM {series}_1h
WHERE device_id = %(device)s AND metric = %(metric)s AND zone_id = %(zone)s AND bucket >= %(start)s AND bucket < %(end)s
ORDER BY bucket

-- series_1d --
-- One metric of one device over a year.
SELECT bucket, n, total / n AS mean, lowest, highest, latest, total FROM {series}_1d
WHERE device_id = %(device)s AND metric = %(metric)s AND zone_id = %(zone)s AND bucket >= %(start)s AND bucket < %(end)s
ORDER BY bucket

-- events_by_hour --
-- How many events of each kind a ward had, hour by hour.
SELECT bucket, kind, severity, sum(n)::bigint AS n FROM events_1h
WHERE ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND bucket >= %(start)s AND bucket < %(end)s
GROUP BY bucket, kind, severity ORDER BY bucket, kind, severity

-- events_by_day --
SELECT bucket, kind, severity, sum(n)::bigint AS n FROM events_1d
WHERE ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND bucket >= %(start)s AND bucket < %(end)s
GROUP BY bucket, kind, severity ORDER BY bucket, kind, severity

-- busiest_cameras --
-- Where the most happened.
SELECT camera_id, sum(n)::bigint AS n FROM events_1d
WHERE ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND bucket >= %(start)s AND bucket < %(end)s AND camera_id IS NOT NULL
GROUP BY camera_id ORDER BY n DESC, camera_id LIMIT %(limit)s

-- uptime --
-- Which share of its measurements the wards' cameras were streaming, day by day.
SELECT health_1d.bucket, sum(health_1d.total) / sum(health_1d.n) AS share
FROM health_1d JOIN cameras ON cameras.id = health_1d.device_id JOIN sites ON sites.id = cameras.site_id
WHERE health_1d.metric = 'camera.streaming' AND sites.ward_id = ANY(%(wards)s)
    AND (sites.ward_id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
    AND health_1d.bucket >= %(start)s AND health_1d.bucket < %(end)s
GROUP BY health_1d.bucket ORDER BY health_1d.bucket

-- people --
-- How many people the wards' zones held together on average, bucket by bucket, and the fullest one.
SELECT counted.bucket, sum(counted.total / counted.n) AS mean, max(counted.highest) AS highest
FROM counts_{length} AS counted JOIN cameras ON cameras.id = counted.device_id JOIN sites ON sites.id = cameras.site_id
WHERE counted.metric = 'zone.people' AND sites.ward_id = ANY(%(wards)s)
    AND (sites.ward_id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
    AND counted.bucket >= %(start)s AND counted.bucket < %(end)s
GROUP BY counted.bucket ORDER BY counted.bucket
