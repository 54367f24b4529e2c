"""Where a benchmark runs: the server that `DB=postgresql://...` names, else one that pip or npm brought."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from demo.postgres import Postgres
from storage import migrate, report


@contextmanager
def embedded() -> Iterator[str]:
    """An empty database on the embedded PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="phoan-bench-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "data")
        try:
            yield server.create_database("bench")
        finally:
            server.stop()


@contextmanager
def named(conninfo: str) -> Iterator[str]:
    """A database of our own on the server behind `conninfo`, dropped afterwards."""
    name = f"phoan_bench_{os.getpid()}"
    with psycopg.connect(conninfo, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield psycopg.conninfo.make_conninfo(conninfo, dbname=name)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def describe(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """Engine and versions, for the JSON line."""
    engine, version = report.engine(connection)
    row = connection.execute("SHOW server_version").fetchone()
    return {"engine": f"{engine} {version}", "server": f"PostgreSQL {row[0] if row else ''}"}


def migrated(conninfo: str) -> None:
    """Bring the database to the newest schema."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        migrate.migrate(connection)
