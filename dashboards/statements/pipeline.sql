-- How records get from boxes into the store: how late, what is missing, what was refused. OFFSET 0, here and in
-- other files, keeps the planner at looking up each box, camera or device by its key, however few there are.

-- missing --
SELECT coalesce(sum(gaps.last_seq - gaps.first_seq + 1), 0)::bigint AS missing
FROM box_gaps AS gaps JOIN boxes ON boxes.id = gaps.box_id WHERE boxes.ward_id IN (${ward:sqlstring})

-- outboxes --
SELECT coalesce(sum(outbox_pending), 0)::bigint AS pending, coalesce(sum(outbox_dropped), 0)::bigint AS dropped
FROM boxes WHERE ward_id IN (${ward:sqlstring})

-- quarantined --
SELECT count(*) AS quarantined FROM quarantine WHERE $__timeFilter(received_at)

-- suspect --
-- Measurements and events of the coming day: the clock of whoever wrote them is ahead. They are kept and not counted.
SELECT (
    SELECT count(*) FROM boxes CROSS JOIN LATERAL (
        SELECT FROM health WHERE health.device_id = boxes.id AND health.metric = 'outbox.pending' AND health.zone_id = ''
            AND health.at BETWEEN now() + INTERVAL '2 minutes' AND now() + INTERVAL '1 day' OFFSET 0
    ) AS ahead WHERE boxes.ward_id IN (${ward:sqlstring})
) + (
    SELECT count(*) FROM events WHERE events.ward_id IN (${ward:sqlstring})
        AND events.opened_at BETWEEN now() + INTERVAL '2 minutes' AND now() + INTERVAL '1 day'
) AS suspect

-- queues --
-- What the centre itself has not done yet: events without an incident, messages that are due, video that was asked for.
SELECT (SELECT count(*) FROM correlation_queue WHERE ward_id IN (${ward:sqlstring})) AS correlation,
    (SELECT count(*) FROM notifications
        WHERE state = 'pending' AND due_at < now() AND ward_id IN (${ward:sqlstring})) AS notifications,
    (SELECT count(*) FROM recordings
        WHERE state IN ('asked', 'accepted') AND ward_id IN (${ward:sqlstring})) AS recordings

-- lag --
-- How late a box's own measurements were committed, within the last day of the chosen time. It needs the rows themselves,
-- which know both times: one metric of each box, found by its key.
SELECT $__timeGroupAlias(rows.at, $__interval, NULL), boxes.name || ' (' || boxes.id || ')' AS metric,
    max(extract(epoch FROM rows.received_at - rows.at))::double precision AS value
FROM (
    SELECT id, name FROM boxes WHERE ward_id IN (${ward:sqlstring}) ORDER BY outbox_pending DESC NULLS LAST, id LIMIT 12
) AS boxes CROSS JOIN LATERAL (
    SELECT at, received_at FROM health
    WHERE health.device_id = boxes.id AND health.metric = 'outbox.pending' AND health.zone_id = ''
        AND health.at BETWEEN greatest($__timeFrom()::timestamptz, $__timeTo()::timestamptz - INTERVAL '1 day')
        AND $__timeTo()::timestamptz OFFSET 0
) AS rows
GROUP BY 1, 2 ORDER BY 1, 2

-- delay --
-- The same as figures: half of the measurements were faster, one of twenty was slower.
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS slowest
FROM boxes CROSS JOIN LATERAL (
    SELECT extract(epoch FROM received_at - at)::double precision AS seconds FROM health
    WHERE health.device_id = boxes.id AND health.metric = 'outbox.pending' AND health.zone_id = ''
        AND health.at BETWEEN greatest($__timeFrom()::timestamptz, $__timeTo()::timestamptz - INTERVAL '1 hour')
        AND $__timeTo()::timestamptz OFFSET 0
) AS rows
WHERE boxes.ward_id IN (${ward:sqlstring})

-- pending --
-- The eight boxes whose outboxes held most.
WITH boxed AS (
    SELECT $__timeGroupAlias(measured.bucket, $__interval, NULL), boxes.id AS box_id, boxes.name, max(measured.highest) AS pending
    FROM boxes CROSS JOIN LATERAL (
        SELECT bucket, highest FROM health_5m
        WHERE $__interval_ms < 3600000 AND device_id = boxes.id AND metric = 'outbox.pending' AND zone_id = ''
            AND $__timeFilter(bucket)
        UNION ALL
        SELECT bucket, highest FROM health_1h
        WHERE $__interval_ms >= 3600000 AND device_id = boxes.id AND metric = 'outbox.pending' AND zone_id = ''
            AND $__timeFilter(bucket)
    ) AS measured
    WHERE boxes.ward_id IN (${ward:sqlstring}) GROUP BY 1, 2
), fullest AS (
    SELECT box_id FROM boxed GROUP BY 1 ORDER BY max(pending) DESC, 1 LIMIT 8
)
SELECT boxed."time", boxed.name || ' (' || boxed.box_id || ')' AS metric, boxed.pending AS value
FROM boxed JOIN fullest USING (box_id) ORDER BY 1, 2

-- boxes --
-- Each box: how old its newest measurement is, what it holds, gave up, sent twice, and what of it never arrived.
SELECT boxes.state_at AS "time", wards.name AS ward, boxes.name AS box, boxes.state,
    extract(epoch FROM now() - newest.at)::double precision AS age,
    boxes.outbox_pending AS pending, boxes.outbox_dropped AS dropped,
    coalesce(ledgers.repeats, 0)::bigint AS repeats,
    coalesce((SELECT sum(last_seq - first_seq + 1) FROM box_gaps WHERE box_id = boxes.id), 0)::bigint AS missing
FROM boxes JOIN wards ON wards.id = boxes.ward_id
    CROSS JOIN LATERAL (
        SELECT max(latest_at) AS at FROM health_5m
        WHERE device_id = boxes.id AND metric = 'outbox.pending' AND zone_id = '' AND bucket > now() - INTERVAL '1 day'
    ) AS newest
    LEFT JOIN (SELECT box_id, sum(repeats) AS repeats FROM box_ledgers GROUP BY 1) AS ledgers ON ledgers.box_id = boxes.id
WHERE wards.id IN (${ward:sqlstring}) ORDER BY 9 DESC, 5 DESC NULLS FIRST, 2, 3 LIMIT 500

-- gaps --
SELECT gaps.last_at AS "time", boxes.name AS box, gaps.first_seq, gaps.last_seq,
    gaps.last_seq - gaps.first_seq + 1 AS missing, left(gaps.epoch::text, 8) AS epoch
FROM box_gaps AS gaps JOIN boxes ON boxes.id = gaps.box_id
WHERE boxes.ward_id IN (${ward:sqlstring}) ORDER BY 1 DESC, 2, 3 LIMIT 100

-- refused --
SELECT $__timeGroupAlias(received_at, $__interval, 0), reason AS metric, count(*) AS value
FROM quarantine WHERE $__timeFilter(received_at) GROUP BY 1, 2 ORDER BY 1, 2

-- refusals --
-- Of a message only what an engineer reads; the message itself stays in the store.
SELECT received_at AS "time", topic, reason, left(detail, 200) AS detail, bytes
FROM quarantine WHERE $__timeFilter(received_at) ORDER BY received_at DESC LIMIT 50

-- pictures --
-- Events of the last day whose picture has not arrived, by box.
SELECT boxes.name AS box, count(*) AS absent
FROM events JOIN boxes ON boxes.id = events.box_id LEFT JOIN media ON media.digest = events.snapshot
WHERE events.opened_at BETWEEN $__timeTo()::timestamptz - INTERVAL '1 day' AND $__timeTo()::timestamptz - INTERVAL '5 minutes'
    AND events.ward_id IN (${ward:sqlstring}) AND events.snapshot IS NOT NULL AND media.digest IS NULL
GROUP BY boxes.id ORDER BY 2 DESC, 1 LIMIT 12
