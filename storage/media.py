"""The index of the media store: which digests are there, of what type, and which were removed and when.

The bytes are kept by api.media, and removed by api.media_keeping.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, scalar_row

from storage.sql import queries

SQL = queries("media")


def put(connection: Connection[TupleRow], *, digest: str, size: int, media_type: str, box: str) -> None:
    """Note that the bytes with this digest are stored; repeats change nothing."""
    connection.execute(SQL["put"], {"digest": digest, "bytes": size, "media_type": media_type, "box": box})


def media_type(connection: Connection[TupleRow], digest: str) -> str | None:
    """The type of the bytes with this digest; None when they are not here."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        found: str | None = cursor.execute(SQL["media_type"], {"digest": digest}).fetchone()
    return found


def removed_at(connection: Connection[TupleRow], digest: str) -> datetime | None:
    """When the bytes with this digest were removed; None when they are here, or never were."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        found: datetime | None = cursor.execute(SQL["removed_at"], {"digest": digest}).fetchone()
    return found


def expired(connection: Connection[TupleRow], before: datetime, limit: int) -> list[str]:
    """The oldest of what came before a time. What an unfinished incident shows is never among them."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["expired"], {"before": before, "limit": limit}).fetchall()


def remove(connection: Connection[TupleRow], digests: Sequence[str]) -> None:
    """Note that these bytes are removed."""
    connection.execute(SQL["remove"], {"digests": list(digests)})
