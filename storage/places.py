"""The places that somebody sees: what sites, cameras, zones and devices are called, and where sites and boxes stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("places")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A camera or a device at a site, or a site without cameras. `zones` are names by id, `ward_names` all that the
    ward ever had.
    """

    ward_id: str
    site_id: str
    camera_id: str | None
    site_name: str
    camera_name: str | None
    ward_names: str
    zones: dict[str, str]
    device_id: str | None = None
    device_name: str | None = None


@dataclass(frozen=True, slots=True)
class SiteRow:
    id: str
    ward_id: str
    name: str
    kind: str
    lat: float | None
    lon: float | None
    outline: list[tuple[float, float]] | None


@dataclass(frozen=True, slots=True)
class BoxRow:
    id: str
    ward_id: str
    site_id: str | None
    name: str
    state: str
    state_at: datetime | None
    lat: float | None
    lon: float | None


def names(connection: Db, scope: Scope) -> list[NamedRow]:
    with connection.cursor(row_factory=class_row(NamedRow)) as cursor:
        return cursor.execute(SQL["names"], scope.parameters()).fetchall()


def sites(connection: Db, scope: Scope) -> list[SiteRow]:
    with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        return cursor.execute(SQL["sites"], scope.parameters()).fetchall()


def boxes(connection: Db, scope: Scope) -> list[BoxRow]:
    with connection.cursor(row_factory=class_row(BoxRow)) as cursor:
        return cursor.execute(SQL["boxes"], scope.parameters()).fetchall()
