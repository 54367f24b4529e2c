"""The quarantine of broken messages: a bounded list that people look at, and from which they try messages again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.sql import queries

SQL = queries("quarantine")

MOST = 10_000
"""Messages kept at most; at 256 KiB each, the longest that is read, they fill 2.5 GB at worst."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One entry; `whole` tells whether it can be tried again."""

    id: int
    received_at: datetime
    topic: str
    reason: str
    detail: str
    bytes: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A message taken out to be tried again."""

    id: int
    topic: str
    payload: bytes


def page(connection: Connection[TupleRow], *, limit: int, reason: str | None = None) -> list[Quarantined]:
    """The newest entries."""
    with connection.cursor(row_factory=class_row(Quarantined)) as cursor:
        return cursor.execute(SQL["page"], {"limit": limit, "reason": reason}).fetchall()


def reasons(connection: Connection[TupleRow]) -> dict[str, int]:
    """How many entries there are of each reason."""
    return dict(connection.execute(SQL["reasons"]).fetchall())


def newest(connection: Connection[TupleRow]) -> int:
    """The id of the newest entry; 0 for none."""
    row = connection.execute(SQL["newest"]).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def next_whole(
    connection: Connection[TupleRow], *, after: int, up_to: int, reason: str | None = None
) -> Iterator[Held | None]:
    """Hold the next message behind `after` in a transaction: what the block does with it is done or undone with it."""
    with connection.transaction(), connection.cursor(row_factory=class_row(Held)) as cursor:
        yield cursor.execute(SQL["next_whole"], {"after": after, "newest": up_to, "reason": reason}).fetchone()


def remove(connection: Connection[TupleRow], entry: int) -> None:
    connection.execute(SQL["remove"], {"id": entry})


def trim(connection: Connection[TupleRow], keep: timedelta, most: int = MOST) -> int:
    """Drop what is older than `keep` or beyond `most`; returns how many entries that were."""
    return connection.execute(SQL["trim"], {"keep": keep, "most": most}).rowcount
