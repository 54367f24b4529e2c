"""Exports of evidence: what one has to know of its place and clock, which keys signed, and what was exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.sql import queries
from storage.wall import EventKey

SQL = queries("exports")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class NamesRow:
    """What a place is called; None for what the inventory does not list any more."""

    ward: str | None
    site: str | None
    box: str | None
    camera: str | None
    device: str | None


@dataclass(frozen=True, slots=True)
class LagRow:
    """How many measurements of a box there were, and the least time that one took to arrive, by the two clocks."""

    least_s: float | None
    records: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    pem: str
    first_used_at: datetime


@dataclass(frozen=True, slots=True)
class ExportRow:
    id: UUID
    ward_id: str
    subject: str
    subject_id: UUID
    reason: str
    exported_by: str
    exported_at: datetime
    key_id: str
    chain_seq: int
    manifest_sha256: str
    sha256: str
    bytes: int
    files: int
    absent: int


def names(connection: Db, *, ward: str, site: str, box: str, source: str) -> NamesRow:
    """`source` is the camera or device."""
    with connection.cursor(row_factory=class_row(NamesRow)) as cursor:
        found = cursor.execute(SQL["names"], {"ward": ward, "site": site, "box": box, "source": source}).fetchone()
    assert found
    return found


def lag(connection: Db, box: str, at: datetime, within: timedelta) -> LagRow:
    """How soon the box's measurements around `at` arrived."""
    with connection.cursor(row_factory=class_row(LagRow)) as cursor:
        found = cursor.execute(SQL["lag"], {"box": box, "start": at - within, "end": at + within}).fetchone()
    assert found
    return found


def put_key(connection: Db, key_id: str, pem: str) -> None:
    """Remember a key that is about to sign."""
    connection.execute(SQL["put_key"], {"id": key_id, "pem": pem})


def keys(connection: Db) -> list[KeyRow]:
    """All keys that ever signed, newest first."""
    with connection.cursor(row_factory=class_row(KeyRow)) as cursor:
        return cursor.execute(SQL["keys"]).fetchall()


def add(connection: Db, row: ExportRow) -> None:
    """Note an export that was finished."""
    connection.execute(SQL["add"], asdict(row))


def one(connection: Db, export: UUID) -> ExportRow | None:
    with connection.cursor(row_factory=class_row(ExportRow)) as cursor:
        return cursor.execute(SQL["one"], {"id": export}).fetchone()


def page(connection: Db, wards: Sequence[str], *, limit: int, before: EventKey | None = None) -> list[ExportRow]:
    """At most `limit` exports of these wards, newest first, all older than `before`."""
    with connection.cursor(row_factory=class_row(ExportRow)) as cursor:
        return cursor.execute(
            SQL["page"],
            {
                "wards": list(wards),
                "limit": limit,
                "before_at": before and before.opened_at,
                "before_id": before and before.id,
            },
        ).fetchall()
