-- Stands in for the few TimescaleDB functions that the migrations and queries call, on a plain PostgreSQL.
-- Tables stay ordinary tables: no chunks, no compression. Each function has the real one's name and parameters.

CREATE FUNCTION create_hypertable(
    relation regclass,
    time_column_name name,
    chunk_time_interval interval DEFAULT NULL,
    create_default_indexes boolean DEFAULT true,
    if_not_exists boolean DEFAULT false
) RETURNS void LANGUAGE sql AS 'SELECT';

CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- 3 January 2000 is the Monday from which TimescaleDB counts its buckets, too.
AS $$ SELECT date_bin(bucket_width, ts, TIMESTAMPTZ '2000-01-03 00:00:00+00') $$;
