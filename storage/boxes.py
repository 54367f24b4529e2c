"""Reads how the boxes fare: when each was last heard of, what it still holds, what it gave up, what never arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("boxes")


@dataclass(frozen=True, slots=True)
class BoxRow:
    """`pending` and `dropped` are what the box said last; `missing` are numbers that it gave out and that never came.

    `readings` holds the newest value of each metric that was measured within the last minutes.
    """

    id: str
    name: str
    ward_id: str
    ward_name: str
    site_id: str | None
    site_name: str | None
    state: str
    state_at: datetime | None
    heard_at: datetime | None
    version: str
    pending: int | None
    dropped: int | None
    missing: int
    readings: dict[str, float]
    access: str


def boxes(connection: Connection[TupleRow], scope: Scope) -> list[BoxRow]:
    """The boxes of which anything within `scope` hangs."""
    with connection.cursor(row_factory=class_row(BoxRow)) as cursor:
        return cursor.execute(SQL["boxes"], scope.parameters()).fetchall()
