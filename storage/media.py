"""The index of the media store: which digests are there, of what type, and which were removed and when.

The bytes are kept by api.footage.media, and removed by api.media_keeping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries

SQL = queries("media")


@dataclass(frozen=True, slots=True)
class MediumRow:
    """Bytes that are here until `removed_at`."""

    media_type: str
    removed_at: datetime | None


def put(connection: Connection[TupleRow], *, digest: str, size: int, media_type: str, box: str) -> None:
    """Note that the bytes with this digest are stored; repeats change nothing."""
    connection.execute(SQL["put"], {"digest": digest, "bytes": size, "media_type": media_type, "box": box})


def find(connection: Connection[TupleRow], digest: str) -> MediumRow | None:
    """What is known of the bytes with this digest; None when they never were here."""
    with connection.cursor(row_factory=class_row(MediumRow)) as cursor:
        return cursor.execute(SQL["find"], {"digest": digest}).fetchone()


def expired(connection: Connection[TupleRow], before: datetime, limit: int) -> list[str]:
    """The oldest of what came before a time, held until the transaction ends. What an unfinished incident shows, or
    another process holds, is never among them.
    """
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["expired"], {"before": before, "limit": limit}).fetchall()


def remove(connection: Connection[TupleRow], digests: Sequence[str]) -> None:
    """Note that these bytes are removed."""
    connection.execute(SQL["remove"], {"digests": list(digests)})
