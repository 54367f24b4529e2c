"""Reads for the wall: cameras, single events, and what a notice of change refers to. storage.search finds events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("wall")


@dataclass(frozen=True, slots=True)
class CameraRow:
    id: str
    name: str
    box_id: str
    box_state: str
    ward_id: str
    ward_name: str
    site_id: str
    site_name: str
    state: str
    fault: str | None
    since: datetime | None
    width: int | None
    height: int | None
    fps: float | None
    analysed_fps: float | None
    lat: float | None
    lon: float | None
    bearing: float | None
    view_angle: float | None
    range_m: float | None
    zones: list[dict[str, Any]]
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BoxCameraRow:
    """One camera of a box beside the box's own state; the camera's columns are None for a box without any."""

    box_id: str
    ward_id: str
    box_state: str
    state_at: datetime | None
    id: str | None
    site_id: str | None
    state: str | None
    fault: str | None
    since: datetime | None
    width: int | None
    height: int | None
    fps: float | None
    analysed_fps: float | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event's newest revision; `body` is `contracts.event.Event` as JSON. Not every query asks for `incident_id`."""

    ward_id: str
    box_id: str
    body: dict[str, Any]
    received_at: datetime
    incident_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EventKey:
    """What finds an event at once: its id and the moment it opened, by which the table is divided."""

    opened_at: datetime
    id: UUID


def all_wards(connection: Connection[TupleRow]) -> list[str]:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["wards"]).fetchall()


def cameras(connection: Connection[TupleRow], scope: Scope) -> list[CameraRow]:
    with connection.cursor(row_factory=class_row(CameraRow)) as cursor:
        return cursor.execute(SQL["cameras"], scope.parameters()).fetchall()


def box_cameras(connection: Connection[TupleRow], boxes: Sequence[str], wards: Iterable[str]) -> list[BoxCameraRow]:
    """Those of `boxes` that are in `wards`, box by box."""
    with connection.cursor(row_factory=class_row(BoxCameraRow)) as cursor:
        return cursor.execute(SQL["box_cameras"], {"boxes": boxes, "wards": list(wards)}).fetchall()


def events_by_key(connection: Connection[TupleRow], keys: Sequence[EventKey]) -> list[EventRow]:
    with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(
            SQL["events_by_key"],
            {"ids": [key.id for key in keys], "opened": [key.opened_at for key in keys]},
        ).fetchall()


def event(connection: Connection[TupleRow], event_id: UUID, scope: Scope) -> EventRow | None:
    with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(SQL["event"], {"id": event_id, **scope.parameters()}).fetchone()
