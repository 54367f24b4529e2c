-- Incidents as officers work on them: what they see, and each step, guarded where it is taken.

-- page --
-- Incidents newest first: the newest of each ward, which an index holds in order. Hidden ones only where they are asked
-- for.
SELECT found.*, (SELECT display_name FROM users WHERE username = assignee) AS assignee_name
FROM unnest(%(wards)s::text[]) AS seen (ward) CROSS JOIN LATERAL (
    SELECT * FROM incident_times
    WHERE ward_id = seen.ward
        AND (site_id IS NULL OR ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
        AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
        AND (%(severities)s::text[] IS NULL OR severity = ANY(%(severities)s))
        AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s))
        AND (%(ward)s::text IS NULL OR ward_id = %(ward)s)
        AND (%(site)s::text IS NULL OR site_id = %(site)s)
        AND (%(camera)s::text IS NULL OR camera_id = %(camera)s)
        AND (%(device)s::text IS NULL OR device_id = %(device)s)
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
        AND (%(anywhere)s OR ward_id = ANY(%(at_wards)s) OR site_id = ANY(%(at_sites)s)
            OR camera_id = ANY(%(at_cameras)s) OR device_id = ANY(%(at_devices)s))
        AND (%(assignee)s::text IS NULL OR assignee = %(assignee)s)
        AND (%(start)s::timestamptz IS NULL OR opened_at >= %(start)s)
        AND (%(end)s::timestamptz IS NULL OR opened_at < %(end)s)
        AND (%(under)s::uuid IS NULL OR cause_id = %(under)s)
        AND (%(hidden)s OR cause_id IS NULL)
        AND (%(before_at)s::timestamptz IS NULL OR (opened_at, id) < (%(before_at)s, %(before_id)s::uuid))
    ORDER BY opened_at DESC, id DESC
    LIMIT %(limit)s
) AS found
ORDER BY opened_at DESC, id DESC
LIMIT %(limit)s

-- by_id --
SELECT incident_times.*, (SELECT display_name FROM users WHERE username = assignee) AS assignee_name
FROM incident_times WHERE id = ANY(%(ids)s)

-- events --
-- The newest revisions of an incident's events, newest first.
SELECT events.ward_id, events.box_id, events.body, events.received_at, incident_events.incident_id
FROM incident_events
JOIN events ON events.id = incident_events.event_id AND events.opened_at = incident_events.event_opened_at
WHERE incident_events.incident_id = %(id)s
ORDER BY events.opened_at DESC, events.id DESC
LIMIT %(limit)s

-- newest_events --
-- Which events are the newest of each incident.
SELECT incident.id, newest.event_id
FROM unnest(%(ids)s::uuid[]) AS incident (id), LATERAL (
    SELECT event_id FROM incident_events WHERE incident_id = incident.id
    ORDER BY event_opened_at DESC, event_id DESC LIMIT %(each)s
) AS newest

-- steps --
SELECT steps.id, steps.at, steps.actor, users.display_name AS actor_name, steps.action, steps.state, steps.assignee,
    (SELECT display_name FROM users WHERE username = steps.assignee) AS assignee_name, steps.reason, steps.comment,
    steps.undone
FROM incident_steps AS steps LEFT JOIN users ON users.username = steps.actor
WHERE steps.incident_id = %(id)s
ORDER BY steps.id
LIMIT 500

-- notifications --
SELECT step, channel, state, due_at, attempts, error, sent_at FROM notifications
WHERE incident_id = %(id)s ORDER BY step, channel

-- colleagues --
-- Who can be given an incident of this place.
SELECT username, display_name FROM users
WHERE NOT disabled AND role = ANY(%(roles)s) AND (
    role = 'admin'
    OR (%(ward)s = ANY(wards) AND (sites = '{}' OR %(site)s::text IS NULL OR %(site)s = ANY(sites)))
)
ORDER BY display_name, username

-- hold --
-- An incident as it is, kept so until the transaction ends.
SELECT id, ward_id, site_id, state, version, assignee, reason, acknowledged_at, ended_at
FROM incidents WHERE id = %(id)s FOR UPDATE

-- move --
-- Take a step, unless somebody was first: then the version is another, or the state is none from which it can be taken.
UPDATE incidents SET
    state = %(to)s, version = version + 1,
    assignee = %(assignee)s,
    reason = %(reason)s,
    escalations = escalations + %(escalated)s::int,
    acknowledged_at = CASE WHEN %(acknowledges)s THEN coalesce(acknowledged_at, greatest(now(), opened_at))
        ELSE acknowledged_at END,
    ended_at = CASE WHEN %(to)s IN ('resolved', 'false_alarm') THEN coalesce(ended_at, greatest(now(), opened_at)) END,
    cause_id = CASE WHEN %(to)s IN ('resolved', 'false_alarm') THEN NULL ELSE cause_id END
WHERE id = %(id)s AND state = ANY(%(from)s) AND (%(version)s::int IS NULL OR version = %(version)s)
RETURNING version

-- restore --
-- Take the last step back.
UPDATE incidents SET
    state = %(state)s, version = version + 1, assignee = %(assignee)s, reason = %(reason)s,
    acknowledged_at = %(acknowledged_at)s, ended_at = %(ended_at)s
WHERE id = %(id)s AND version = %(version)s
RETURNING version

-- add_step --
INSERT INTO incident_steps (incident_id, actor, action, state, assignee, reason, comment, state_before, assignee_before,
    reason_before, acknowledged_before, ended_before)
VALUES (%(id)s, %(actor)s, %(action)s, %(state)s, %(assignee)s, %(reason)s, %(comment)s, %(state_before)s,
    %(assignee_before)s, %(reason_before)s, %(acknowledged_before)s, %(ended_before)s)

-- last_step --
-- The newest step that moved the incident and still stands, and what was before it.
SELECT id, action, actor, at, state_before, assignee_before, reason_before, acknowledged_before, ended_before
FROM incident_steps
WHERE incident_id = %(id)s AND NOT undone AND state_before IS NOT NULL AND action <> 'undo'
ORDER BY id DESC LIMIT 1

-- mark_undone --
UPDATE incident_steps SET undone = true WHERE id = %(step)s

-- last_actor --
-- Who was first.
SELECT steps.actor, users.display_name AS actor_name, steps.action, steps.at
FROM incident_steps AS steps LEFT JOIN users ON users.username = steps.actor
WHERE steps.incident_id = %(id)s AND steps.action <> 'comment'
ORDER BY steps.id DESC LIMIT 1

-- note_change --
-- For the notifiers, in the transaction of the change itself.
INSERT INTO incident_changes (incident_id, what) VALUES (%(id)s, %(what)s)

-- notify --
-- Tell the APIs which incidents changed; they hear of it when this transaction commits.
SELECT pg_notify('phoan_incidents', %(ids)s)
