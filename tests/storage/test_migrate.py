from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import yaml

from demo.postgres import Postgres
from storage import migrate, sql
from tests.support.databases import fresh_database

DESCRIBE = """
SELECT 'column', table_name::text, column_name::text, concat_ws(' ', data_type, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'schema_migrations'
UNION ALL
SELECT 'index', tablename::text, indexname::text, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
UNION ALL
SELECT 'view', viewname::text, '', definition FROM pg_views WHERE schemaname = 'public'
ORDER BY 1, 2, 3, 4
"""


def test_migrations_and_schema_sql_give_the_same_database(postgres: Postgres) -> None:
    with fresh_database(postgres, template="template0") as conninfo, psycopg.connect(conninfo) as connection:
        connection.execute(sql.text("shim_postgresql.sql"))
        connection.execute(sql.text("schema.sql"))
        whole = connection.execute(DESCRIBE).fetchall()
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo) as connection:
        migrated = connection.execute(DESCRIBE).fetchall()
    assert migrated == whole
    assert len(whole) > 50


def test_migrating_again_changes_nothing(postgres: Postgres) -> None:
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        assert migrate.migrate(connection) == []
        assert migrate.version(connection) == len(migrate.known())


def test_two_at_once_apply_each_migration_once(postgres: Postgres) -> None:
    def run(conninfo: str) -> list[str]:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            return migrate.migrate(connection)

    with fresh_database(postgres, template="template0") as conninfo, ThreadPoolExecutor(4) as threads:
        applied = [name for names in threads.map(run, [conninfo] * 4) for name in names]
    assert sorted(applied) == [migration.name for migration in migrate.known()]


def test_a_database_of_a_newer_release_is_refused(postgres: Postgres) -> None:
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("INSERT INTO schema_migrations (number, name) VALUES (999, '0999_future.sql')")
        with pytest.raises(migrate.TooNewError, match="upgrade this program"):
            migrate.migrate(connection)


def test_the_command_migrates_an_empty_database(postgres: Postgres, tmp_path: Path) -> None:
    config = tmp_path / "ingest.yaml"
    with fresh_database(postgres, template="template0") as conninfo:
        config.write_text(yaml.safe_dump({"database": conninfo, "mqtt": {"host": "localhost"}}))
        command = [sys.executable, "-m", "ingest", "--config", str(config), "migrate"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"migration {len(migrate.known())}" in done.stdout
    assert "no TimescaleDB" in done.stderr
