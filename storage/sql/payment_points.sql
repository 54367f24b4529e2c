-- The registry of payment points: whom each is paid to, and the changes that two people make together.

-- page --
-- Points of the places that somebody sees, by site and name; the ended ones where they are asked for.
SELECT points.id, points.name, points.kind, points.stall, points.hours, points.since, points.ended_at,
    sites.id AS site_id, sites.name AS site_name, sites.ward_id
FROM payment_points AS points JOIN sites ON sites.id = points.site_id
WHERE sites.ward_id = ANY(%(wards)s) AND (sites.ward_id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
    AND (%(ids)s::text[] IS NULL OR points.id = ANY(%(ids)s))
    AND (%(ward)s::text IS NULL OR sites.ward_id = %(ward)s)
    AND (%(site)s::text IS NULL OR sites.id = %(site)s)
    AND (%(ended)s::boolean IS NULL OR (points.ended_at IS NOT NULL) = %(ended)s)
ORDER BY sites.name, points.name, points.id

-- payees --
SELECT point_id, fingerprint, guid, bin, last_four, service, label, key_id, since, change_id FROM payment_payees
WHERE point_id = ANY(%(points)s) ORDER BY point_id, since, fingerprint

-- owners --
-- The points that one of these fingerprints belongs to.
SELECT DISTINCT point_id FROM payment_payees JOIN payment_points AS points ON points.id = point_id
WHERE fingerprint = ANY(%(fingerprints)s) AND points.ended_at IS NULL

-- shared --
-- Where else each of these fingerprints is accepted: somebody who approves must see that one account is everywhere.
SELECT payees.fingerprint, array_agg(points.name ORDER BY points.name) AS names, array_agg(points.id ORDER BY points.name)
    AS ids
FROM payment_payees AS payees JOIN payment_points AS points ON points.id = payees.point_id
JOIN sites ON sites.id = points.site_id
WHERE payees.fingerprint = ANY(%(fingerprints)s) AND points.ended_at IS NULL
    AND sites.ward_id = ANY(%(wards)s) AND (sites.ward_id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
GROUP BY payees.fingerprint

-- key_ids --
-- With which keys the fingerprints of these wards were made: one each, unless the master key was replaced.
SELECT DISTINCT sites.ward_id, payees.key_id
FROM payment_payees AS payees
JOIN payment_points AS points ON points.id = payees.point_id JOIN sites ON sites.id = points.site_id
WHERE sites.ward_id = ANY(%(wards)s) AND points.ended_at IS NULL

-- places --
-- The sites and points of a ward, as the checks of a change need them.
SELECT sites.id AS site_id, sites.name AS site_name, points.id AS point_id, points.name AS point_name,
    points.ended_at IS NOT NULL AS ended,
    coalesce((SELECT array_agg(fingerprint) FROM payment_payees WHERE point_id = points.id), '{}') AS fingerprints
FROM sites LEFT JOIN payment_points AS points ON points.site_id = sites.id
WHERE sites.ward_id = %(ward)s

-- taken --
-- Which of these names of points are taken anywhere.
SELECT id FROM payment_points WHERE id = ANY(%(ids)s)

-- hold_ward --
-- Whoever changes the registry of a ward holds it until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('phoan-payments/' || %(ward)s, 0))

-- add_point --
INSERT INTO payment_points (id, site_id, name, kind, stall, hours)
VALUES (%(point_id)s, %(site_id)s, %(name)s, %(kind)s, coalesce(%(stall)s, ''), coalesce(%(hours)s, ''))

-- end_point --
UPDATE payment_points SET ended_at = now() WHERE id = %(point_id)s AND ended_at IS NULL

-- add_payee --
INSERT INTO payment_payees (point_id, fingerprint, guid, bin, last_four, service, label, key_id, change_id)
VALUES (%(point_id)s, %(fingerprint)s, %(guid)s, %(bin)s, %(last_four)s, %(service)s, coalesce(%(label)s, ''),
    %(key_id)s, %(change_id)s)

-- remove_payee --
DELETE FROM payment_payees WHERE point_id = %(point_id)s AND fingerprint = %(fingerprint)s

-- propose --
INSERT INTO payment_changes (id, ward_id, source, reason, proposed_by)
VALUES (%(id)s, %(ward)s, %(source)s, %(reason)s, %(by)s)

-- add_steps --
INSERT INTO payment_change_steps (change_id, n, action, point_id, site_id, name, kind, stall, hours, fingerprint, guid,
    bin, last_four, service, label, key_id)
VALUES (%(change_id)s, %(n)s, %(action)s, %(point_id)s, %(site_id)s, %(name)s, %(kind)s, %(stall)s, %(hours)s,
    %(fingerprint)s, %(guid)s, %(bin)s, %(last_four)s, %(service)s, %(label)s, %(key_id)s)

-- decide --
-- No row: somebody was first.
UPDATE payment_changes SET state = %(state)s, decided_by = %(by)s, decided_at = now(), remark = %(remark)s
WHERE id = %(id)s AND state = 'proposed'
RETURNING id

-- changes --
-- Changes newest first, those of one point or all, with the names of who made them.
SELECT changes.id, changes.ward_id, changes.source, changes.reason, changes.proposed_by, changes.proposed_at,
    changes.state, changes.decided_by, changes.decided_at, changes.remark, proposer.display_name AS proposed_by_name,
    decider.display_name AS decided_by_name
FROM payment_changes AS changes
LEFT JOIN users AS proposer ON proposer.username = changes.proposed_by
LEFT JOIN users AS decider ON decider.username = changes.decided_by
WHERE changes.ward_id = ANY(%(wards)s)
    AND (%(id)s::uuid IS NULL OR changes.id = %(id)s)
    AND (%(before)s::uuid IS NULL OR changes.id < %(before)s)
    AND (%(state)s::text IS NULL OR changes.state = %(state)s)
    AND (%(point)s::text IS NULL OR EXISTS (
        SELECT FROM payment_change_steps WHERE change_id = changes.id AND point_id = %(point)s
    ))
    AND NOT EXISTS (
        SELECT FROM payment_change_steps WHERE change_id = changes.id
            AND NOT (changes.ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    )
ORDER BY changes.id DESC LIMIT %(limit)s

-- steps --
-- What these changes do, in order, at most so many of each; names of points as they are or would be.
SELECT steps.change_id, steps.n, steps.action, steps.point_id, steps.site_id, steps.name, steps.kind, steps.stall,
    steps.hours, steps.fingerprint, steps.guid, steps.bin, steps.last_four, steps.service, steps.label, steps.key_id,
    coalesce(steps.name, points.name, (
        SELECT added.name FROM payment_change_steps AS added
        WHERE added.change_id = steps.change_id AND added.point_id = steps.point_id AND added.action = 'add_point'
    ), steps.point_id) AS point_name, sites.name AS site_name
FROM payment_change_steps AS steps
LEFT JOIN payment_points AS points ON points.id = steps.point_id
JOIN sites ON sites.id = steps.site_id
WHERE steps.change_id = ANY(%(changes)s) AND steps.n < %(each)s
    AND (%(point)s::text IS NULL OR steps.point_id = %(point)s)
ORDER BY steps.change_id DESC, steps.n

-- counts --
-- How many steps each of these changes has.
SELECT change_id, count(*) AS steps FROM payment_change_steps WHERE change_id = ANY(%(changes)s) GROUP BY change_id

-- of_box --
-- The points that stand where a box or one of its cameras does.
SELECT boxes.ward_id, points.id AS point_id,
    coalesce((SELECT array_agg(fingerprint ORDER BY since, fingerprint) FROM payment_payees WHERE point_id = points.id), '{}')
        AS fingerprints
FROM boxes
LEFT JOIN payment_points AS points ON points.ended_at IS NULL AND points.site_id IN (
    SELECT site_id FROM cameras WHERE box_id = boxes.id UNION SELECT boxes.site_id
)
WHERE boxes.id = %(box)s
ORDER BY points.id

-- notify --
-- Tell the APIs of whose ward points changed; they hear of it when this transaction commits.
SELECT pg_notify('phoan_payments', %(ward)s)
