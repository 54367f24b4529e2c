-- How events gather into incidents: the queue of what is not correlated yet, what the rules look at, and what they do.

-- queued_wards --
SELECT DISTINCT ward_id FROM correlation_queue

-- waiting --
SELECT count(*) FROM correlation_queue

-- wards --
SELECT id FROM wards

-- lock_ward --
-- One worker at a time decides for a ward; it lets go with its transaction, also when it is killed.
SELECT pg_try_advisory_xact_lock(hashtextextended('phoan-incidents/' || %(ward)s, 0))

-- take --
-- The oldest entries of the queue; they come back if this transaction does not commit.
DELETE FROM correlation_queue WHERE id IN (
    SELECT id FROM correlation_queue WHERE ward_id = %(ward)s ORDER BY id LIMIT %(limit)s
)
RETURNING event_id, event_opened_at

-- sightings --
-- The newest revision of these events. A time that cannot be right is replaced by the one at which the event came.
SELECT id, opened_at AS key_opened_at, revision, kind, severity, site_id AS site, box_id AS box, camera_id AS camera,
    device_id AS device, phase = 'close' AS closed,
    CASE WHEN suspect THEN received_at ELSE least(opened_at, now()) END AS opened_at,
    CASE WHEN suspect THEN received_at ELSE least(greatest(opened_at, coalesce(closed_at, at)), now()) END AS last_at
FROM events
WHERE (id, opened_at) IN (SELECT * FROM unnest(%(ids)s::uuid[], %(opened)s::timestamptz[]))
    AND opened_at = ANY(%(opened)s)
ORDER BY opened_at, id

-- membership --
SELECT event_id, incident_id FROM incident_events WHERE event_id = ANY(%(ids)s)

-- candidates --
-- The incidents that events of these groups may join, that hold them already, or that may explain them. Locked, so that
-- no officer moves one meanwhile.
SELECT id, group_key AS key, kind, kinds, severity, state, reason, site_id AS site, box_id AS box, camera_id AS camera,
    device_id AS device, opened_at, last_at, ended_at, cause, cause_id AS under,
    (SELECT coalesce(array_agg(event_id), '{}') FROM incident_events WHERE incident_id = incidents.id AND open)
        AS open_events
FROM incidents
WHERE ward_id = %(ward)s AND (
    id = ANY(%(ids)s) OR (group_key = ANY(%(keys)s) AND last_at >= %(since)s)
    OR (group_key = ANY(%(keys)s) AND state IN ('new', 'seen', 'assigned') AND open_events > 0)
    OR (group_key = ANY(%(boxes)s) AND (ended_at IS NULL OR ended_at >= %(since)s))
)
ORDER BY id
FOR UPDATE

-- box_incidents --
-- The unfinished silences of a ward, those that ended a short while ago, and whatever else of their boxes is unfinished.
SELECT id, group_key AS key, kind, kinds, severity, state, reason, site_id AS site, box_id AS box, camera_id AS camera,
    device_id AS device, opened_at, last_at, ended_at, cause, cause_id AS under,
    (SELECT coalesce(array_agg(event_id), '{}') FROM incident_events WHERE incident_id = incidents.id AND open)
        AS open_events
FROM incidents
WHERE ward_id = %(ward)s AND (
    (kind = 'box_silent' AND (state IN ('new', 'seen', 'assigned') OR ended_at >= %(since)s))
    OR (state IN ('new', 'seen', 'assigned') AND box_id = ANY(%(boxes)s))
    OR (state IN ('new', 'seen', 'assigned') AND (cause_id IS NOT NULL OR group_key LIKE 'payment/%%'))
)
ORDER BY id
FOR UPDATE

-- silences --
-- Whether a look at the boxes can matter: one is not online and heard of, or an incident waits for one.
SELECT EXISTS (
    SELECT FROM boxes WHERE ward_id = %(ward)s AND state <> 'unknown'
        AND (state = 'offline' OR state_at < now() - %(silent)s::interval)
) OR EXISTS (
    SELECT FROM incidents WHERE ward_id = %(ward)s AND state IN ('new', 'seen', 'assigned')
        AND (kind = 'box_silent' OR cause_id IS NOT NULL)
)

-- boxes --
-- Every box of a ward: its place, its word, and when anything of it last arrived.
SELECT boxes.id, coalesce(boxes.site_id, (
        SELECT site_id FROM cameras WHERE box_id = boxes.id ORDER BY position, id LIMIT 1
    )) AS site, boxes.state, boxes.state_at,
    greatest(boxes.state_at, (SELECT max(last_at) FROM box_ledgers WHERE box_id = boxes.id)) AS heard_at
FROM boxes
WHERE boxes.ward_id = %(ward)s
ORDER BY boxes.id

-- mains --
-- The last word of each box, or of a device that it reads, on whether there is mains power.
SELECT box_id AS box, at, value > 0.5 IS DISTINCT FROM metric = ANY(%(on_battery)s) AS present
FROM (
    SELECT DISTINCT ON (box_id) box_id, metric, at, value
    FROM telemetry
    WHERE box_id = ANY(%(boxes)s) AND metric = ANY(%(on_mains)s::text[] || %(on_battery)s::text[]) AND NOT suspect
        AND at > %(since)s AND device_id IN (
            SELECT id FROM devices WHERE box_id = ANY(%(boxes)s) UNION SELECT unnest(%(boxes)s::text[])
        )
    ORDER BY box_id, at DESC
) AS newest

-- open --
INSERT INTO incidents (id, ward_id, site_id, box_id, camera_id, device_id, group_key, kind, kinds, severity, cause,
    opened_at, last_at)
VALUES (%(id)s, %(ward)s, %(site)s, %(box)s, %(camera)s, %(device)s, %(key)s, %(kind)s, %(kinds)s, %(severity)s, %(cause)s,
    least(%(opened_at)s, now()), %(last_at)s)

-- put_events --
-- Add events to incidents, or take note of newer revisions; a row for each that is news.
INSERT INTO incident_events AS stored (event_id, event_opened_at, incident_id, open, revision)
SELECT * FROM unnest(%(events)s::uuid[], %(opened)s::timestamptz[], %(incidents)s::uuid[], %(open)s::boolean[],
    %(revisions)s::int[])
ON CONFLICT (event_id) DO UPDATE SET open = excluded.open, revision = excluded.revision
WHERE stored.revision < excluded.revision
RETURNING incident_id

-- refresh --
-- Bring an incident's own columns up to its events.
UPDATE incidents SET
    kind = %(kind)s, kinds = %(kinds)s, severity = %(severity)s, opened_at = %(opened_at)s, last_at = %(last_at)s,
    events = found.events, open_events = found.open_events
FROM (
    SELECT count(*) AS events, count(*) FILTER (WHERE open) AS open_events
    FROM incident_events WHERE incident_id = %(id)s
) AS found
WHERE id = %(id)s

-- hide --
UPDATE incidents SET cause_id = %(under)s WHERE id = %(id)s AND cause_id IS DISTINCT FROM %(under)s RETURNING state

-- blame --
UPDATE incidents SET cause = %(cause)s WHERE id = %(id)s

-- forget_changes --
-- Where no notifier runs, nobody takes these away.
DELETE FROM incident_changes WHERE at < now() - INTERVAL '1 day'
