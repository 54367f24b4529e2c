-- Sensors, meters, gateways and speakers as people see them.

-- devices --
-- Every device of the places that somebody sees, with the newest word on its life.
SELECT devices.id, devices.name, devices.kind, devices.box_id, devices.gateway_id, devices.model, devices.adopted,
    sites.id AS site_id, sites.name AS site_name, wards.id AS ward_id, wards.name AS ward_name, word.value AS life,
    word.at AS life_at
FROM devices
JOIN sites ON sites.id = devices.site_id
JOIN wards ON wards.id = sites.ward_id
LEFT JOIN LATERAL (
    SELECT value, at FROM telemetry
    WHERE device_id = devices.id AND metric = 'device.life' AND zone_id = '' AND NOT suspect
        AND at > now() - INTERVAL '15 minutes'
    ORDER BY at DESC LIMIT 1
) AS word ON true
WHERE wards.id = ANY(%(wards)s) AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
ORDER BY wards.id, sites.id, devices.name, devices.id
