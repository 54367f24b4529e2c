-- How much there is to do, and how fast it is done. Symptoms that stand under another incident are left out.

-- opened --
SELECT count(*) AS opened, count(*) FILTER (WHERE severity IN ('high', 'critical')) AS severe
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- unfinished --
SELECT count(*) AS unfinished, count(*) FILTER (WHERE acknowledged_at IS NULL) AS unseen
FROM incident_times WHERE state IN ('new', 'seen', 'assigned') AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- acknowledge --
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS slowest
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL AND severity IN ('high', 'critical')
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- resolve --
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_resolve) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds_to_resolve) AS slowest
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL AND severity IN ('high', 'critical')
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- false_alarms --
-- Of what was finished.
SELECT 100.0 * count(*) FILTER (WHERE state = 'false_alarm') / nullif(count(*), 0) AS false_alarms
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL AND state IN ('resolved', 'false_alarm')
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- escalated --
SELECT count(*) FILTER (WHERE escalations > 0) AS escalated
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- by_day --
SELECT time_bucket(INTERVAL '1 day', opened_at, 'Asia/Ho_Chi_Minh') AS "time", severity AS metric, count(*) AS value
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})
GROUP BY 1, 2 ORDER BY 1, 2

-- by_hour --
SELECT to_char(make_time(hours.hour, 0, 0), 'HH24"h"') AS hour,
    count(*) FILTER (WHERE severity = 'low') AS low, count(*) FILTER (WHERE severity = 'medium') AS medium,
    count(*) FILTER (WHERE severity = 'high') AS high, count(*) FILTER (WHERE severity = 'critical') AS critical
FROM generate_series(0, 23) AS hours (hour) LEFT JOIN (
    SELECT extract(hour FROM opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS hour, severity
    FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL
        AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})
) AS times ON times.hour = hours.hour GROUP BY 1 ORDER BY 1

-- acknowledge_days --
SELECT time_bucket(INTERVAL '1 day', opened_at, 'Asia/Ho_Chi_Minh') AS "time",
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS slowest
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL AND severity IN ('high', 'critical')
    AND seconds_to_acknowledge IS NOT NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})
GROUP BY 1 ORDER BY 1

-- acknowledge_hours --
-- By the hour in which the centre learned of it: when nobody looks.
SELECT to_char(make_time(hours.hour, 0, 0), 'HH24"h"') AS hour,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY times.seconds_to_acknowledge) AS median
FROM generate_series(0, 23) AS hours (hour) LEFT JOIN (
    SELECT extract(hour FROM reported_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS hour, seconds_to_acknowledge
    FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL AND seconds_to_acknowledge IS NOT NULL
        AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})
) AS times ON times.hour = hours.hour GROUP BY 1 ORDER BY 1

-- kinds --
SELECT kind, count(*) AS opened, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS acknowledge,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_resolve) AS resolve,
    100.0 * count(*) FILTER (WHERE state = 'false_alarm')
        / nullif(count(*) FILTER (WHERE state IN ('resolved', 'false_alarm')), 0) AS false_alarms,
    count(*) FILTER (WHERE escalations > 0) AS escalated
FROM incident_times WHERE $__timeFilter(opened_at) AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 40

-- false_places --
-- Where most false alarms come from: a zone, a rule or a camera to look at.
SELECT {place} AS place, cameras.name AS camera, times.kind, count(*) AS false_alarms, max(times.opened_at) AS "time",
    cameras.id AS camera_id
FROM incident_times AS times JOIN wards ON wards.id = times.ward_id JOIN sites ON sites.id = times.site_id
    JOIN cameras ON cameras.id = times.camera_id
WHERE $__timeFilter(times.opened_at) AND times.state = 'false_alarm'
    AND wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY sites.id, wards.id, cameras.id, times.kind ORDER BY 4 DESC, 1, 2, 3 LIMIT 15

-- waiting --
-- What nobody has finished, the longest first.
SELECT times.opened_at AS "time", times.severity, times.kind, coalesce({place}, wards.name) AS place, times.state,
    extract(epoch FROM now() - times.reported_at)::double precision AS waiting, times.escalations, times.events,
    times.id::text AS incident_id
FROM incident_times AS times JOIN wards ON wards.id = times.ward_id LEFT JOIN sites ON sites.id = times.site_id
WHERE times.state IN ('new', 'seen', 'assigned') AND times.cause_id IS NULL
    AND wards.id IN (${ward:sqlstring}) AND coalesce(times.site_id, '') IN (${site:sqlstring})
ORDER BY times.reported_at LIMIT 100

-- notifications --
-- Messages to people: how many went out over each channel, how many did not, and how long they took.
SELECT notifications.channel, count(*) FILTER (WHERE notifications.state = 'sent') AS sent,
    count(*) FILTER (WHERE notifications.state = 'given_up') AS given_up,
    count(*) FILTER (WHERE notifications.state = 'pending') AS pending,
    percentile_cont(0.9) WITHIN GROUP (
        ORDER BY extract(epoch FROM notifications.sent_at - notifications.due_at)::double precision
    ) FILTER (WHERE notifications.state = 'sent') AS delay
FROM notifications JOIN incidents ON incidents.id = notifications.incident_id
WHERE $__timeFilter(incidents.opened_at) AND incidents.ward_id IN (${ward:sqlstring})
    AND coalesce(incidents.site_id, '') IN (${site:sqlstring})
GROUP BY 1 ORDER BY 1

-- handovers --
-- Shifts that were handed over and nobody has accepted yet.
SELECT count(*) FILTER (WHERE accepted_at IS NULL) AS open, count(*) AS handovers
FROM handovers WHERE $__timeFilter(written_at) AND ward_id IN (${ward:sqlstring})
