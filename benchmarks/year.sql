-- A year of a ward, made inside the server. Parameters: start, end, step, devices.

-- telemetry --
INSERT INTO telemetry (at, device_id, metric, zone_id, value, box_id, received_at)
SELECT at, 'device-' || device, 'temperature', '',
    round((26 + 6 * sin(extract(epoch FROM at) / 13751) + device %% 7 + random())::numeric, 1),
    'box-' || device %% 50,
    at + INTERVAL '300 ms'
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - %(step)s::interval, %(step)s::interval) AS at,
    generate_series(1, %(devices)s) AS device

-- counts --
INSERT INTO counts (at, device_id, metric, zone_id, value, box_id, received_at)
SELECT at, 'camera-' || device, 'zone.people', 'via-he',
    greatest(0, round((4 + 4 * sin(extract(epoch FROM at) / 13751) + 2 * random())::numeric)),
    'box-' || device %% 50,
    at + INTERVAL '300 ms'
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - %(step)s::interval, %(step)s::interval) AS at,
    generate_series(1, %(devices)s) AS device

-- health --
INSERT INTO health (at, device_id, metric, zone_id, value, box_id, received_at)
SELECT at, 'camera-' || device, 'camera.streaming', '', (random() > 0.01)::int, 'box-' || device %% 50,
    at + INTERVAL '300 ms'
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - %(step)s::interval, %(step)s::interval) AS at,
    generate_series(1, %(devices)s) AS device

-- events --
INSERT INTO events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id, zone_id,
    at, captured_at, closed_at, count, peak_count, confidence, snapshot, clip, body, received_at)
SELECT id, at, 2, 'close', kind, severity, 'an-luu', 'site-' || camera %% 20, 'box-' || camera %% 50,
    'camera-' || camera, 'via-he', at, at, at + INTERVAL '20 s', 1, 3, 0.8, md5(id::text) || md5(at::text),
    md5(at::text) || md5(id::text),
    jsonb_build_object('id', id, 'revision', 2, 'phase', 'close', 'kind', kind, 'severity', severity,
        'site', 'site-' || camera %% 20, 'camera', 'camera-' || camera, 'zone', 'via-he', 'rule', 'ngoai-gio',
        'opened_at', at, 'at', at, 'captured_at', at, 'closed_at', at + INTERVAL '20 s', 'count', 0,
        'peak_count', 3, 'confidence', 0.8, 'snapshot', md5(id::text) || md5(at::text), 'clip', md5(at::text) || md5(id::text),
        'model', 'ssdlite-mobilenet-person', 'close_reason', 'cleared',
        'tracks', jsonb_build_array(jsonb_build_object('id', id, 'label', 'person', 'confidence', random(),
            'box', jsonb_build_object('x1', random(), 'y1', random(), 'x2', random(), 'y2', random()))),
        'why', jsonb_build_object('seconds_in_zone', 2.5, 'threshold_s', 2)),
    at + INTERVAL '300 ms'
FROM (
    SELECT moment + camera * INTERVAL '1 s' AS at, camera,
        -- a UUIDv7: its milliseconds, then chance
        (lpad(to_hex((extract(epoch FROM moment) * 1000 + camera * 1000)::bigint), 12, '0') || '7'
            || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id,
        CASE WHEN random() < 0.6 THEN 'occupancy' ELSE 'intrusion' END AS kind,
        CASE WHEN random() < 0.7 THEN 'medium' ELSE 'high' END AS severity
    FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - %(step)s::interval, %(step)s::interval)
        AS moment, generate_series(1, %(devices)s) AS camera
) AS made

-- media --
-- What the events' pictures are; the newest two of a hundred are still on their way.
INSERT INTO media (digest, bytes, media_type, box_id, received_at)
SELECT snapshot, 60000, 'image/jpeg', 'box-0', received_at FROM events WHERE abs(hashtext(id::text)) %% 50 > 0

-- incidents --
-- Every fourth event began an incident; those of the last day are not worked on yet.
INSERT INTO incidents (id, ward_id, site_id, box_id, camera_id, group_key, kind, kinds, severity, state, events, opened_at,
    reported_at, last_at, acknowledged_at, ended_at)
SELECT id, ward_id, site_id, box_id, camera_id, camera_id, kind, ARRAY[kind], severity,
    CASE WHEN opened_at > newest - INTERVAL '1 day' THEN 'new' ELSE 'resolved' END, 4, opened_at,
    received_at, closed_at, CASE WHEN opened_at <= newest - INTERVAL '1 day' THEN received_at + INTERVAL '1 min' END,
    CASE WHEN opened_at <= newest - INTERVAL '1 day' THEN received_at + INTERVAL '9 min' END
FROM events, (SELECT max(opened_at) AS newest FROM events) AS newest
WHERE abs(hashtext(id::text)) %% 4 = 0

-- incident_events --
-- An event belongs to the incident of its camera that began before it.
INSERT INTO incident_events (event_id, event_opened_at, incident_id)
SELECT id, opened_at, first_value(began) OVER (PARTITION BY camera_id, number ORDER BY opened_at, id)
FROM (
    SELECT events.id, events.opened_at, events.camera_id, incidents.id AS began,
        count(incidents.id) OVER (PARTITION BY events.camera_id ORDER BY events.opened_at, events.id) AS number
    FROM events LEFT JOIN incidents ON incidents.id = events.id
) AS numbered
WHERE number > 0
