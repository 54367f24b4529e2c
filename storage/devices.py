"""Reads the devices of the places that somebody sees: sensors, meters, gateways, speakers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("devices")


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """`life` is what its box last said of it, as on the wire: 2 alive, 1 unknown, 0 silent; none for 15 minutes."""

    id: str
    name: str
    kind: str
    box_id: str | None
    gateway_id: str | None
    model: str
    adopted: bool
    site_id: str
    site_name: str
    ward_id: str
    ward_name: str
    life: float | None
    life_at: datetime | None


def devices(connection: Connection[TupleRow], scope: Scope) -> list[DeviceRow]:
    with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        return cursor.execute(SQL["devices"], scope.parameters()).fetchall()
