-- What patrols scanned with a phone, and the incidents that they report.

-- add --
INSERT INTO payment_scans (id, username, ward_id, point_id, verdict, fingerprints, bins)
VALUES (%(id)s, %(username)s, %(ward_id)s, %(point_id)s, %(verdict)s, %(fingerprints)s, %(bins)s)

-- of_point --
SELECT scans.id, scans.at, scans.username, users.display_name AS name, scans.ward_id, scans.point_id, scans.verdict,
    scans.bins, scans.incident_id
FROM payment_scans AS scans LEFT JOIN users ON users.username = scans.username
WHERE scans.point_id = %(point)s ORDER BY scans.at DESC LIMIT %(limit)s

-- hold --
-- A scan, kept as it is until the transaction ends.
SELECT scans.id, scans.at, scans.username, NULL AS name, scans.ward_id, scans.point_id, scans.verdict, scans.bins,
    scans.incident_id
FROM payment_scans AS scans WHERE scans.id = %(id)s FOR UPDATE

-- reported --
UPDATE payment_scans SET incident_id = %(incident)s WHERE id = %(id)s

-- hold_incidents --
-- Whoever opens an incident of a ward holds them, as the correlation of events does.
SELECT pg_advisory_xact_lock(hashtextextended('phoan-incidents/' || %(ward)s, 0))

-- unfinished --
-- The newest incident of a group that is still worked on.
SELECT id FROM incidents
WHERE ward_id = %(ward)s AND group_key = %(key)s AND state IN ('new', 'seen', 'assigned')
ORDER BY last_at DESC, id DESC LIMIT 1

-- open_incident --
INSERT INTO incidents (id, ward_id, site_id, group_key, kind, kinds, severity, opened_at, last_at)
VALUES (%(id)s, %(ward)s, %(site)s, %(key)s, %(kind)s, ARRAY[%(kind)s], %(severity)s, now(), now())

-- touch_incident --
UPDATE incidents SET last_at = greatest(last_at, now()) WHERE id = %(id)s
