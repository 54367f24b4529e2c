-- Stands in for the few TimescaleDB functions that the migrations and queries call, on a plain PostgreSQL.
-- Tables stay ordinary tables: no chunks, no compression. Each function has the real one's name and parameters. Run
-- before every migration, so that a newer release can add to it.

CREATE OR REPLACE FUNCTION create_hypertable(
    relation regclass,
    time_column_name name,
    chunk_time_interval interval DEFAULT NULL,
    create_default_indexes boolean DEFAULT true,
    if_not_exists boolean DEFAULT false
) RETURNS void LANGUAGE sql AS 'SELECT';

CREATE OR REPLACE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- 3 January 2000 is the Monday from which TimescaleDB counts its buckets, too.
AS $$ SELECT date_bin(bucket_width, ts, TIMESTAMPTZ '2000-01-03 00:00:00+00') $$;

CREATE OR REPLACE FUNCTION time_bucket(bucket_width interval, ts timestamptz, timezone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT date_bin(bucket_width, ts AT TIME ZONE timezone, TIMESTAMP '2000-01-03 00:00:00') AT TIME ZONE timezone $$;

CREATE OR REPLACE FUNCTION last_of(state double precision[], value double precision, ts timestamptz) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN state IS NULL OR extract(epoch FROM ts) >= state[2]
        THEN ARRAY[value, extract(epoch FROM ts)] ELSE state END
$$;

CREATE OR REPLACE FUNCTION last_value_of(state double precision[]) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT state[1]';

-- The value at the latest time.
CREATE OR REPLACE AGGREGATE last(double precision, timestamptz) (
    sfunc = last_of, stype = double precision[], finalfunc = last_value_of
);
