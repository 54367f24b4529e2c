"""The index of the media store: which digests are there, of what type. The bytes are kept by api.media."""

from __future__ import annotations

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
