-- What the wall reads. Callers pass what the user may see: wards, and of these the whole ones and single sites.

-- cameras --
-- Every camera with its place, its state, its zones and lines. A silent box makes its cameras' last word worthless, so
-- box_state comes along.
SELECT cameras.id, cameras.name, cameras.box_id, boxes.state AS box_state, wards.id AS ward_id, wards.name AS ward_name,
    sites.id AS site_id, sites.name AS site_name, cameras.state, cameras.fault, cameras.since, cameras.width,
    cameras.height, cameras.fps, cameras.analysed_fps, cameras.lat, cameras.lon, cameras.bearing, cameras.view_angle,
    cameras.range_m,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', zones.id, 'name', zones.name, 'polygon', zones.polygon) ORDER BY zones.id)
        FROM zones WHERE zones.camera_id = cameras.id
    ), '[]') AS zones,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', lines.id, 'name', lines.name, 'points', lines.points) ORDER BY lines.id)
        FROM lines WHERE lines.camera_id = cameras.id
    ), '[]') AS lines
FROM cameras
JOIN boxes ON boxes.id = cameras.box_id
JOIN sites ON sites.id = cameras.site_id
JOIN wards ON wards.id = sites.ward_id
WHERE wards.id = ANY(%(wards)s) AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
    AND cameras.retired_at IS NULL
ORDER BY wards.id, boxes.id, cameras.position, cameras.id

-- box_cameras --
-- State of boxes and their cameras, for the feed; only of the wards that somebody looks at.
SELECT boxes.id AS box_id, boxes.ward_id, boxes.state AS box_state, boxes.state_at, cameras.id, cameras.site_id,
    cameras.state, cameras.fault, cameras.since, cameras.width, cameras.height, cameras.fps, cameras.analysed_fps
FROM boxes LEFT JOIN cameras ON cameras.box_id = boxes.id AND cameras.retired_at IS NULL
WHERE boxes.id = ANY(%(boxes)s) AND boxes.ward_id = ANY(%(wards)s)
ORDER BY boxes.id, cameras.position, cameras.id

-- events_by_key --
-- The events that a notice named.
SELECT ward_id, box_id, body, received_at FROM events
WHERE (id, opened_at) IN (SELECT * FROM unnest(%(ids)s::uuid[], %(opened)s::timestamptz[]))
ORDER BY opened_at, id

-- event --
SELECT ward_id, box_id, body, received_at,
    (SELECT incident_id FROM incident_events WHERE event_id = events.id) AS incident_id
FROM events
WHERE id = %(id)s AND ward_id = ANY(%(wards)s) AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))

-- wards --
SELECT id FROM wards ORDER BY id
