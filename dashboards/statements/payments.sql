-- Where people pay without cash: can they now, why not, how it goes day by day. No payments and no accounts are here.

-- points --
SELECT count(*) AS points, count(states.verified) AS verified,
    count(*) FILTER (WHERE states.state = 'not_payable') AS not_payable,
    count(*) FILTER (WHERE coalesce(states.state, 'unknown') = 'unknown') AS unknown
FROM payment_points AS points JOIN sites ON sites.id = points.site_id
    LEFT JOIN payment_states AS states ON states.point_id = points.id
WHERE points.ended_at IS NULL AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- payable --
SELECT 100.0 * count(*) FILTER (WHERE states.state = 'payable')
    / nullif(count(*) FILTER (WHERE states.state IN ('payable', 'not_payable')), 0) AS payable
FROM payment_points AS points JOIN sites ON sites.id = points.site_id
    LEFT JOIN payment_states AS states ON states.point_id = points.id
WHERE points.ended_at IS NULL AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- lost --
-- Minutes of all points together that were lost in the chosen days.
SELECT coalesce(sum(days.lost_minutes), 0) AS lost
FROM payment_days AS days JOIN sites ON sites.id = days.site_id
WHERE days.day BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        AND ($__timeTo()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- swapped --
-- Payment codes that somebody tampered with and nobody has finished yet.
SELECT count(*) AS swapped FROM incidents
WHERE state IN ('new', 'seen', 'assigned') AND cause_id IS NULL
    AND kind IN ('payment_code_mismatch', 'payment_code_foreign', 'payment_code_added')
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- waiting --
-- Changes of the registry that wait for a second person.
SELECT count(*) AS waiting FROM payment_changes WHERE state = 'proposed' AND ward_id IN (${ward:sqlstring})

-- sites --
-- Each site against its target: the nearest of site, kind of site and ward counts, else 90 %.
SELECT {place} AS place, sites.kind, count(*) AS points,
    100.0 * count(states.verified) / count(*) AS verified,
    100.0 * count(*) FILTER (WHERE states.state = 'payable')
        / nullif(count(*) FILTER (WHERE states.state IN ('payable', 'not_payable')), 0) AS payable,
    100 * coalesce((
        SELECT targets.payable FROM payment_targets AS targets
        WHERE targets.ward_id = sites.ward_id AND targets.site_id IN ('', sites.id)
            AND targets.site_kind IN ('', sites.kind)
        ORDER BY targets.site_id = sites.id DESC, targets.site_kind = sites.kind DESC LIMIT 1
    ), 0.9) AS target,
    count(*) FILTER (WHERE states.state = 'not_payable') AS not_payable,
    count(*) FILTER (WHERE states.state = 'closed') AS closed,
    count(*) FILTER (WHERE coalesce(states.state, 'unknown') = 'unknown') AS unknown
FROM payment_points AS points JOIN sites ON sites.id = points.site_id JOIN wards ON wards.id = sites.ward_id
    LEFT JOIN payment_states AS states ON states.point_id = points.id
WHERE points.ended_at IS NULL AND wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY sites.id, wards.id ORDER BY 5 NULLS LAST, 1 LIMIT 200

-- days --
-- The share of the open time in which points could be paid at, as on the wall; the eight sites with most points.
WITH daily AS (
    SELECT (days.day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh') AS "time", sites.id AS site_id, days.points,
        100 * days.payable_minutes / nullif(days.open_minutes, 0) AS payable
    FROM payment_days AS days JOIN sites ON sites.id = days.site_id
    WHERE days.day BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
            AND ($__timeTo()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
), largest AS (
    SELECT site_id FROM daily GROUP BY 1 ORDER BY max(points) DESC, 1 LIMIT 8
)
SELECT daily."time", {place} AS metric, daily.payable AS value
FROM daily JOIN largest USING (site_id) JOIN sites ON sites.id = daily.site_id JOIN wards ON wards.id = sites.ward_id
ORDER BY 1, 2

-- registered --
-- Points that are registered, and of them those whose code somebody or a camera has verified, day by day.
SELECT (days.day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh') AS "time", sum(days.points) AS points,
    sum(days.verified) AS verified
FROM payment_days AS days JOIN sites ON sites.id = days.site_id
WHERE days.day BETWEEN ($__timeFrom()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        AND ($__timeTo()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY 1 ORDER BY 1

-- causes --
-- Minutes that were lost in the chosen time, by cause.
SELECT cause, sum(extract(epoch FROM least(coalesce(ended, now()), $__timeTo()::timestamptz)
        - greatest(began, $__timeFrom()::timestamptz)) / 60)::double precision AS minutes
FROM payment_outages
WHERE began < $__timeTo()::timestamptz AND (ended > $__timeFrom()::timestamptz OR ended IS NULL)
    AND ward_id IN (${ward:sqlstring}) AND site_id IN (${site:sqlstring})
GROUP BY 1 ORDER BY 2 DESC

-- outages --
-- Spans of one cause at one place, those that last first.
SELECT min(outages.began) AS "time", outages.cause, {place} AS place,
    count(DISTINCT outages.point_id) AS points,
    CASE WHEN count(DISTINCT outages.point_id) = 1 THEN min(points.name) END AS point,
    extract(epoch FROM max(coalesce(outages.ended, now())) - min(outages.began))::double precision AS lasted,
    bool_or(outages.ended IS NULL)::int AS now,
    CASE WHEN count(DISTINCT outages.point_id) = 1 THEN min(outages.point_id) ELSE '' END AS point_id
FROM payment_outages AS outages JOIN sites ON sites.id = outages.site_id JOIN wards ON wards.id = outages.ward_id
    LEFT JOIN payment_points AS points ON points.id = outages.point_id
WHERE outages.began < $__timeTo()::timestamptz
    AND (outages.ended > $__timeFrom()::timestamptz OR outages.ended IS NULL)
    AND wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY outages.cause, outages.place, sites.id, wards.id, time_bucket(INTERVAL '10 minutes', outages.began)
ORDER BY 7 DESC, 1 DESC LIMIT 100

-- worst --
-- The points that were out longest in the chosen time.
SELECT points.name AS point, {place} AS place, count(*) AS outages,
    sum(extract(epoch FROM least(coalesce(outages.ended, now()), $__timeTo()::timestamptz)
        - greatest(outages.began, $__timeFrom()::timestamptz)))::double precision AS lost, points.id AS point_id
FROM payment_outages AS outages JOIN payment_points AS points ON points.id = outages.point_id
    JOIN sites ON sites.id = points.site_id JOIN wards ON wards.id = sites.ward_id
WHERE outages.began < $__timeTo()::timestamptz
    AND (outages.ended > $__timeFrom()::timestamptz OR outages.ended IS NULL)
    AND wards.id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY points.id, sites.id, wards.id ORDER BY 4 DESC, 1 LIMIT 15

-- codes --
-- What became of payment codes, day by day.
SELECT events_1d.bucket AS "time", coalesce(kinds.name, events_1d.kind) AS metric, sum(events_1d.n) AS value
FROM events_1d LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = events_1d.kind
WHERE starts_with(events_1d.kind, 'payment_code_') AND $__timeFilter(events_1d.bucket)
    AND events_1d.ward_id IN (${ward:sqlstring}) AND events_1d.site_id IN (${site:sqlstring})
GROUP BY 1, 2 ORDER BY 1, 2

-- scans --
-- What patrols found with their phones.
SELECT verdict, count(*) AS scans FROM payment_scans
WHERE $__timeFilter(at) AND ward_id IN (${ward:sqlstring}) GROUP BY 1 ORDER BY 2 DESC, 1

-- banks --
-- Which banks the boxes reached for the least of the time.
SELECT 'BIN ' || tried.zone_id AS bank, 100 * sum(tried.total) / sum(tried.n) AS reached
FROM boxes CROSS JOIN LATERAL (
    SELECT zone_id, n, total FROM telemetry_1h
    WHERE device_id = boxes.id AND metric = 'probe.bank' AND $__timeFilter(bucket) OFFSET 0
) AS tried
WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY tried.zone_id ORDER BY 2, 1 LIMIT 12
