-- Which pictures and clips the centre holds.

-- put --
-- A second upload of the same bytes changes nothing.
INSERT INTO media (digest, bytes, media_type, box_id)
VALUES (%(digest)s, %(bytes)s, %(media_type)s, %(box)s)
ON CONFLICT (digest) DO NOTHING

-- find --
SELECT media_type, removed_at FROM media WHERE digest = %(digest)s

-- expired --
-- The oldest of what came before a time, but for what belongs to incidents that somebody still works on, and for what
-- another process removes at this moment.
WITH held AS MATERIALIZED (
    SELECT unnest(ARRAY[events.snapshot, events.clip, events.body ->> 'thumbnail']) AS digest
    FROM incidents
    JOIN incident_events ON incident_events.incident_id = incidents.id
    JOIN events ON events.id = incident_events.event_id AND events.opened_at = incident_events.event_opened_at
    WHERE incidents.state IN ('new', 'seen', 'assigned')
)
SELECT digest FROM media
WHERE removed_at IS NULL AND received_at < %(before)s
    AND NOT EXISTS (SELECT FROM held WHERE held.digest = media.digest)
ORDER BY received_at
LIMIT %(limit)s
FOR UPDATE OF media SKIP LOCKED

-- remove --
UPDATE media SET removed_at = now() WHERE digest = ANY(%(digests)s) AND removed_at IS NULL
