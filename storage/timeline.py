"""One camera over some days: what happened, when it streamed, what it counted, which films were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.history import Length, Span
from storage.scope import Scope
from storage.sql import queries

SQL = queries("timeline")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class CameraNow:
    ward_id: str
    site_id: str
    state: str
    since: datetime | None
    box_state: str


@dataclass(frozen=True, slots=True)
class EventMark:
    """An event with what can be fetched of it."""

    id: UUID
    kind: str
    severity: str
    zone_id: str | None
    opened_at: datetime
    closed_at: datetime | None
    snapshot: bool
    thumbnail: bool
    clip: bool
    incident_id: UUID | None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of its measurements in one bucket a camera streamed, from 0 to 1."""

    bucket: datetime
    share: float


@dataclass(frozen=True, slots=True)
class PeopleCount:
    bucket: datetime
    mean: float
    highest: float


@dataclass(frozen=True, slots=True)
class CrossingCount:
    """Persons over one line, `into` and `out`."""

    bucket: datetime
    line: str
    into: int
    out: int


@dataclass(frozen=True, slots=True)
class Film:
    id: UUID
    began_at: datetime
    ended_at: datetime
    state: str
    requested_by: str
    ready: bool


def camera(connection: Db, camera: str) -> CameraNow | None:
    with connection.cursor(row_factory=class_row(CameraNow)) as cursor:
        return cursor.execute(SQL["camera"], {"camera": camera}).fetchone()


def events(connection: Db, camera: str, scope: Scope, span: Span, limit: int) -> list[EventMark]:
    """The newest events of a camera that were going on within `span`."""
    parameters = {**_bounds(camera, span), **scope.parameters(), "limit": limit}
    with connection.cursor(row_factory=class_row(EventMark)) as cursor:
        return cursor.execute(SQL["events"], parameters).fetchall()


def streaming(connection: Db, camera: str, span: Span, length: Length) -> list[Share]:
    with connection.cursor(row_factory=class_row(Share)) as cursor:
        return cursor.execute(_text("streaming", length), _bounds(camera, span)).fetchall()


def people(connection: Db, camera: str, span: Span, length: Length) -> list[PeopleCount]:
    with connection.cursor(row_factory=class_row(PeopleCount)) as cursor:
        return cursor.execute(_text("people", length), _bounds(camera, span)).fetchall()


def crossings(connection: Db, camera: str, span: Span, length: Length) -> list[CrossingCount]:
    with connection.cursor(row_factory=class_row(CrossingCount)) as cursor:
        return cursor.execute(_text("crossings", length), _bounds(camera, span)).fetchall()


def films(connection: Db, camera: str, span: Span, limit: int) -> list[Film]:
    """The newest requests for what the camera recorded within `span`."""
    with connection.cursor(row_factory=class_row(Film)) as cursor:
        return cursor.execute(SQL["recordings"], {**_bounds(camera, span), "limit": limit}).fetchall()


def _text(name: str, length: Length) -> bytes:
    return SQL[name].replace("{length}", length.value).encode()


def _bounds(camera: str, span: Span) -> dict[str, object]:
    return {"camera": camera, "start": span.start, "end": span.end}
