-- What a look at a ward's payment points begins with, and what it writes.

-- wards --
-- The wards that have points, and where each clock stands.
SELECT DISTINCT wards.id, wards.time_zone
FROM wards JOIN sites ON sites.ward_id = wards.id JOIN payment_points ON payment_points.site_id = sites.id
ORDER BY wards.id

-- lock_ward --
-- One worker at a time looks at a ward; it lets go with its transaction, also when it is killed.
SELECT pg_try_advisory_xact_lock(hashtextextended('phoan-payments/' || %(ward)s, 0))

-- last_look --
SELECT at FROM payment_looks WHERE ward_id = %(ward)s

-- put_look --
INSERT INTO payment_looks (ward_id, at) VALUES (%(ward)s, %(at)s)
ON CONFLICT (ward_id) DO UPDATE SET at = excluded.at

-- points --
-- The points of a ward with their banks, and when somebody on patrol last found only their own payees there.
SELECT points.id, points.site_id AS site,
    ARRAY(SELECT DISTINCT bin FROM payment_payees WHERE point_id = points.id AND bin <> '') AS banks,
    CASE WHEN scan.verdict = 'ours' THEN scan.at END AS patrolled_at
FROM payment_points AS points JOIN sites ON sites.id = points.site_id
LEFT JOIN LATERAL (
    SELECT at, verdict FROM payment_scans
    WHERE point_id = points.id AND at <= %(at)s AND verdict IN ('ours', 'partly', 'not_ours', 'foreign')
    ORDER BY at DESC LIMIT 1
) AS scan ON true
WHERE sites.ward_id = %(ward)s AND points.ended_at IS NULL

-- alarms --
-- The alarms of codes that last, by point. What a box that never came back left open for a month is no news.
SELECT body->>'payment_point' AS point, array_agg(DISTINCT kind) AS kinds, min(opened_at) AS since
FROM events
WHERE ward_id = %(ward)s AND closed_at IS NULL AND kind LIKE 'payment\_code\_%%' AND body->>'payment_point' IS NOT NULL
    AND opened_at <= %(at)s AND opened_at > %(at)s - INTERVAL '30 days' AND NOT suspect
GROUP BY 1

-- devices --
SELECT devices.id, devices.kind, devices.site_id AS site, devices.box_id AS box, devices.payment_point_id AS point
FROM devices JOIN sites ON sites.id = devices.site_id
WHERE sites.ward_id = %(ward)s

-- sites --
-- The sites of a ward with the boxes that stand there or read something there.
SELECT sites.id, sites.opens, sites.closes, ARRAY(
    SELECT id FROM boxes WHERE site_id = sites.id
    UNION SELECT box_id FROM devices WHERE site_id = sites.id AND box_id IS NOT NULL
    UNION SELECT box_id FROM cameras WHERE site_id = sites.id
    ORDER BY 1
) AS boxes
FROM sites WHERE sites.ward_id = %(ward)s

-- newest --
-- The newest value of each of these series within a span: one short walk down the key's index for each, however long
-- the history.
SELECT wanted.device_id AS device, wanted.metric, wanted.zone_id AS zone, newest.value, newest.at
FROM unnest(%(devices)s::text[], %(metrics)s::text[], %(zones)s::text[]) AS wanted (device_id, metric, zone_id)
CROSS JOIN LATERAL (
    SELECT value, at FROM telemetry
    WHERE telemetry.device_id = wanted.device_id AND telemetry.metric = wanted.metric
        AND telemetry.zone_id = wanted.zone_id AND at > %(since)s AND at <= %(until)s AND NOT suspect
    ORDER BY at DESC LIMIT 1
) AS newest

-- notices_at --
-- The banks of which officers say at a moment that they are down.
SELECT bank, min(starts) AS since FROM bank_notices
WHERE ward_id = %(ward)s AND starts <= %(at)s AND least(until, ended_at) > %(at)s
GROUP BY bank

-- states --
SELECT states.point_id AS point, states.state, states.cause, states.place, states.since, states.hint_state,
    states.hint_cause, states.hint_place, states.hint_since, states.verified
FROM payment_states AS states JOIN payment_points AS points ON points.id = states.point_id
    JOIN sites ON sites.id = points.site_id
WHERE sites.ward_id = %(ward)s AND points.ended_at IS NULL

-- put_states --
INSERT INTO payment_states (point_id, state, cause, place, since, hint_state, hint_cause, hint_place, hint_since, verified)
SELECT * FROM unnest(%(points)s::text[], %(states)s::text[], %(causes)s::text[], %(places)s::text[],
    %(since)s::timestamptz[], %(hint_states)s::text[], %(hint_causes)s::text[], %(hint_places)s::text[],
    %(hint_since)s::timestamptz[], %(verified)s::text[])
ON CONFLICT (point_id) DO UPDATE SET state = excluded.state, cause = excluded.cause, place = excluded.place,
    since = excluded.since, hint_state = excluded.hint_state, hint_cause = excluded.hint_cause,
    hint_place = excluded.hint_place, hint_since = excluded.hint_since, verified = excluded.verified

-- forget_ended --
-- A point that was taken out of the registry is out of the figures, and its outage ends with it.
WITH gone AS (
    DELETE FROM payment_states USING payment_points AS points, sites
    WHERE points.id = payment_states.point_id AND points.ended_at IS NOT NULL AND sites.id = points.site_id
        AND sites.ward_id = %(ward)s
    RETURNING payment_states.point_id, points.ended_at
)
UPDATE payment_outages SET ended = greatest(began, gone.ended_at) FROM gone
WHERE payment_outages.ward_id = %(ward)s AND payment_outages.point_id = gone.point_id AND payment_outages.ended IS NULL

-- begin_outages --
INSERT INTO payment_outages (point_id, began, ward_id, site_id, cause, place)
SELECT begun.point_id, begun.began, %(ward)s, points.site_id, begun.cause, begun.place
FROM unnest(%(points)s::text[], %(began)s::timestamptz[], %(causes)s::text[], %(places)s::text[])
    AS begun (point_id, began, cause, place)
JOIN payment_points AS points ON points.id = begun.point_id
ON CONFLICT (point_id, began) DO UPDATE SET ended = NULL, cause = excluded.cause, place = excluded.place

-- end_outages --
UPDATE payment_outages SET ended = greatest(began, over.ended)
FROM unnest(%(points)s::text[], %(ended)s::timestamptz[]) AS over (point_id, ended)
WHERE payment_outages.ward_id = %(ward)s AND payment_outages.point_id = over.point_id AND payment_outages.ended IS NULL

-- widen_outages --
UPDATE payment_outages SET cause = wider.cause, place = wider.place
FROM unnest(%(points)s::text[], %(causes)s::text[], %(places)s::text[]) AS wider (point_id, cause, place)
WHERE payment_outages.ward_id = %(ward)s AND payment_outages.point_id = wider.point_id AND payment_outages.ended IS NULL

-- count_day --
-- Add the minutes since the last look to each site's day.
INSERT INTO payment_days AS stored (site_id, day, points, verified, open_minutes, payable_minutes, unknown_minutes,
    lost_minutes)
SELECT points.site_id, %(day)s, count(*), count(states.verified),
    %(minutes)s * count(*) FILTER (WHERE states.state <> 'closed'),
    %(minutes)s * count(*) FILTER (WHERE states.state = 'payable'),
    %(minutes)s * count(*) FILTER (WHERE states.state = 'unknown'), 0
FROM payment_states AS states JOIN payment_points AS points ON points.id = states.point_id
    JOIN sites ON sites.id = points.site_id
WHERE sites.ward_id = %(ward)s AND points.ended_at IS NULL
GROUP BY points.site_id
ON CONFLICT (site_id, day) DO UPDATE SET points = excluded.points,
    verified = least(excluded.points, greatest(stored.verified, excluded.verified)),
    open_minutes = stored.open_minutes + excluded.open_minutes,
    payable_minutes = stored.payable_minutes + excluded.payable_minutes,
    unknown_minutes = stored.unknown_minutes + excluded.unknown_minutes

-- count_lost --
-- The minutes that the points of each site could not be paid at on a day, from the spans themselves.
UPDATE payment_days SET lost_minutes = coalesce(lost.minutes, 0)
FROM sites LEFT JOIN (
    SELECT site_id, sum(extract(epoch FROM least(coalesce(ended, %(now)s), %(end)s) - greatest(began, %(start)s))) / 60
        AS minutes
    FROM payment_outages
    WHERE ward_id = %(ward)s AND began < least(%(end)s, %(now)s) AND (ended IS NULL OR ended > %(start)s)
    GROUP BY site_id
) AS lost ON lost.site_id = sites.id
WHERE payment_days.site_id = sites.id AND sites.ward_id = %(ward)s AND payment_days.day = %(day)s
    AND payment_days.lost_minutes IS DISTINCT FROM coalesce(lost.minutes, 0)

-- incidents --
-- The incidents of outages that are unfinished or ended a short while ago, what they may stand above, and silent boxes.
-- Locked, so that no officer moves one meanwhile.
SELECT id, group_key AS key, kind, kinds, severity, state, reason, site_id AS site, box_id AS box, camera_id AS camera,
    device_id AS device, opened_at, last_at, ended_at, cause, cause_id AS under,
    (SELECT coalesce(array_agg(event_id), '{}') FROM incident_events WHERE incident_id = incidents.id AND open)
        AS open_events
FROM incidents
WHERE ward_id = %(ward)s AND (
    (state IN ('new', 'seen', 'assigned') AND (
        group_key LIKE 'payment/%%' OR kind IN ('box_silent', 'device_silent', 'gateway_silent', 'mains_lost')
    ))
    OR (group_key LIKE 'payment/%%' AND ended_at >= %(since)s)
    OR id IN (
        SELECT cause_id FROM incidents WHERE ward_id = %(ward)s AND state IN ('new', 'seen', 'assigned')
            AND cause_id IS NOT NULL
    )
)
ORDER BY id
FOR UPDATE
