-- Evidence: what an export has to know of its place and clock, and the exports that were made.

-- names --
-- What a place is called; NULL for what the inventory does not list any more.
SELECT (SELECT name FROM wards WHERE id = %(ward)s) AS ward, (SELECT name FROM sites WHERE id = %(site)s) AS site,
    (SELECT name FROM boxes WHERE id = %(box)s) AS box, (SELECT name FROM cameras WHERE id = %(source)s) AS camera,
    (SELECT name FROM devices WHERE id = %(source)s) AS device

-- lag --
-- How soon after their own time a box's measurements around a moment arrived: the least of it, and how many there were.
SELECT min(extract(epoch FROM received_at - at))::double precision AS least_s, count(*) AS records FROM health
WHERE device_id = %(box)s AND metric = 'box.cpu_percent' AND zone_id = ''
    AND at BETWEEN %(start)s::timestamptz AND %(end)s::timestamptz

-- put_key --
-- Remember a key that is about to sign.
INSERT INTO evidence_keys (id, pem) VALUES (%(id)s, %(pem)s) ON CONFLICT (id) DO NOTHING

-- keys --
SELECT id, pem, first_used_at FROM evidence_keys ORDER BY first_used_at DESC, id

-- add --
INSERT INTO exports (id, ward_id, subject, subject_id, reason, exported_by, exported_at, key_id, chain_seq,
    manifest_sha256, sha256, bytes, files, absent)
VALUES (%(id)s, %(ward_id)s, %(subject)s, %(subject_id)s, %(reason)s, %(exported_by)s, %(exported_at)s, %(key_id)s,
    %(chain_seq)s, %(manifest_sha256)s, %(sha256)s, %(bytes)s, %(files)s, %(absent)s)

-- one --
SELECT id, ward_id, subject, subject_id, reason, exported_by, exported_at, key_id, chain_seq, manifest_sha256, sha256,
    bytes, files, absent
FROM exports WHERE id = %(id)s

-- page --
-- Exports of these wards, newest first, older than the cursor.
SELECT id, ward_id, subject, subject_id, reason, exported_by, exported_at, key_id, chain_seq, manifest_sha256, sha256,
    bytes, files, absent
FROM exports
WHERE ward_id = ANY(%(wards)s)
    AND (%(before_at)s::timestamptz IS NULL OR (exported_at, id) < (%(before_at)s, %(before_id)s::uuid))
ORDER BY exported_at DESC, id DESC
LIMIT %(limit)s
