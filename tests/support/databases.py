"""A real PostgreSQL for the whole test run, and a fresh migrated database for whoever asks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from demo.postgres import Postgres
from storage import migrate

TEMPLATE = "migrated"
_numbers = itertools.count(1)


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
