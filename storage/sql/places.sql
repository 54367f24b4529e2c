-- The places that somebody sees: what they are called, and where they stand.

-- names --
-- Every site with its cameras and their zones, and with its devices, and every name by which people look for them: old
-- ones too.
WITH seen AS (
    SELECT wards.id AS ward_id, sites.id AS site_id, sites.name AS site_name,
        wards.name || ' ' || array_to_string(wards.aliases, ' ') || ' ' || coalesce(provinces.name, '') || ' '
            || coalesce(array_to_string(provinces.aliases, ' '), '') AS ward_names
    FROM sites
    JOIN wards ON wards.id = sites.ward_id
    LEFT JOIN provinces ON provinces.id = wards.province_id
    WHERE wards.id = ANY(%(wards)s) AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
)
SELECT seen.*, cameras.id AS camera_id, cameras.name AS camera_name,
    coalesce((
        SELECT jsonb_object_agg(zones.id, zones.name) FROM zones WHERE zones.camera_id = cameras.id
    ), '{}') AS zones, NULL AS device_id, NULL AS device_name
FROM seen LEFT JOIN cameras ON cameras.site_id = seen.site_id
UNION ALL
SELECT seen.*, NULL, NULL, '{}', devices.id, devices.name
FROM seen JOIN devices ON devices.site_id = seen.site_id
ORDER BY site_id, camera_id, device_id

-- sites --
SELECT id, ward_id, name, kind, lat, lon, outline FROM sites
WHERE ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR id = ANY(%(sites)s))
ORDER BY ward_id, id

-- boxes --
-- Who sees a part of a ward sees the boxes that stand there or serve it.
SELECT id, ward_id, site_id, name, state, state_at, lat, lon FROM boxes
WHERE ward_id = ANY(%(wards)s) AND (
    ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s)
    OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id = ANY(%(sites)s))
)
ORDER BY ward_id, id
