-- The quarantine: looked at, tried again, kept within bounds.

-- page --
SELECT id, received_at, topic, reason, detail, bytes, payload IS NOT NULL AS whole FROM quarantine
WHERE (%(reason)s::text IS NULL OR reason = %(reason)s)
ORDER BY id DESC LIMIT %(limit)s

-- next_whole --
-- The next message that can be tried again; another process that tries it holds its row.
SELECT id, topic, payload FROM quarantine
WHERE id > %(after)s AND id <= %(newest)s AND payload IS NOT NULL AND (%(reason)s::text IS NULL OR reason = %(reason)s)
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED

-- newest --
SELECT coalesce(max(id), 0) FROM quarantine

-- remove --
DELETE FROM quarantine WHERE id = %(id)s

-- trim --
-- Keep the newest messages only: neither too many nor too old.
DELETE FROM quarantine
WHERE received_at < now() - %(keep)s::interval
    OR id <= (SELECT id FROM quarantine ORDER BY id DESC OFFSET %(most)s LIMIT 1)

-- reasons --
SELECT reason, count(*) FROM quarantine GROUP BY reason ORDER BY reason
