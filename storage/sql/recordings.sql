-- What people asked of the boxes' recordings, and what became of it.

-- place --
-- Where a camera is, and which box has it.
SELECT boxes.ward_id, cameras.site_id, cameras.box_id
FROM cameras JOIN boxes ON boxes.id = cameras.box_id
WHERE cameras.id = %(camera)s

-- ask --
INSERT INTO recordings (id, ward_id, site_id, box_id, camera_id, wanted_from, wanted_to, reason, requested_by)
VALUES (%(id)s, %(ward)s, %(site)s, %(box)s, %(camera)s, %(wanted_from)s, %(wanted_to)s, %(reason)s, %(by)s)

-- notify --
-- Tell the APIs that a box has something to do; they hear of it when this transaction commits.
SELECT pg_notify('phoan_recordings', %(box)s)

-- one --
SELECT id, ward_id, site_id, box_id, camera_id, wanted_from, wanted_to, reason, requested_by, requested_at, state,
    refusal, digest, began_at, ended_at, answered_at
FROM recordings WHERE id = %(id)s

-- of_camera --
SELECT id, ward_id, site_id, box_id, camera_id, wanted_from, wanted_to, reason, requested_by, requested_at, state,
    refusal, digest, began_at, ended_at, answered_at
FROM recordings WHERE camera_id = %(camera)s
ORDER BY requested_at DESC
LIMIT %(limit)s

-- unfinished --
-- What a box has not answered for good, the oldest first. After a week nobody waits any more.
SELECT id, camera_id, wanted_from, wanted_to FROM recordings
WHERE box_id = %(box)s AND state IN ('asked', 'accepted') AND requested_at > now() - INTERVAL '7 days'
ORDER BY requested_at
LIMIT %(limit)s

-- answer --
-- A box's answer to a request of its own that is not answered for good yet; no row for any other.
UPDATE recordings SET state = %(state)s, refusal = %(refusal)s, digest = %(digest)s, began_at = %(began_at)s,
    ended_at = %(ended_at)s, answered_at = now()
WHERE id = %(id)s AND box_id = %(box)s AND state IN ('asked', 'accepted')
RETURNING id
