-- Whether streets can be paid on, in figures; what a ward aims at; what officers say of banks.

-- figures --
-- Each site that has points: how many there are, how they stand, and what was lost today.
SELECT wards.id AS ward_id, wards.name AS ward_name, wards.time_zone, sites.id AS site_id, sites.name AS site_name,
    sites.kind, count(*) AS points, count(states.verified) AS verified,
    count(*) FILTER (WHERE states.state = 'payable') AS payable,
    count(*) FILTER (WHERE states.state = 'not_payable') AS not_payable,
    count(*) FILTER (WHERE states.state = 'closed') AS closed,
    count(*) FILTER (WHERE coalesce(states.state, 'unknown') = 'unknown') AS unknown,
    coalesce((
        SELECT lost_minutes FROM payment_days WHERE site_id = sites.id AND day = (now() AT TIME ZONE wards.time_zone)::date
    ), 0) AS lost_minutes,
    (SELECT at FROM payment_looks WHERE ward_id = wards.id) AS looked_at
FROM payment_points AS points JOIN sites ON sites.id = points.site_id JOIN wards ON wards.id = sites.ward_id
    LEFT JOIN payment_states AS states ON states.point_id = points.id
WHERE points.ended_at IS NULL AND wards.id = ANY(%(wards)s)
    AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
GROUP BY wards.id, sites.id
ORDER BY wards.name, sites.name

-- lasting --
-- The outages of now: how many points each holds, and since when.
SELECT outages.ward_id, outages.cause, outages.place, min(outages.site_id) AS site_id,
    count(DISTINCT outages.site_id) AS sites, count(*) AS points, min(outages.began) AS began,
    CASE WHEN count(*) = 1 THEN min(points.name) END AS point_name
FROM payment_outages AS outages JOIN payment_points AS points ON points.id = outages.point_id
WHERE outages.ended IS NULL AND outages.ward_id = ANY(%(wards)s)
    AND (outages.ward_id = ANY(%(whole)s) OR outages.site_id = ANY(%(sites)s))
GROUP BY outages.ward_id, outages.cause, outages.place
ORDER BY points DESC, began, outages.cause, outages.place

-- past --
-- Outages that are over, the latest first. Spans of one cause and place that overlap are one.
WITH spans AS (
    SELECT ward_id, site_id, cause, place, tstzrange(began, ended, '[]') AS span, point_id
    FROM payment_outages
    WHERE ended > %(since)s AND ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
), merged AS (
    SELECT ward_id, cause, place, unnest(range_agg(span)) AS span FROM spans GROUP BY ward_id, cause, place
)
SELECT merged.ward_id, merged.cause, merged.place, min(spans.site_id) AS site_id,
    count(DISTINCT spans.site_id) AS sites, count(DISTINCT spans.point_id) AS points, lower(merged.span) AS began,
    upper(merged.span) AS ended, CASE WHEN count(DISTINCT spans.point_id) = 1 THEN min(points.name) END AS point_name
FROM merged JOIN spans USING (ward_id, cause, place) JOIN payment_points AS points ON points.id = spans.point_id
WHERE spans.span && merged.span
GROUP BY merged.ward_id, merged.cause, merged.place, merged.span
ORDER BY upper(merged.span) DESC, merged.cause, merged.place
LIMIT %(limit)s

-- days --
-- Figures day by day, of each site.
SELECT days.day, wards.id AS ward_id, sites.id AS site_id, sites.name AS site_name, sites.kind, days.points, days.verified,
    days.open_minutes, days.payable_minutes, days.unknown_minutes, days.lost_minutes
FROM payment_days AS days JOIN sites ON sites.id = days.site_id JOIN wards ON wards.id = sites.ward_id
WHERE days.day BETWEEN %(first)s AND %(last)s AND wards.id = %(ward)s
    AND wards.id = ANY(%(wards)s) AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
ORDER BY days.day, sites.name

-- targets --
SELECT ward_id, site_kind, site_id, payable, verified FROM payment_targets WHERE ward_id = ANY(%(wards)s)
ORDER BY ward_id, site_kind, site_id

-- put_target --
INSERT INTO payment_targets (ward_id, site_kind, site_id, payable, verified)
VALUES (%(ward)s, %(site_kind)s, %(site)s, %(payable)s, %(verified)s)
ON CONFLICT (ward_id, site_kind, site_id) DO UPDATE SET payable = excluded.payable, verified = excluded.verified

-- remove_target --
DELETE FROM payment_targets WHERE ward_id = %(ward)s AND site_kind = %(site_kind)s AND site_id = %(site)s

-- site_ward --
SELECT ward_id FROM sites WHERE id = %(site)s

-- notices --
-- What was said of banks, the latest first.
SELECT notices.id, notices.ward_id, notices.bank, notices.note, notices.posted_by,
    (SELECT display_name FROM users WHERE username = notices.posted_by) AS posted_by_name, notices.starts, notices.until,
    notices.ended_at, notices.ended_by, (SELECT display_name FROM users WHERE username = notices.ended_by) AS ended_by_name
FROM bank_notices AS notices
WHERE notices.ward_id = ANY(%(wards)s) AND (%(id)s::uuid IS NULL OR notices.id = %(id)s)
ORDER BY notices.starts DESC, notices.id LIMIT %(limit)s

-- post_notice --
INSERT INTO bank_notices (id, ward_id, bank, note, posted_by, until)
VALUES (%(id)s, %(ward)s, %(bank)s, %(note)s, %(posted_by)s, %(until)s)

-- end_notice --
-- Once, and only one that lasts.
UPDATE bank_notices SET ended_at = now(), ended_by = %(by)s WHERE id = %(id)s AND ended_at IS NULL AND until > now()
RETURNING id
