"""Commits what boxes send: event revisions, samples and the ledger of their sequence numbers, exactly once.

Knows the transaction; which records are sound is decided before (ingest.decode), and how measurements get in is in
storage.samples.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb
from psycopg.types.multirange import Int8Multirange
from psycopg.types.range import Int8Range

from contracts.event import Event, EventRecord
from contracts.records import SeqRange, ranges_of
from contracts.wire import MAX_MESSAGE_BYTES
from storage.samples import SampleLines, SampleWriter
from storage.sql import queries

SQL = queries("records")
CHANNEL = "phoan_events"
_KEYS_PER_NOTICE = 100  # a notice holds 8,000 bytes, a key some 65
QUARANTINE_HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose records they are: ward and box from the topic, epoch from the batch."""

    ward: str
    box: str
    epoch: UUID


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message, or one record of it, that goes to quarantine."""

    topic: str
    reason: str
    detail: str
    payload: bytes


@dataclass(slots=True)
class Commit:
    """Everything that one transaction writes."""

    events: list[tuple[Origin, EventRecord]] = field(default_factory=list)
    samples: SampleLines = field(default_factory=SampleLines)
    seqs: dict[Origin, set[int]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def ranges(self) -> dict[Origin, tuple[SeqRange, ...]]:
        """The committed sequence numbers of every origin, for the acknowledgements."""
        return {origin: ranges_of(seqs) for origin, seqs in self.seqs.items()}


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit did: events that became newer, and records marked because their time cannot be right."""

    events: int
    suspect: int


@dataclass(frozen=True, slots=True)
class KnownBox:
    """A declared box: `sites` are those where it, a camera or a device of it stands."""

    id: str
    ward_id: str
    cameras: list[str]
    devices: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequence numbers first_seq..last_seq (included) of an epoch that are not committed."""

    box_id: str
    epoch: UUID
    first_seq: int
    last_seq: int


def write(connection: Connection[TupleRow], commit: Commit, samples: SampleWriter | None = None) -> Written:
    """Write `commit` in one transaction. Repeats change nothing. `samples` remembers how measurements are best written.

    Raises psycopg.OperationalError when the database is away; nothing is written then.
    """
    with connection.transaction():
        connection.execute(SQL["stage"])
        for table, rows in staged_rows(commit).items():
            with connection.cursor().copy(SQL[f"copy_{table}"]) as copy:
                for row in rows:
                    copy.write_row(row)
        suspect = (samples or SampleWriter()).write(connection, commit.samples)
        return merge(connection, commit, suspect)


def staged_rows(commit: Commit) -> dict[str, list[tuple[object, ...]]]:
    """The rows for each staging table that gets any, in the order of its copy statement."""
    tables: dict[str, list[tuple[object, ...]]] = {
        "events": [_event_row(origin, record.event) for origin, record in commit.events],
        "ledger": [(origin.box, origin.epoch, _multirange(spans)) for origin, spans in commit.ranges().items()],
    }
    return {table: rows for table, rows in tables.items() if rows}


def merge(connection: Connection[TupleRow], commit: Commit, suspect: int) -> Written:
    """Bring what is staged into the tables, within the caller's transaction, and tell the APIs."""
    changed = connection.execute(SQL["merge_events"]).fetchall() if commit.events else []
    suspect += sum(1 for _, _, marked in changed if marked)
    if changed:
        connection.execute(SQL["queue"], {"ids": [id_ for id_, _, _ in changed]})
    connection.execute(SQL["merge_ledger"])
    for rejected in commit.rejected:
        _quarantine(connection, rejected)
    for start in range(0, len(changed), _KEYS_PER_NOTICE):
        keys = [[str(id_), at.isoformat()] for id_, at, _ in changed[start : start + _KEYS_PER_NOTICE]]
        connection.execute(SQL["notify"], {"keys": json.dumps(keys, separators=(",", ":"))})
    return Written(len(changed), suspect)


def known_boxes(connection: Connection[TupleRow]) -> list[KnownBox]:
    """Every declared box with its ward, cameras, devices and sites."""
    with connection.cursor(row_factory=class_row(KnownBox)) as cursor:
        return cursor.execute(SQL["known_boxes"]).fetchall()


def gaps(connection: Connection[TupleRow]) -> list[Gap]:
    """All gaps in the ledgers; an empty list proves that nothing before the newest record is missing."""
    with connection.cursor(row_factory=class_row(Gap)) as cursor:
        return cursor.execute(SQL["gaps"]).fetchall()


def _event_row(origin: Origin, event: Event) -> tuple[object, ...]:
    return (
        event.id, event.opened_at, event.revision, event.phase.value, event.kind, event.severity.value,
        origin.ward, event.site, origin.box, event.camera, event.device, event.zone, event.at, event.captured_at,
        event.closed_at, event.count, event.peak_count, event.confidence, event.snapshot, event.clip,
        Jsonb(event.model_dump(mode="json", exclude_none=True)),
    )  # fmt: skip


def _multirange(spans: Iterable[SeqRange]) -> Int8Multirange:
    return Int8Multirange([Int8Range(span.first, span.last, "[]") for span in spans])


def _quarantine(connection: Connection[TupleRow], rejected: Rejected) -> None:
    connection.execute(
        SQL["quarantine"],
        {
            "topic": rejected.topic[:300].replace("\x00", "?"),
            "reason": rejected.reason,
            "detail": rejected.detail[:500].replace("\x00", "?"),
            "bytes": len(rejected.payload),
            "head": rejected.payload[:QUARANTINE_HEAD_BYTES],
            "payload": rejected.payload if len(rejected.payload) <= MAX_MESSAGE_BYTES else None,
        },
    )
