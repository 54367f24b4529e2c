-- Ten days of the sample ward until now, made inside the server, so that every panel and alert has something to show.

-- people --
INSERT INTO users (username, display_name, password_hash, role, wards) VALUES ('lan', 'Lan', 'none', 'operator', '{an-luu}')

-- boxes --
UPDATE boxes SET state = 'online', state_at = now() - INTERVAL '20 s', version = '0.9.' || length(id), outbox_pending = 12,
    outbox_dropped = 1, outbox_head = 5000

-- silent_box --
UPDATE boxes SET state = 'offline', state_at = now() - INTERVAL '40 min' WHERE id = 'phuong-4-1'

-- cameras --
UPDATE cameras SET state = 'streaming', since = now() - INTERVAL '3 h', width = 1920, height = 1080, fps = 15, analysed_fps = 5

-- failed_camera --
UPDATE cameras SET state = 'failed', fault = 'timeout', since = now() - INTERVAL '25 min' WHERE id = 'cho-an-luu-1'

-- devices --
INSERT INTO devices (id, site_id, box_id, name, kind, gateway_id) VALUES
    ('ups-cho', 'cho-an-luu', 'an-luu-1', 'Bộ lưu điện', 'ups', NULL),
    ('tu-dien-a', 'cho-an-luu', 'an-luu-1', 'Tủ điện A', 'meter', 'gw-cho'),
    ('nuoc-cong', 'quang-trung', 'an-luu-1', 'Mực nước cống', 'water', 'gw-cho'),
    ('bui-cho', 'cho-an-luu', 'an-luu-1', 'Bụi mịn', 'air', 'gw-cho')

-- health --
INSERT INTO health (at, device_id, metric, value, box_id, received_at)
SELECT moment.at, owned.device_id, owned.metric, owned.base + owned.spread * random(), owned.box_id,
    moment.at + INTERVAL '2 s'
FROM (
    SELECT boxes.id AS device_id, metric, base, spread, boxes.id AS box_id FROM boxes CROSS JOIN (VALUES
        ('box.cpu_percent', 40, 30), ('box.memory_percent', 50, 5), ('box.disk_free_bytes', 8e9, 1e9),
        ('outbox.pending', 0, 20), ('box.certificate_days', 60, 0), ('box.server_certificate_days', 30, 0)
    ) AS metrics (metric, base, spread)
    UNION ALL
    SELECT cameras.id, metric, base, spread, cameras.box_id FROM cameras CROSS JOIN (VALUES
        ('camera.streaming', 1, 0), ('camera.fps', 14, 1), ('camera.analysed_fps', 3, 2), ('camera.regions_skipped', 0, 3),
        ('camera.brightness', 0.4, 0.1), ('camera.sharpness', 0.5, 0.1)
    ) AS metrics (metric, base, spread)
) AS owned CROSS JOIN (
    SELECT generate_series(now() - INTERVAL '2 days', now() - INTERVAL '1 min', INTERVAL '5 min') AS at
    UNION ALL SELECT generate_series(now() - INTERVAL '10 days', now() - INTERVAL '50 h', INTERVAL '1 h')
) AS moment

-- counts --
INSERT INTO counts (at, device_id, metric, zone_id, value, box_id, received_at)
SELECT moment.at, cameras.id, metric, zone, floor(base * random()), cameras.box_id, moment.at + INTERVAL '2 s'
FROM cameras CROSS JOIN (VALUES
    ('zone.people', 'via-he', 12), ('line.in', 'cong', 6), ('line.out', 'cong', 6), ('line.in_vehicle', 'cong', 3),
    ('line.out_vehicle', 'cong', 3)
) AS metrics (metric, zone, base) CROSS JOIN (
    SELECT generate_series(now() - INTERVAL '2 days', now() - INTERVAL '1 min', INTERVAL '5 min') AS at
    UNION ALL SELECT generate_series(now() - INTERVAL '10 days', now() - INTERVAL '50 h', INTERVAL '1 h')
) AS moment

-- telemetry --
INSERT INTO telemetry (at, device_id, metric, zone_id, value, box_id, received_at)
SELECT moment.at, measured.device, measured.metric, measured.zone, measured.base + measured.spread * random(), 'an-luu-1',
    moment.at + INTERVAL '2 s'
FROM (VALUES
    ('gw-cho', 'device.life', '', 2, 0), ('khoi-cho-1', 'device.life', '', 0, 0), ('ups-cho', 'device.life', '', 2, 0),
    ('tu-dien-a', 'device.life', '', 2, 0), ('khoi-cho-1', 'smoke', '', 0, 0), ('khoi-cho-1', 'battery_pct', '', 15, 3),
    ('khoi-cho-1', 'link.quality', '', 80, 20), ('ups-cho', 'power.mains', '', 1, 0), ('tu-dien-a', 'temperature', '', 35, 5),
    ('tu-dien-a', 'current_a', '', 3, 2), ('nuoc-cong', 'water_cm', '', 12, 4), ('bui-cho', 'pm25', '', 40, 30),
    ('an-luu-1', 'probe.dns', '', 1, 0), ('an-luu-1', 'probe.internet', '', 1, 0), ('an-luu-1', 'probe.bank', '970436', 1, 0)
) AS measured (device, metric, zone, base, spread) CROSS JOIN (
    SELECT generate_series(now() - INTERVAL '2 days', now() - INTERVAL '1 min', INTERVAL '5 min') AS at
    UNION ALL SELECT generate_series(now() - INTERVAL '10 days', now() - INTERVAL '50 h', INTERVAL '1 h')
) AS moment

-- events --
INSERT INTO events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id, device_id, zone_id,
    at, captured_at, closed_at, count, peak_count, confidence, snapshot, body, received_at)
SELECT gen_random_uuid(), moment, 1, 'close', kinds.kind, kinds.severity, 'an-luu', kinds.site, 'an-luu-1', kinds.camera,
    kinds.device, NULL, moment, moment, moment + INTERVAL '1 min', 1, 2, 0.9, md5(kinds.kind || moment), '{}',
    moment + INTERVAL '2 s'
FROM generate_series(now() - INTERVAL '10 days', now() - INTERVAL '10 min', INTERVAL '97 min') AS moment CROSS JOIN (VALUES
    ('intrusion', 'high', 'quang-trung', 'quang-trung-1', NULL), ('crowding', 'medium', 'cho-an-luu', 'cho-an-luu-1', NULL),
    ('camera_covered', 'medium', 'quang-trung', 'quang-trung-1', NULL), ('smoke', 'critical', 'cho-an-luu', NULL, 'khoi-cho-1'),
    ('payment_code_mismatch', 'high', 'cho-an-luu', 'cho-an-luu-1', NULL), ('loitering', 'low', 'yersin', 'yersin-1', NULL)
) AS kinds (kind, severity, site, camera, device)

-- event_of_tomorrow --
INSERT INTO events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id, at, captured_at, count,
    peak_count, confidence, body, received_at, suspect)
SELECT gen_random_uuid(), moment, 0, 'open', 'intrusion', 'high', 'an-luu', 'quang-trung', 'an-luu-1', 'quang-trung-1', moment,
    moment, 1, 1, 0.9, '{}', now(), true
FROM (SELECT now() + INTERVAL '3 h' AS moment) AS ahead

-- media --
INSERT INTO media (digest, bytes, media_type, box_id, received_at)
SELECT snapshot, 90000, 'image/jpeg', box_id, received_at FROM events WHERE kind <> 'crowding' AND snapshot IS NOT NULL

-- clips --
INSERT INTO media (digest, bytes, media_type, box_id, received_at)
SELECT md5(digest), 4000000, 'video/mp4', box_id, received_at FROM media

-- incidents --
INSERT INTO incidents (id, ward_id, site_id, box_id, camera_id, device_id, group_key, kind, kinds, severity, state, reason,
    escalations, events, opened_at, reported_at, last_at, acknowledged_at, ended_at)
SELECT id, ward_id, site_id, box_id, camera_id, device_id, kind, kind, ARRAY[kind], severity, work.state, NULL,
    CASE WHEN severity = 'critical' THEN 1 ELSE 0 END, 1, opened_at, received_at, closed_at,
    CASE WHEN work.state <> 'new' THEN received_at + INTERVAL '90 s' END,
    CASE WHEN work.state IN ('resolved', 'false_alarm') THEN received_at + INTERVAL '12 min' END
FROM events CROSS JOIN LATERAL (
    SELECT CASE WHEN opened_at > now() - INTERVAL '3 h' THEN 'new'
        WHEN extract(minute FROM opened_at)::int % 3 = 0 THEN 'false_alarm' ELSE 'resolved' END AS state
) AS work WHERE NOT suspect

-- silence --
INSERT INTO incidents (id, ward_id, box_id, kind, severity, opened_at) VALUES
    (gen_random_uuid(), 'phuong-4', 'phuong-4-1', 'box_silent', 'high', now() - INTERVAL '40 min')

-- notifications --
INSERT INTO notifications (incident_id, ward_id, step, channel, urgency, state, due_at, given_up_at, sent_at, created_at)
SELECT id, ward_id, 0, channel, 1, CASE WHEN channel = 'telegram' THEN 'sent' ELSE 'given_up' END, reported_at,
    reported_at + INTERVAL '1 h', CASE WHEN channel = 'telegram' THEN reported_at + INTERVAL '3 s' END, reported_at
FROM incidents CROSS JOIN (VALUES ('telegram'), ('email')) AS channels (channel) WHERE severity IN ('high', 'critical')

-- channels --
INSERT INTO notification_channels (name, tokens, last_sent_at) VALUES ('telegram', 5, now())

-- handovers --
INSERT INTO handovers (id, ward_id, starts_at, ends_at, author, note, summary, written_at) VALUES
    (gen_random_uuid(), 'an-luu', now() - INTERVAL '9 h', now() - INTERVAL '1 h', 'lan', '', '{}', now() - INTERVAL '1 h')

-- ledgers --
INSERT INTO box_ledgers (box_id, epoch, seqs, last_at, repeats)
SELECT id, gen_random_uuid(), int8multirange(int8range(1, 4000), int8range(4010, 5000)), now() - INTERVAL '5 s', 3 FROM boxes

-- quarantine --
INSERT INTO quarantine (received_at, topic, reason, detail, bytes, head)
SELECT moment, 'phoan/1/an-luu/box/an-luu-1/telemetry', 'not_json', 'line 1', 40, 'x'
FROM generate_series(now() - INTERVAL '20 h', now(), INTERVAL '3 h') AS moment

-- queue --
INSERT INTO correlation_queue (ward_id, event_id, event_opened_at) VALUES ('an-luu', gen_random_uuid(), now())

-- recordings --
INSERT INTO recordings (id, ward_id, site_id, box_id, camera_id, wanted_from, wanted_to, reason, requested_by) VALUES
    (gen_random_uuid(), 'an-luu', 'quang-trung', 'an-luu-1', 'quang-trung-1', now() - INTERVAL '2 h', now() - INTERVAL '1 h',
        'verify', 'lan')

-- points --
INSERT INTO payment_points (id, site_id, name, kind)
SELECT 'quay-' || n, 'cho-an-luu', 'Quầy ' || n, 'stall' FROM generate_series(1, 6) AS n

-- point_states --
INSERT INTO payment_states (point_id, state, cause, place, since, verified)
SELECT 'quay-' || n, CASE WHEN n < 4 THEN 'payable' WHEN n = 4 THEN 'not_payable' ELSE 'unknown' END,
    CASE WHEN n = 4 THEN 'power' WHEN n > 4 THEN 'box' END, CASE WHEN n >= 4 THEN 'cho-an-luu' END, now() - INTERVAL '1 h',
    CASE WHEN n < 3 THEN 'camera' END
FROM generate_series(1, 6) AS n

-- looks --
INSERT INTO payment_looks (ward_id, at) VALUES ('an-luu', now())

-- outages --
INSERT INTO payment_outages (point_id, began, ended, ward_id, site_id, cause, place)
SELECT 'quay-' || n, now() - n * INTERVAL '5 h', CASE WHEN n > 1 THEN now() - n * INTERVAL '4 h' END, 'an-luu', 'cho-an-luu',
    CASE WHEN n % 2 = 0 THEN 'power' ELSE 'device' END, 'cho-an-luu'
FROM generate_series(1, 4) AS n

-- days --
INSERT INTO payment_days (site_id, day, points, verified, open_minutes, payable_minutes, unknown_minutes, lost_minutes)
SELECT 'cho-an-luu', (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - n, 6, 2, 2700, 2500, 100, 100
FROM generate_series(0, 9) AS n

-- targets --
INSERT INTO payment_targets (ward_id, site_kind, site_id, payable, verified) VALUES
    ('an-luu', '', '', 0.8, 0.5), ('an-luu', 'market', '', 0.95, 0.6)

-- scans --
INSERT INTO payment_scans (id, at, username, ward_id, point_id, verdict)
SELECT gen_random_uuid(), now() - n * INTERVAL '1 h', 'lan', 'an-luu', 'quay-1', CASE WHEN n = 3 THEN 'not_ours' ELSE 'ours' END
FROM generate_series(1, 5) AS n

-- changes --
INSERT INTO payment_changes (id, ward_id, source, reason, proposed_by) VALUES
    (gen_random_uuid(), 'an-luu', 'form', 'new stall', 'lan')

-- backups --
INSERT INTO backups (began_at, ended_at, outcome, bytes, media_copied, media_removed, reason, detail)
SELECT now() - n * INTERVAL '1 day', now() - n * INTERVAL '1 day' + INTERVAL '10 min',
    CASE WHEN n % 4 = 0 THEN 'failed' ELSE 'good' END, CASE WHEN n % 4 <> 0 THEN 9e8 + n * 1e6 END, 40, 30,
    CASE WHEN n % 4 = 0 THEN 'folder' END, CASE WHEN n % 4 = 0 THEN 'mv: No space left on device' ELSE '' END
FROM generate_series(1, 10) AS n

-- configs --
INSERT INTO box_configs (box_id, revision, document, made_by, state, answered_at) VALUES
    ('an-luu-1', 0, '{}', NULL, 'applied', now()), ('an-luu-1', 1, '{}', 'lan', 'refused', now())

-- reports --
INSERT INTO box_reports (box_id, at, level, version, seconds, findings) VALUES
    ('an-luu-1', now() - INTERVAL '2 days', 'warn', '0.9.8', 4, '[]')

-- wishes --
INSERT INTO box_releases (box_id, wish, version, wished_by, state, reported_at) VALUES
    ('an-luu-1', gen_random_uuid(), '1.0.0', 'lan', 'failed', now())
