-- What somebody may see beyond their role or for a reason only: grants and playbacks; and where users' limits lie.

-- reach --
-- Where a user's site limits and grants lie; all wards for who may see all.
SELECT 'site' AS kind, ward_id, id AS site_id, NULL::timestamptz AS valid_from, NULL::timestamptz AS valid_until
FROM sites WHERE id = ANY(%(sites)s)
UNION ALL
SELECT 'grant', coalesce(grants.ward_id, sites.ward_id), grants.site_id, grants.valid_from, grants.valid_until
FROM grants LEFT JOIN sites ON sites.id = grants.site_id
WHERE grants.username = %(username)s AND grants.withdrawn_at IS NULL AND grants.valid_until > now()
UNION ALL
SELECT 'ward', id, NULL, NULL, NULL FROM wards WHERE %(everywhere)s

-- sites --
SELECT id, ward_id FROM sites WHERE id = ANY(%(sites)s)

-- grant --
INSERT INTO grants (username, ward_id, site_id, capability, valid_from, valid_until, reason, granted_by)
VALUES (%(username)s, %(ward)s, %(site)s, 'video', %(valid_from)s, %(valid_until)s, %(reason)s, %(granted_by)s)
RETURNING id

-- grants --
-- Newest first; those of one user, or all.
SELECT id, username, ward_id, site_id, capability, valid_from, valid_until, reason, granted_by, granted_at, withdrawn_at
FROM grants WHERE %(username)s::text IS NULL OR username = %(username)s
ORDER BY granted_at DESC, id LIMIT 500

-- withdraw --
UPDATE grants SET withdrawn_at = now() WHERE id = %(id)s AND withdrawn_at IS NULL AND valid_until > now()
RETURNING username

-- allow_playback --
INSERT INTO playbacks (session_id, object, reason, valid_until)
VALUES (%(session)s, %(object)s, %(reason)s, now() + %(lifetime)s::interval)
ON CONFLICT (session_id, object) DO UPDATE SET reason = excluded.reason, valid_until = excluded.valid_until
RETURNING valid_until

-- playback_reason --
-- The reason that still holds for one of these objects.
SELECT reason FROM playbacks
WHERE session_id = %(session)s AND object = ANY(%(objects)s) AND valid_until > now()
ORDER BY valid_until DESC LIMIT 1
