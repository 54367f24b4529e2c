-- What an operator asks of the store: how large, how far, what is missing.

-- sizes --
-- Size of each table with its indexes, as PostgreSQL counts it.
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY 2 DESC, 1

-- hypertable_sizes --
-- Size of each hypertable with all of its chunks, compressed and not.
SELECT hypertable_name::text AS name, hypertable_size(format('%I.%I', hypertable_schema, hypertable_name)::regclass) AS bytes
FROM timescaledb_information.hypertables
WHERE hypertable_schema = 'public' ORDER BY 1

-- policies --
SELECT proc_name::text, hypertable_name::text, config::text, next_start::text
FROM timescaledb_information.jobs WHERE proc_name LIKE 'policy_%' ORDER BY 2, 1

-- boxes --
-- Each box with what it still holds and what of it never arrived.
SELECT boxes.id, boxes.state, boxes.state_at, boxes.outbox_pending AS pending, boxes.outbox_dropped AS dropped,
    (SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM box_gaps WHERE box_id = boxes.id)::bigint AS missing,
    (SELECT coalesce(sum(repeats), 0) FROM box_ledgers WHERE box_id = boxes.id)::bigint AS repeats
FROM boxes ORDER BY boxes.id

-- missing --
SELECT coalesce(sum(last_seq - first_seq + 1), 0)::bigint FROM box_gaps
