-- How the boxes fare, for who mounts and mends them.

-- boxes --
-- Every box of the places that are seen: a box with a camera at a seen site too. heard_at is the last that came of it,
-- state or record; the readings are the newest of the last 15 minutes.
SELECT boxes.id, boxes.name, wards.id AS ward_id, wards.name AS ward_name, sites.id AS site_id, sites.name AS site_name,
    boxes.state, boxes.state_at, CASE WHEN boxes.token_sha256 IS NOT NULL THEN 'granted'
        WHEN EXISTS (SELECT FROM broker_accounts WHERE kind = 'box' AND broker_accounts.name = boxes.id) THEN 'revoked'
        ELSE 'none' END AS access, boxes.version, boxes.outbox_pending AS pending, boxes.outbox_dropped AS dropped,
    greatest(boxes.state_at, (SELECT max(last_at) FROM box_ledgers WHERE box_id = boxes.id)) AS heard_at,
    (SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM box_gaps WHERE box_id = boxes.id)::bigint AS missing,
    coalesce((
        SELECT jsonb_object_agg(wanted.metric, newest.value)
        FROM (VALUES ('box.cpu_percent'), ('box.memory_percent'), ('box.disk_free_bytes')) AS wanted (metric)
        CROSS JOIN LATERAL (
            SELECT value FROM health
            WHERE device_id = boxes.id AND metric = wanted.metric AND zone_id = '' AND NOT suspect
                AND at > now() - interval '15 minutes'
            ORDER BY at DESC LIMIT 1
        ) AS newest
    ), '{}') AS readings
FROM boxes
JOIN wards ON wards.id = boxes.ward_id
LEFT JOIN sites ON sites.id = boxes.site_id
WHERE boxes.ward_id = ANY(%(wards)s) AND (
    boxes.ward_id = ANY(%(whole)s) OR boxes.site_id = ANY(%(sites)s)
    OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id = ANY(%(sites)s))
)
ORDER BY wards.id, boxes.id
