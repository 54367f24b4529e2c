-- The handover of a shift: what happened in it, what stays open, and the note that one officer leaves to the next.

-- counts --
-- What was reported in the span, and what became of it by now.
SELECT kind, severity, state, count(*)::int AS n FROM incident_times
WHERE ward_id = %(ward)s AND (site_id IS NULL OR ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND reported_at >= %(start)s AND reported_at < %(end)s AND cause_id IS NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- times --
-- How soon somebody looked, and how soon it was done, for what was reported in the span.
SELECT count(seconds_to_acknowledge)::int AS acknowledged,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS median_to_acknowledge,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds_to_acknowledge) AS slowest_to_acknowledge,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_to_resolve)
        FILTER (WHERE reason IS DISTINCT FROM 'recovered') AS median_to_resolve
FROM incident_times
WHERE ward_id = %(ward)s AND (site_id IS NULL OR ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND reported_at >= %(start)s AND reported_at < %(end)s AND cause_id IS NULL

-- work --
-- Who did what in the span.
SELECT steps.actor, users.display_name AS actor_name, steps.action, count(*)::int AS n
FROM incident_steps AS steps
JOIN incidents ON incidents.id = steps.incident_id
JOIN users ON users.username = steps.actor
WHERE incidents.ward_id = %(ward)s
    AND (site_id IS NULL OR incidents.ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND steps.at >= %(start)s AND steps.at < %(end)s AND NOT steps.undone
GROUP BY 1, 2, 3 ORDER BY 2, 1, 3

-- comments --
SELECT steps.incident_id, incidents.kind, steps.at, steps.actor, users.display_name AS actor_name, steps.comment AS text
FROM incident_steps AS steps
JOIN incidents ON incidents.id = steps.incident_id
LEFT JOIN users ON users.username = steps.actor
WHERE incidents.ward_id = %(ward)s
    AND (site_id IS NULL OR incidents.ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND steps.at >= %(start)s AND steps.at < %(end)s AND steps.action = 'comment'
ORDER BY steps.id DESC
LIMIT 200

-- cameras --
-- Cameras that show nothing now.
SELECT cameras.id, cameras.name, cameras.site_id AS site, boxes.state AS box_state, cameras.state, cameras.fault,
    cameras.since
FROM cameras JOIN boxes ON boxes.id = cameras.box_id
WHERE boxes.ward_id = %(ward)s AND (boxes.ward_id = ANY(%(whole)s) OR cameras.site_id = ANY(%(sites)s))
    AND (boxes.state <> 'online' OR cameras.state <> 'streaming') AND cameras.retired_at IS NULL
ORDER BY boxes.id, cameras.position, cameras.id

-- add --
INSERT INTO handovers (id, ward_id, starts_at, ends_at, author, note, summary)
VALUES (%(id)s, %(ward)s, %(start)s, %(end)s, %(author)s, %(note)s, %(summary)s)

-- page --
SELECT handovers.id, ward_id, starts_at, ends_at, author, authors.display_name AS author_name, note, summary,
    written_at, accepted_by, takers.display_name AS accepted_by_name, accepted_at
FROM handovers
JOIN users AS authors ON authors.username = author
LEFT JOIN users AS takers ON takers.username = accepted_by
WHERE ward_id = ANY(%(wards)s) AND (%(id)s::uuid IS NULL OR handovers.id = %(id)s)
ORDER BY written_at DESC, handovers.id DESC
LIMIT %(limit)s

-- accept --
-- Only another officer can, and only one.
UPDATE handovers SET accepted_by = %(by)s, accepted_at = now()
WHERE id = %(id)s AND accepted_by IS NULL AND author <> %(by)s
RETURNING id
