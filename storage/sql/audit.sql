-- The audit log: a chain of entries, each with the digest of the one before.

-- hold_head --
-- The last link, held until the transaction ends: nobody else adds an entry meanwhile.
SELECT seq, digest, clock_timestamp() AS at FROM audit_head FOR UPDATE

-- add --
-- New links, and the head with them; one statement, since others wait meanwhile.
WITH moved AS (UPDATE audit_head SET seq = %(last)s, digest = %(head)s)
INSERT INTO audit (seq, at, actor, action, object, ward, client, details, previous, digest)
SELECT seq, at, actor, action, object, ward, client, details::jsonb, previous, digest
FROM unnest(%(seq)s::bigint[], %(at)s::timestamptz[], %(actor)s::text[], %(action)s::text[], %(object)s::text[],
    %(ward)s::text[], %(client)s::text[], %(details)s::text[], %(previous)s::bytea[], %(digest)s::bytea[])
    AS new (seq, at, actor, action, object, ward, client, details, previous, digest)

-- head --
SELECT seq, digest, clock_timestamp() AS at FROM audit_head

-- entries --
-- The chain from one number on, in order; read a piece at a time.
SELECT seq, at, actor, action, object, ward, client, details, previous, digest FROM audit
WHERE seq >= %(start)s ORDER BY seq LIMIT %(limit)s

-- newest --
-- A page for an administrator, newest first.
SELECT seq, at, actor, action, object, ward, client, details, previous, digest FROM audit
WHERE (%(before)s::bigint IS NULL OR seq < %(before)s)
    AND (%(actor)s::text IS NULL OR actor = %(actor)s)
    AND (%(object)s::text IS NULL OR object = %(object)s)
    AND (%(action)s::text IS NULL OR action = %(action)s OR starts_with(action, %(action)s || '.'))
    AND (%(ward)s::text IS NULL OR ward = %(ward)s)
    AND (%(start)s::timestamptz IS NULL OR at >= %(start)s)
    AND (%(end)s::timestamptz IS NULL OR at < %(end)s)
ORDER BY seq DESC LIMIT %(limit)s
