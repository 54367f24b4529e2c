"""Brings a database to the newest schema: numbered SQL files, each in its own transaction, each exactly once.

Knows how to order, lock and record; what a migration does stands in `sql/migrations/NNNN_name.sql`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import TupleRow

from storage import sql

log = logging.getLogger(__name__)

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK = 0x70686F616E  # "phoan": any number of processes may migrate at once, one does the work


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    body: LiteralString


class TooNewError(Exception):
    """The database was migrated by a newer release than this one."""


def known() -> list[Migration]:
    """All migrations in order. Raises ValueError when numbers are missing or used twice."""
    found = [
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in files("storage.sql").joinpath("migrations").iterdir()
        if (match := _NAME.match(entry.name))
    ]
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("migration numbers must count 1, 2, 3 ... without gaps")
    return found


def migrate(connection: Connection[TupleRow]) -> list[str]:
    """Apply what is missing and return the names applied.

    `connection` must be in autocommit mode. Raises TooNewError when the database knows more than this release.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _prepare(connection)
    applied: list[str] = []
    for migration in known():
        if _apply(connection, migration):
            applied.append(migration.name)
            log.info("applied migration %s", migration.name)
    newest = version(connection)
    if newest > len(known()):
        raise TooNewError(f"database is at migration {newest}, this release knows {len(known())}: upgrade this program")
    return applied


def version(connection: Connection[TupleRow]) -> int:
    """Number of the newest applied migration; 0 for an empty database."""
    row = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return 0
    row = connection.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()
    return int(row[0]) if row else 0


def has_timescaledb(connection: Connection[TupleRow]) -> bool:
    """Whether the TimescaleDB extension is installed in this database."""
    return connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone() is not None


def _prepare(connection: Connection[TupleRow]) -> None:
    """Install the extension or the shim, and the table that records migrations."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    if has_timescaledb(connection):
        return
    offered = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'").fetchone()
    if offered:
        connection.execute("CREATE EXTENSION timescaledb")
        return
    connection.execute(sql.text("shim_postgresql.sql"))
    log.warning(
        "this PostgreSQL has no TimescaleDB: no chunks and no compression, so history will fill the disk sooner"
        " and old data answer slowly; fine for a demo, not for a ward"
    )


def _apply(connection: Connection[TupleRow], migration: Migration) -> bool:
    """Run one migration unless somebody already did; whether it ran."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        done = connection.execute("SELECT 1 FROM schema_migrations WHERE number = %s", (migration.number,)).fetchone()
        if done:
            return False
        connection.execute(migration.body)
        connection.execute(
            "INSERT INTO schema_migrations (number, name) VALUES (%s, %s)", (migration.number, migration.name)
        )
        return True
