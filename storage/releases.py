"""Keeps which versions of the box's program there are, which is wanted of each box, and what the boxes say of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from contracts.release import Manifest, ReleaseReport
from storage.scope import Scope
from storage.sql import queries

SQL = queries("releases")


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    version: str
    arch: str
    sha256: str
    size: int
    notes: str
    made_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WishRow:
    """What a box is to run; the last four are what it said of that."""

    box: str
    wish: UUID
    version: str
    wished_by: str
    wished_at: datetime
    state: str | None
    reason: str | None
    detail: str
    reported_at: datetime | None


def add(
    connection: Connection[TupleRow], manifest: Manifest, signature: bytes, *, sha256: str, size: int, made_by: str
) -> bool:
    """Enter a release; False when one of this name is there."""
    row = {
        "version": manifest.version, "arch": manifest.arch.value, "sha256": sha256, "size": size,
        "signature": signature, "notes": manifest.notes, "made_by": made_by,
    }  # fmt: skip
    return connection.execute(SQL["add"], row).fetchone() is not None


def releases(connection: Connection[TupleRow]) -> list[ReleaseRow]:
    """All releases, the newest first."""
    with connection.cursor(row_factory=class_row(ReleaseRow)) as cursor:
        return cursor.execute(SQL["all"]).fetchall()


def find(connection: Connection[TupleRow], version: str, machine: str) -> ReleaseRow | None:
    """The release of a version that fits a machine."""
    with connection.cursor(row_factory=class_row(ReleaseRow)) as cursor:
        return cursor.execute(SQL["find"], {"version": version, "machine": machine}).fetchone()


def want(connection: Connection[TupleRow], box: str, version: str, *, wish: UUID, by: str) -> None:
    """From now on the box is to run this version."""
    connection.execute(SQL["want"], {"box": box, "wish": wish, "version": version, "by": by})


def forget(connection: Connection[TupleRow], box: str) -> str | None:
    """Nothing is wanted of the box any more; what was."""
    row = connection.execute(SQL["forget"], {"box": box}).fetchone()
    return row[0] if row else None


def wish_of(connection: Connection[TupleRow], box: str) -> WishRow | None:
    """What is wanted of a box."""
    with connection.cursor(row_factory=class_row(WishRow)) as cursor:
        return cursor.execute(SQL["wish"], {"box": box}).fetchone()


def wishes(connection: Connection[TupleRow], scope: Scope) -> list[WishRow]:
    """What is wanted of the boxes of which anything within `scope` hangs."""
    with connection.cursor(row_factory=class_row(WishRow)) as cursor:
        return cursor.execute(SQL["wishes"], scope.parameters()).fetchall()


def report(connection: Connection[TupleRow], box: str, said: ReleaseReport) -> bool:
    """Keep what a box says of its wish; False when it is another wish by now."""
    row = {
        "box": box, "wish": said.wish, "state": said.state.value, "reason": said.reason and said.reason.value,
        "detail": said.detail, "running": said.running,
    }  # fmt: skip
    return connection.execute(SQL["report"], row).fetchone() is not None


def boxes_of_ward(connection: Connection[TupleRow], ward: str) -> dict[str, str]:
    """The version that each box of a ward runs."""
    return dict(connection.execute(SQL["boxes_of_ward"], {"ward": ward}).fetchall())


def ward_of_box(connection: Connection[TupleRow], box: str) -> str | None:
    row = connection.execute(SQL["ward_of_box"], {"box": box}).fetchone()
    return row[0] if row else None
