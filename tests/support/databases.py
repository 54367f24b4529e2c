"""A real PostgreSQL for the whole test run, and a fresh migrated database for whoever asks."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from demo.postgres import Postgres
from storage import migrate

TEMPLATE = "migrated"
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 << 30
"""What a server may come to, its log included. Docker gives a container 64 MB of memory unless told otherwise."""

_numbers = itertools.count(1)


def memory() -> Path | None:
    """A folder in memory with room for a server. A database is 700 files, and on a disk these cost half a second."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES else None


def prepare_template(server: Postgres) -> None:
    """Migrate one database, from which the others are copied."""
    conninfo = server.create_database(TEMPLATE)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        migrate.migrate(connection)


@contextmanager
def fresh_database(server: Postgres, *, template: str = TEMPLATE) -> Iterator[str]:
    """The connection string of a database of one's own; `template0` gives an empty one."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield server.conninfo(name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
