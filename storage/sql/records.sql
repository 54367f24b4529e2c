-- What ingest writes: batches of records through staging tables, each in one transaction with its ledger entry.

-- stage --
-- Session-private tables that COPY fills; they empty themselves at the end of every transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS stage_events (
    id uuid, opened_at timestamptz, revision int, phase text, kind text, severity text, ward_id text, site_id text,
    box_id text, camera_id text, device_id text, zone_id text, at timestamptz, captured_at timestamptz,
    closed_at timestamptz, count int, peak_count int, confidence real, snapshot text, clip text, body jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_ledger (
    box_id text, epoch uuid, seqs int8multirange
) ON COMMIT DELETE ROWS

-- copy_events --
COPY stage_events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id, device_id,
    zone_id, at, captured_at, closed_at, count, peak_count, confidence, snapshot, clip, body) FROM STDIN

-- copy_ledger --
COPY stage_ledger (box_id, epoch, seqs) FROM STDIN

-- merge_events --
-- Keep the newest revision of each event; an older or equal one changes nothing, nor does another box's. Rows are touched in key order, so
-- that two workers never wait for each other in a circle.
INSERT INTO events AS stored (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id,
    device_id, zone_id, at, captured_at, closed_at, count, peak_count, confidence, snapshot, clip, body, received_at,
    suspect)
SELECT DISTINCT ON (id, opened_at) id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id,
    device_id, zone_id, at, captured_at, closed_at, count, peak_count, confidence, snapshot, clip, body, now(),
    opened_at > now() + INTERVAL '2 minutes' OR opened_at < now() - INTERVAL '1 year'
FROM stage_events
ORDER BY id, opened_at, revision DESC
ON CONFLICT (id, opened_at) DO UPDATE SET
    revision = excluded.revision, phase = excluded.phase, severity = excluded.severity, at = excluded.at,
    captured_at = excluded.captured_at, closed_at = excluded.closed_at, count = excluded.count,
    peak_count = excluded.peak_count, confidence = excluded.confidence, snapshot = excluded.snapshot,
    clip = excluded.clip, body = excluded.body
WHERE stored.revision < excluded.revision AND stored.box_id = excluded.box_id
RETURNING id, opened_at, suspect

-- merge_ledger --
-- Note the sequence numbers as committed and count those that came again.
INSERT INTO box_ledgers AS stored (box_id, epoch, seqs)
SELECT box_id, epoch, range_agg(seqs) FROM stage_ledger GROUP BY box_id, epoch ORDER BY box_id, epoch
ON CONFLICT (box_id, epoch) DO UPDATE SET
    seqs = stored.seqs + excluded.seqs,
    last_at = now(),
    repeats = stored.repeats + (
        SELECT coalesce(sum(upper(again) - lower(again)), 0) FROM unnest(stored.seqs * excluded.seqs) AS again
    )

-- queue --
-- What incidents have to hear of, in the same transaction: a worker that dies now has not forgotten it.
INSERT INTO correlation_queue (ward_id, event_id, event_opened_at)
SELECT DISTINCT ward_id, id, opened_at FROM stage_events WHERE id = ANY(%(ids)s)

-- notify --
-- Tell the APIs which events changed; they hear of it when this transaction commits.
SELECT pg_notify('phoan_events', %(keys)s)

-- quarantine --
INSERT INTO quarantine (topic, reason, detail, bytes, head, payload)
VALUES (%(topic)s, %(reason)s, %(detail)s, %(bytes)s, %(head)s, %(payload)s)

-- known_boxes --
-- What ingest checks senders against: each box's ward, its cameras and devices, and the sites where it has any.
SELECT id, ward_id,
    ARRAY(SELECT id FROM cameras WHERE box_id = boxes.id) AS cameras,
    ARRAY(SELECT id FROM devices WHERE box_id = boxes.id) AS devices,
    ARRAY(
        SELECT site_id FROM cameras WHERE box_id = boxes.id UNION SELECT site_id FROM devices WHERE box_id = boxes.id
        UNION SELECT boxes.site_id WHERE boxes.site_id IS NOT NULL
    ) AS sites
FROM boxes

-- gaps --
-- Sequence numbers that a box gave out and that never arrived.
SELECT box_id, epoch, first_seq, last_seq FROM box_gaps ORDER BY box_id, epoch, first_seq
