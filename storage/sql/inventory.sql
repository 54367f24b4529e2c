-- What stands where: declared by people, in one file, applied as often as they like.

-- ward --
INSERT INTO wards (id, name) VALUES (%(id)s, %(name)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name

-- site --
INSERT INTO sites (id, ward_id, name, kind) VALUES (%(id)s, %(ward)s, %(name)s, %(kind)s)
ON CONFLICT (id) DO UPDATE SET ward_id = excluded.ward_id, name = excluded.name, kind = excluded.kind

-- box --
INSERT INTO boxes (id, ward_id, site_id, name, token_sha256)
VALUES (%(id)s, %(ward)s, %(site)s, %(name)s, %(token_sha256)s)
ON CONFLICT (id) DO UPDATE SET ward_id = excluded.ward_id, site_id = excluded.site_id, name = excluded.name,
    token_sha256 = coalesce(excluded.token_sha256, boxes.token_sha256)

-- camera --
INSERT INTO cameras (id, box_id, site_id, name, position)
VALUES (%(id)s, %(box)s, %(site)s, %(name)s, %(position)s)
ON CONFLICT (id) DO UPDATE SET box_id = excluded.box_id, site_id = excluded.site_id, name = excluded.name,
    position = excluded.position

-- forget_zones --
DELETE FROM zones WHERE camera_id = %(camera)s

-- zone --
INSERT INTO zones (camera_id, id, name, polygon) VALUES (%(camera)s, %(id)s, %(name)s, %(polygon)s)
