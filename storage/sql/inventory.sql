-- What stands where: declared by people, in one file, applied as often as they like.

-- province --
INSERT INTO provinces (id, name, aliases, valid_from, valid_to)
VALUES (%(id)s, %(name)s, %(aliases)s, %(valid_from)s, %(valid_to)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, aliases = excluded.aliases, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to

-- ward --
INSERT INTO wards (id, name, aliases, valid_from, valid_to, province_id)
VALUES (%(id)s, %(name)s, %(aliases)s, %(valid_from)s, %(valid_to)s, %(province)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, aliases = excluded.aliases, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to, province_id = excluded.province_id

-- site --
INSERT INTO sites (id, ward_id, name, kind, lat, lon, outline, opens, closes)
VALUES (%(id)s, %(ward)s, %(name)s, %(kind)s, %(lat)s, %(lon)s, %(outline)s, %(opens)s, %(closes)s)
ON CONFLICT (id) DO UPDATE SET ward_id = excluded.ward_id, name = excluded.name, kind = excluded.kind,
    lat = excluded.lat, lon = excluded.lon, outline = excluded.outline, opens = excluded.opens,
    closes = excluded.closes

-- box --
-- A token that a box got when it was enrolled, or lost when it was revoked, counts for more than the declared one.
INSERT INTO boxes (id, ward_id, site_id, name, token_sha256, lat, lon)
VALUES (%(id)s, %(ward)s, %(site)s, %(name)s, %(token_sha256)s, %(lat)s, %(lon)s)
ON CONFLICT (id) DO UPDATE SET ward_id = excluded.ward_id, site_id = excluded.site_id, name = excluded.name,
    lat = excluded.lat, lon = excluded.lon,
    token_sha256 = CASE WHEN EXISTS (SELECT FROM broker_accounts WHERE kind = 'box' AND broker_accounts.name = boxes.id)
        THEN boxes.token_sha256 ELSE coalesce(excluded.token_sha256, boxes.token_sha256) END

-- camera --
INSERT INTO cameras (id, box_id, site_id, name, position, lat, lon, bearing, view_angle, range_m)
VALUES (%(id)s, %(box)s, %(site)s, %(name)s, %(position)s, %(lat)s, %(lon)s, %(bearing)s, %(view_angle)s, %(range_m)s)
ON CONFLICT (id) DO UPDATE SET box_id = excluded.box_id, site_id = excluded.site_id, name = excluded.name,
    position = excluded.position, lat = excluded.lat, lon = excluded.lon, bearing = excluded.bearing,
    view_angle = excluded.view_angle, range_m = excluded.range_m, retired_at = NULL

-- forget_zones --
DELETE FROM zones WHERE camera_id = %(camera)s

-- zone --
INSERT INTO zones (camera_id, id, name, polygon) VALUES (%(camera)s, %(id)s, %(name)s, %(polygon)s)

-- forget_lines --
DELETE FROM lines WHERE camera_id = %(camera)s

-- line --
INSERT INTO lines (camera_id, id, name, points) VALUES (%(camera)s, %(id)s, %(name)s, %(points)s)

-- payment_point --
INSERT INTO payment_points (id, site_id, name, kind) VALUES (%(id)s, %(site)s, %(name)s, %(kind)s)
ON CONFLICT (id) DO UPDATE SET site_id = excluded.site_id, name = excluded.name, kind = excluded.kind

-- device --
-- One that a box has adopted is declared from now on.
INSERT INTO devices (id, site_id, box_id, name, kind, gateway_id, payment_point_id)
VALUES (%(id)s, %(site)s, %(box)s, %(name)s, %(kind)s, %(gateway)s, %(payment_point)s)
ON CONFLICT (id) DO UPDATE SET site_id = excluded.site_id, box_id = excluded.box_id, name = excluded.name,
    kind = excluded.kind, gateway_id = excluded.gateway_id, payment_point_id = excluded.payment_point_id,
    adopted = false
