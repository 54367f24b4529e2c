"""Walls as people arranged them, their own and shared ones, and what else each user chose for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row
from psycopg.types.json import Jsonb

from storage.sql import queries

SQL = queries("layouts")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """`cameras` holds one for each tile, or None. With a `role` it is shared: with all of it, or those of one ward."""

    id: UUID
    owner: str
    role: str | None
    ward_id: str | None
    name: str
    tiles: int
    cameras: list[str | None]
    follow_alerts: bool
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What people decide of a layout."""

    name: str
    tiles: int
    cameras: Sequence[str | None]
    follow_alerts: bool
    role: str | None
    ward: str | None


def seen(connection: Db, user: str, role: str, wards: Sequence[str]) -> list[LayoutRow]:
    """One's own first, then those of others that are shared with one."""
    with connection.cursor(row_factory=class_row(LayoutRow)) as cursor:
        return cursor.execute(SQL["seen"], {"user": user, "role": role, "wards": list(wards)}).fetchall()


def hold(connection: Db, layout: UUID) -> LayoutRow | None:
    """A layout, which nobody else changes until the caller's transaction ends."""
    with connection.cursor(row_factory=class_row(LayoutRow)) as cursor:
        return cursor.execute(SQL["hold"], {"id": layout}).fetchone()


def owned(connection: Db, user: str) -> int:
    """How many layouts are a user's own."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        count: int | None = cursor.execute(SQL["owned"], {"user": user}).fetchone()
    return count or 0


def put(connection: Db, layout: UUID, owner: str, arranged: Arrangement) -> LayoutRow:
    """Create a layout, or change it and count its version."""
    parameters = {
        "id": layout,
        "owner": owner,
        "role": arranged.role,
        "ward": arranged.ward,
        "name": arranged.name,
        "tiles": arranged.tiles,
        "cameras": list(arranged.cameras),
        "follow_alerts": arranged.follow_alerts,
    }
    with connection.cursor(row_factory=class_row(LayoutRow)) as cursor:
        row = cursor.execute(SQL["put"], parameters).fetchone()
    assert row
    return row


def remove(connection: Db, layout: UUID) -> None:
    connection.execute(SQL["remove"], {"id": layout})


def preferences(connection: Db, user: str) -> dict[str, Any]:
    """What a user chose; empty for one who chose nothing."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        found: dict[str, Any] | None = cursor.execute(SQL["preferences"], {"user": user}).fetchone()
    return found or {}


def prefer(connection: Db, user: str, body: dict[str, Any]) -> None:
    connection.execute(SQL["prefer"], {"user": user, "body": Jsonb(body)})
