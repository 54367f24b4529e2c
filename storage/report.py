"""Reads what an operator wants to know of the store itself: versions, sizes, policies, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.migrate import has_timescaledb
from storage.sql import queries

SQL = queries("report")


@dataclass(frozen=True, slots=True)
class Size:
    """A table and the bytes it takes with its indexes (and, where there are any, its chunks)."""

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One of TimescaleDB's background jobs."""

    proc_name: str
    hypertable_name: str
    config: str
    next_start: str | None


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A box: how it is, what it still holds, what it gave up, what never arrived, what came again."""

    id: str
    state: str
    state_at: datetime | None
    pending: int | None
    dropped: int | None
    missing: int
    repeats: int


def engine(connection: Connection[TupleRow]) -> tuple[str, str]:
    """The engine's name, `timescaledb` or `postgresql`, and its version."""
    if has_timescaledb(connection):
        row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
        return "timescaledb", str(row[0]) if row else ""
    row = connection.execute("SHOW server_version").fetchone()
    return "postgresql", str(row[0]) if row else ""


def sizes(connection: Connection[TupleRow]) -> list[Size]:
    """Every table, the largest first."""
    with connection.cursor(row_factory=class_row(Size)) as cursor:
        found = {size.name: size for size in cursor.execute(SQL["sizes"]).fetchall()}
        if has_timescaledb(connection):
            found |= {size.name: size for size in cursor.execute(SQL["hypertable_sizes"]).fetchall()}
    return sorted(found.values(), key=lambda size: (-size.bytes, size.name))


def policies(connection: Connection[TupleRow]) -> list[Policy]:
    """TimescaleDB's policies; none on a plain PostgreSQL."""
    if not has_timescaledb(connection):
        return []
    with connection.cursor(row_factory=class_row(Policy)) as cursor:
        return cursor.execute(SQL["policies"]).fetchall()


def boxes(connection: Connection[TupleRow]) -> list[BoxLine]:
    with connection.cursor(row_factory=class_row(BoxLine)) as cursor:
        return cursor.execute(SQL["boxes"]).fetchall()


def missing(connection: Connection[TupleRow]) -> int:
    """How many records are known to be missing, of all boxes."""
    row = connection.execute(SQL["missing"]).fetchone()
    return int(row[0]) if row else 0
