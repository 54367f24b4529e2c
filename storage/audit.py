"""The audit log: who did and saw what, as a chain in which every entry bears the digest of the one before.

An entry's digest is the SHA-256 over the entry as canonical JSON (RFC 8785): an object of `action`, `actor`, `at`,
`client`, `details`, `object`, `previous`, `seq` and `ward`, where `at` is UTC with microseconds
("2026-02-10T05:00:00.000000Z"), `previous` the digest before in hexadecimal, and `ward` null where none is meant. The
first entry's `previous` is the SHA-256 of nothing. Details hold no fractions (they are kept as text), so that every
program writes the same bytes.

`note` adds its entries within the caller's transaction: a change that is rolled back leaves no entry, and a change
without its entry cannot be. It holds the chain's head until that transaction ends, so it belongs at the end of one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.sql import queries

SQL = queries("audit")
Db = Connection[TupleRow]
Details = Mapping[str, object]

FIRST_PREVIOUS = hashlib.sha256(b"").digest()
PIECE = 2000
"""How many entries are read at once when the chain is walked."""
_ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_EXACT = 2**53
"""Beyond this many, JSON numbers are not the same in every program."""


class HeadMissingError(Exception):
    """The chain's last link is not where it must be: somebody has changed the database."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be entered. `action` is a code such as `session.opened`; `object` names what it was done to."""

    actor: str
    action: str
    object: str
    ward: str | None = None
    client: str = ""
    details: Details = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action):
            raise ValueError(f"{self.action!r} is no code of an action")


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain, as it is stored."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    ward: str | None
    client: str
    details: Details
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of the chain at a moment; 0 is the number before the first."""

    seq: int
    digest: bytes
    at: datetime


def note(connection: Db, *notes: Note) -> None:
    """Add `notes` to the chain, in the caller's transaction or, outside of any, in one of their own."""
    with connection.transaction():
        head = _head(connection, "hold_head")
        added = _chained(notes, head)
        last = added[-1] if added else head
        columns = {name: [getattr(entry, name) for entry in added] for name in Entry.__slots__}
        columns["details"] = [json.dumps(entry.details) for entry in added]
        connection.execute(SQL["add"], {**columns, "last": last.seq, "head": last.digest})


def head(connection: Db) -> Head:
    """The last link as it is now."""
    return _head(connection, "head")


def entries(connection: Db, start: int = 1) -> Iterator[Entry]:
    """The chain from number `start` on, in order; it never holds more than PIECE of them."""
    while True:
        with connection.cursor(row_factory=class_row(Entry)) as cursor:
            piece = cursor.execute(SQL["entries"], {"start": start, "limit": PIECE}).fetchall()
        yield from piece
        if len(piece) < PIECE:
            return
        start = piece[-1].seq + 1


def newest(
    connection: Db,
    *,
    limit: int,
    before: int | None = None,
    actor: str | None = None,
    thing: str | None = None,
    action: str | None = None,
    ward: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Entry]:
    """At most `limit` entries older than number `before`, newest first. `action` may be the first words of a code."""
    asked = {"actor": actor, "object": thing, "action": action, "ward": ward, "start": start, "end": end}
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(SQL["newest"], {"limit": limit, "before": before, **asked}).fetchall()


def canonical(entry: Entry) -> bytes:
    """The bytes that an entry's digest covers."""
    whole = {
        "action": entry.action,
        "actor": entry.actor,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "client": entry.client,
        "details": _plain(entry.details),
        "object": entry.object,
        "previous": entry.previous.hex(),
        "seq": entry.seq,
        "ward": entry.ward,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of_entry(entry: Entry) -> bytes:
    return hashlib.sha256(canonical(entry)).digest()


def _head(connection: Db, query: str) -> Head:
    with connection.cursor(row_factory=class_row(Head)) as cursor:
        found = cursor.execute(SQL[query]).fetchone()
    if found is None:
        raise HeadMissingError("the audit has no head: its row was removed from audit_head")
    return found


def _chained(notes: Iterable[Note], head: Head) -> list[Entry]:
    """`notes` as the links that follow `head`."""
    links: list[Entry] = []
    previous = head.digest
    for seq, item in enumerate(notes, head.seq + 1):
        links.append(_entry(item, seq, head.at, previous))
        previous = links[-1].digest
    return links


def _entry(item: Note, seq: int, at: datetime, previous: bytes) -> Entry:
    draft = Entry(
        seq=seq,
        at=at,
        actor=_text(item.actor),
        action=item.action,
        object=_text(item.object),
        ward=None if item.ward is None else _text(item.ward),
        client=_text(item.client),
        details={_text(key): _plain(value) for key, value in item.details.items()},
        previous=previous,
        digest=b"",
    )
    return replace(draft, digest=digest_of_entry(draft))


def _plain(value: object) -> object:
    """`value` as JSON that every program writes alike; keys in the order of their UTF-16 units (RFC 8785)."""
    match value:
        case None | bool():
            return value
        case Enum():
            return _plain(value.value)
        case int():
            return value if abs(value) <= _EXACT else str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            keyed = {_text(str(key)): _plain(part) for key, part in value.items()}
            return dict(sorted(keyed.items(), key=lambda item: item[0].encode("utf-16-be")))
        case list() | tuple():
            return [_plain(part) for part in value]
        case set() | frozenset():
            return sorted(_text(str(part)) for part in value)
        case str() | float() | UUID():
            return _text(str(value))
    raise TypeError(f"{type(value).__name__} cannot be kept in the audit")


def _text(value: str) -> str:
    """A text as the database can keep it: without NUL and without halves of characters."""
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
