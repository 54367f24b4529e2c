"""The handover of a shift: the summary of a span of time in a ward, and notes that one officer leaves to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from storage.scope import Scope
from storage.sql import queries

SQL = queries("handovers")
Db = Connection[TupleRow]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Shift:
    """A span of time in the part of a ward that somebody sees."""

    ward: str
    start: datetime
    end: datetime
    scope: Scope


@dataclass(frozen=True, slots=True)
class CountRow:
    kind: str
    severity: str
    state: str
    n: int


@dataclass(frozen=True, slots=True)
class TimesRow:
    """Seconds; None where nothing was acknowledged or resolved."""

    acknowledged: int
    median_to_acknowledge: float | None
    slowest_to_acknowledge: float | None
    median_to_resolve: float | None


@dataclass(frozen=True, slots=True)
class WorkRow:
    actor: str
    actor_name: str
    action: str
    n: int


@dataclass(frozen=True, slots=True)
class CommentRow:
    incident_id: UUID
    kind: str
    at: datetime
    actor: str
    actor_name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    id: str
    name: str
    site: str
    box_state: str
    state: str
    fault: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class HandoverRow:
    id: UUID
    ward_id: str
    starts_at: datetime
    ends_at: datetime
    author: str
    author_name: str
    note: str
    summary: dict[str, Any]
    written_at: datetime
    accepted_by: str | None
    accepted_by_name: str | None
    accepted_at: datetime | None


def counts(connection: Db, shift: Shift) -> list[CountRow]:
    return _rows(connection, "counts", CountRow, shift)


def times(connection: Db, shift: Shift) -> TimesRow:
    (row,) = _rows(connection, "times", TimesRow, shift)
    return row


def work(connection: Db, shift: Shift) -> list[WorkRow]:
    return _rows(connection, "work", WorkRow, shift)


def comments(connection: Db, shift: Shift) -> list[CommentRow]:
    return _rows(connection, "comments", CommentRow, shift)


def cameras(connection: Db, shift: Shift) -> list[CameraRow]:
    """Cameras that show nothing now."""
    return _rows(connection, "cameras", CameraRow, shift)


def add(connection: Db, id_: UUID, shift: Shift, *, author: str, note: str, summary: dict[str, Any]) -> None:
    connection.execute(
        SQL["add"],
        {
            "id": id_,
            "ward": shift.ward,
            "start": shift.start,
            "end": shift.end,
            "author": author,
            "note": note,
            "summary": Jsonb(summary),
        },
    )


def page(connection: Db, wards: Sequence[str], *, limit: int = 20, only: UUID | None = None) -> list[HandoverRow]:
    """The newest notes of `wards`, or the one of that id."""
    with connection.cursor(row_factory=class_row(HandoverRow)) as cursor:
        return cursor.execute(SQL["page"], {"wards": list(wards), "limit": limit, "id": only}).fetchall()


def accept(connection: Db, id_: UUID, by: str) -> bool:
    """Whether `by` is the one who accepted it: not its author, and nobody was first."""
    return connection.execute(SQL["accept"], {"id": id_, "by": by}).fetchone() is not None


def _rows(connection: Db, query: str, row: type[Row], shift: Shift) -> list[Row]:
    parameters = {"ward": shift.ward, "start": shift.start, "end": shift.end, **shift.scope.parameters()}
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(SQL[query], parameters).fetchall()
