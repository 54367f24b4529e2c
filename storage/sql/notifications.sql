-- Telling people: what changed, what is to be sent by which channel, and what became of it.

-- changes --
-- What notifiers have not heard of; taken away by the transaction that plans for it.
DELETE FROM incident_changes WHERE id IN (
    SELECT id FROM incident_changes ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING incident_id, what, at

-- incidents --
-- These incidents as they are now; held, so that nobody acknowledges between the look and the plan.
SELECT incidents.id, incidents.ward_id, incidents.severity, incidents.state, incidents.cause_id IS NOT NULL AS hidden,
    ARRAY(
        SELECT DISTINCT step FROM notifications WHERE incident_id = incidents.id AND state <> 'cancelled'
            AND (state = 'sent' OR forced OR due_at <= now())
    ) AS told
FROM incidents
WHERE id = ANY(%(ids)s)
ORDER BY id
FOR SHARE

-- plan --
-- A message, once for each step and channel. One that was cancelled is called back, one that waits may become earlier,
-- one that is sent stays so.
INSERT INTO notifications AS stored (incident_id, ward_id, step, channel, urgency, forced, due_at, given_up_at)
VALUES (%(incident)s, %(ward)s, %(step)s, %(channel)s, %(urgency)s, %(forced)s, %(due_at)s,
    %(due_at)s::timestamptz + %(give_up_after)s::interval)
ON CONFLICT (incident_id, step, channel) DO UPDATE SET
    state = 'pending', forced = stored.forced OR excluded.forced,
    bundle = CASE WHEN stored.state = 'pending' THEN stored.bundle END,
    attempts = CASE WHEN stored.state = 'pending' THEN stored.attempts ELSE 0 END,
    error = CASE WHEN stored.state = 'pending' THEN stored.error END,
    urgency = greatest(stored.urgency, excluded.urgency),
    due_at = CASE WHEN stored.state = 'pending' THEN least(stored.due_at, excluded.due_at) ELSE excluded.due_at END,
    given_up_at = excluded.given_up_at
WHERE stored.leased_until IS NULL AND (
    stored.state = 'cancelled'
    OR (stored.state = 'pending' AND (excluded.due_at < stored.due_at OR (excluded.forced AND NOT stored.forced)))
)

-- cancel --
-- Nobody needs to be told of what somebody looks at, of what is over, or of what another incident explains.
UPDATE notifications SET state = 'cancelled'
FROM incidents
WHERE incidents.id = notifications.incident_id AND notifications.state = 'pending' AND NOT notifications.forced
    AND (leased_until IS NULL OR leased_until < now())
    AND (incidents.state <> 'new' OR incidents.cause_id IS NOT NULL)

-- give_up --
-- What could not be delivered in time.
UPDATE notifications SET state = 'given_up', error = coalesce(error, 'waited_too_long')
WHERE state = 'pending' AND given_up_at < now() AND (leased_until IS NULL OR leased_until < now())
RETURNING incident_id, channel, error

-- add_channel --
INSERT INTO notification_channels (name, tokens) VALUES (%(name)s, %(burst)s) ON CONFLICT (name) DO NOTHING

-- hold_channel --
-- One notifier at a time takes from a channel.
SELECT tokens, counted_at, blocked_until FROM notification_channels WHERE name = %(name)s FOR UPDATE

-- due --
-- What is to be sent by a channel now, the most urgent first, and whatever an ended notifier held.
SELECT notifications.id, notifications.incident_id, notifications.ward_id, notifications.step, notifications.urgency,
    notifications.forced, notifications.attempts, notifications.bundle, notifications.due_at, notifications.given_up_at,
    incidents.kind, incidents.severity, incidents.cause, incidents.opened_at, incidents.events,
    wards.name AS ward_name, sites.name AS site_name, incidents.site_id, incidents.state AS incident_state
FROM notifications
JOIN incidents ON incidents.id = notifications.incident_id
JOIN wards ON wards.id = notifications.ward_id
LEFT JOIN sites ON sites.id = incidents.site_id
WHERE notifications.channel = %(channel)s AND notifications.state = 'pending' AND due_at <= now()
    AND (leased_until IS NULL OR leased_until < now())
    AND (notifications.forced OR (incidents.state = 'new' AND incidents.cause_id IS NULL))
ORDER BY notifications.urgency DESC, due_at, notifications.id
LIMIT 500
FOR UPDATE OF notifications SKIP LOCKED

-- lease --
UPDATE notifications SET bundle = %(bundle)s, attempts = attempts + 1, leased_until = now() + %(lease)s::interval
WHERE id = ANY(%(ids)s)

-- spend --
UPDATE notification_channels SET tokens = %(tokens)s, counted_at = %(at)s WHERE name = %(name)s

-- sent --
UPDATE notifications SET state = 'sent', sent_at = now(), leased_until = NULL, error = NULL
WHERE id = ANY(%(ids)s) AND state = 'pending'

-- later --
UPDATE notifications SET leased_until = NULL, error = %(error)s, due_at = %(due_at)s
WHERE id = ANY(%(ids)s) AND state = 'pending'

-- refused --
UPDATE notifications SET state = 'given_up', leased_until = NULL, error = %(error)s
WHERE id = ANY(%(ids)s) AND state = 'pending'

-- note_sent --
UPDATE notification_channels SET last_sent_at = now() WHERE name = %(name)s

-- note_failed --
UPDATE notification_channels SET last_error = %(error)s, last_error_at = now(),
    blocked_until = coalesce(greatest(blocked_until, %(blocked_until)s::timestamptz), blocked_until)
WHERE name = %(name)s

-- tokens --
SELECT access_token, refresh_token, seed FROM notification_channels WHERE name = %(name)s FOR UPDATE

-- keep_tokens --
UPDATE notification_channels SET access_token = %(access)s, refresh_token = %(refresh)s, seed = %(seed)s
WHERE name = %(name)s

-- waiting --
-- What should have been told by now, and for how long the first of it has waited.
SELECT channel, count(*) AS n, extract(epoch FROM now() - min(due_at))::double precision AS oldest_s
FROM notifications WHERE state = 'pending' AND due_at <= now() GROUP BY channel
