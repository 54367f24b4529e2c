-- What is said over loudspeakers, and what became of it.

-- speakers --
-- Loudspeakers that a box plays on, of the places that somebody sees.
SELECT devices.id, devices.name, devices.box_id, sites.id AS site_id, sites.name AS site_name, wards.id AS ward_id,
    wards.name AS ward_name
FROM devices
JOIN sites ON sites.id = devices.site_id
JOIN wards ON wards.id = sites.ward_id
WHERE devices.kind = 'speaker' AND devices.box_id IS NOT NULL
    AND wards.id = ANY(%(wards)s) AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
ORDER BY wards.id, sites.id, devices.name, devices.id

-- speakers_of_box --
SELECT devices.id, devices.name, devices.box_id, sites.id AS site_id, sites.name AS site_name, wards.id AS ward_id,
    wards.name AS ward_name
FROM devices
JOIN sites ON sites.id = devices.site_id
JOIN wards ON wards.id = sites.ward_id
WHERE devices.kind = 'speaker' AND devices.box_id = %(box)s
ORDER BY sites.id, devices.id

-- propose --
INSERT INTO announcements (id, ward_id, site_id, incident_id, template, language, said, source, digest, seconds,
    priority, proposed_by, state, expires_at)
VALUES (%(id)s, %(ward_id)s, %(site_id)s, %(incident_id)s, %(template)s, %(language)s, %(said)s, %(source)s,
    %(digest)s, %(seconds)s, %(priority)s, %(by)s, 'proposed', %(expires_at)s)

-- put_play --
INSERT INTO announcement_plays (announcement_id, speaker_id, box_id) VALUES (%(id)s, %(speaker)s, %(box)s)

-- decide --
-- Approve or refuse what nobody has decided and what is not too old; no row when somebody was first.
UPDATE announcements SET state = %(state)s, decided_by = %(by)s, decided_at = now(), remark = %(remark)s,
    expires_at = coalesce(%(expires_at)s, expires_at)
WHERE id = %(id)s AND state = 'proposed' AND expires_at > now()
RETURNING id

-- cancel --
-- Take back what is not said yet; no row for what was refused, cancelled or is over.
UPDATE announcements SET state = 'cancelled', cancelled_by = %(by)s
WHERE id = %(id)s AND state IN ('proposed', 'approved') AND expires_at > now()
    AND (state = 'proposed' OR EXISTS (
        SELECT FROM announcement_plays WHERE announcement_id = %(id)s AND announcement_plays.state IN ('waiting', 'accepted')
    ))
RETURNING id

-- cancel_plays --
-- What no box was told of is cancelled at once.
UPDATE announcement_plays SET state = 'cancelled', at = now() WHERE announcement_id = %(id)s AND state = 'waiting'
    AND %(undecided)s::boolean

-- notify --
-- Tell the APIs that these boxes have something to say; they hear of it when this transaction commits.
SELECT pg_notify('phoan_announcements', box_id) FROM (
    SELECT DISTINCT box_id FROM announcement_plays WHERE announcement_id = %(id)s
) AS boxes

-- page --
-- Announcements of the places that somebody sees, newest first.
SELECT id, ward_id, site_id, (SELECT name FROM sites WHERE sites.id = site_id) AS site_name, incident_id, template,
    language, said, source, digest, seconds, priority, proposed_by, box_id, cause, proposed_at, state, decided_by,
    decided_at, remark, cancelled_by, expires_at
FROM announcements
WHERE ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    AND (%(id)s::uuid IS NULL OR id = %(id)s)
    AND (%(incident)s::uuid IS NULL OR incident_id = %(incident)s)
    AND (%(before)s::uuid IS NULL
        OR (proposed_at, id) < (SELECT proposed_at, id FROM announcements WHERE id = %(before)s))
ORDER BY proposed_at DESC, id DESC
LIMIT %(limit)s

-- plays --
SELECT announcement_id, speaker_id, box_id, state, reason, at,
    (SELECT name FROM devices WHERE devices.id = speaker_id) AS speaker_name
FROM announcement_plays WHERE announcement_id = ANY(%(ids)s)
ORDER BY announcement_id, speaker_id

-- unfinished --
-- What a box has not answered for good, the oldest first. A day after it was too late nobody waits any more.
SELECT announcements.id, announcements.state, digest, said, priority, expires_at,
    array_agg(speaker_id ORDER BY speaker_id) AS speakers
FROM announcement_plays
JOIN announcements ON announcements.id = announcement_id
WHERE announcement_plays.box_id = %(box)s AND announcement_plays.state IN ('waiting', 'accepted')
    AND announcements.state IN ('approved', 'cancelled') AND digest IS NOT NULL
    AND expires_at > now() - INTERVAL '1 day'
GROUP BY announcements.id
ORDER BY announcements.decided_at
LIMIT %(limit)s

-- answer --
-- A box's answer for a speaker of its own that is not answered for good yet; no row for any other.
UPDATE announcement_plays SET state = %(state)s, reason = %(reason)s, at = %(at)s
WHERE announcement_id = %(id)s AND speaker_id = %(speaker)s AND box_id = %(box)s AND state IN ('waiting', 'accepted')
RETURNING (SELECT ward_id FROM announcements WHERE announcements.id = announcement_id)

-- put_own --
-- What a box said by its own rule. Telling it again changes nothing, and a box speaks for its own ward only.
INSERT INTO announcements (id, ward_id, site_id, template, language, said, source, digest, seconds, priority, box_id,
    cause, proposed_at, state, expires_at)
SELECT %(id)s, boxes.ward_id, sites.id, %(template)s, 'vi', %(said)s, 'spoken', %(digest)s, 0, 'fire', boxes.id,
    %(cause)s, %(at)s, 'approved', %(at)s
FROM boxes JOIN sites ON sites.ward_id = boxes.ward_id
WHERE boxes.id = %(box)s AND sites.id = %(site)s
ON CONFLICT (id) DO NOTHING
RETURNING ward_id

-- put_own_play --
INSERT INTO announcement_plays (announcement_id, speaker_id, box_id, state, reason, at)
VALUES (%(id)s, %(speaker)s, %(box)s, %(state)s, %(reason)s, %(at)s)
ON CONFLICT (announcement_id, speaker_id) DO NOTHING
