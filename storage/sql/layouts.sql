-- Walls as people arranged them, and what else they chose for themselves.

-- seen --
-- One's own, and those that are shared with one's role, everywhere or in one of one's wards. Admins see all shared ones.
SELECT id, owner, role, ward_id, name, tiles, cameras, follow_alerts, version, updated_at FROM layouts
WHERE owner = %(user)s
    OR (role IS NOT NULL AND (%(role)s = 'admin' OR (role = %(role)s AND (ward_id IS NULL OR ward_id = ANY(%(wards)s)))))
ORDER BY owner <> %(user)s, name, id

-- hold --
-- A layout as it is, kept so until the transaction ends.
SELECT id, owner, role, ward_id, name, tiles, cameras, follow_alerts, version, updated_at FROM layouts
WHERE id = %(id)s FOR UPDATE

-- owned --
SELECT count(*) FROM layouts WHERE owner = %(user)s

-- put --
INSERT INTO layouts (id, owner, role, ward_id, name, tiles, cameras, follow_alerts)
VALUES (%(id)s, %(owner)s, %(role)s, %(ward)s, %(name)s, %(tiles)s, %(cameras)s, %(follow_alerts)s)
ON CONFLICT (id) DO UPDATE SET role = excluded.role, ward_id = excluded.ward_id, name = excluded.name,
    tiles = excluded.tiles, cameras = excluded.cameras, follow_alerts = excluded.follow_alerts,
    version = layouts.version + 1, updated_at = now()
RETURNING id, owner, role, ward_id, name, tiles, cameras, follow_alerts, version, updated_at

-- remove --
DELETE FROM layouts WHERE id = %(id)s

-- preferences --
SELECT body FROM preferences WHERE username = %(user)s

-- prefer --
INSERT INTO preferences (username, body) VALUES (%(user)s, %(body)s)
ON CONFLICT (username) DO UPDATE SET body = excluded.body, updated_at = now()
