#!/bin/sh
# Makes the centre's roles and gives them their passwords; run again, it only sets the passwords anew. The image runs it
# when the database is made:
#   phoan    owns the database; the programs' role
#   backup   reads everything, for pg_dump; `phoan-ingest migrate` lets it note what became of each backup
#   grafana  reads what `phoan-ingest migrate` lets readers read
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\i /run/secrets/database-roles.sql
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['phoan', 'backup', 'grafana']) AS name
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE phoan PASSWORD :'phoan';
ALTER ROLE backup PASSWORD :'backup';
ALTER ROLE grafana PASSWORD :'grafana';
GRANT pg_read_all_data TO backup;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
ALTER ROLE grafana CONNECTION LIMIT 20;
SELECT format('ALTER DATABASE %I OWNER TO phoan', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO backup, grafana', current_database()) \gexec
SQL
