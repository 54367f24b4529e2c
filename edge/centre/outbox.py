"""What the box owes the centre, in SQLite: numbered records, open events, pictures to upload. Survives power cuts.

A record leaves only when the centre says that it is committed, or when there is no room for it: a full disk costs the
oldest of the least severe records, which are counted, and never stops the box. Every opening of the file starts a new
epoch, so a number is never used twice, not even by a box restored from an old backup (docs/decisions/002).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import ValidationError

from contracts.event import Event, EventRecord, Phase, Severity
from contracts.ids import new_id
from contracts.records import SeqRange
from contracts.telemetry import Sample, SampleRecord
from edge.centre.carve import is_whole
from edge.centre.outbox_file import noticing, open_file, set_body_aside

log = logging.getLogger(__name__)

RANK: Final = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}
"""The order in which records are given up when the disk is full: samples (0), then events from low to critical."""

_DROP_AT_ONCE: Final = 100
_RELIEFS: Final = 4

_RESERVE_BYTES: Final = 8 * 1024 * 1024
"""Disk that is held for the moment in which there is none: room for SQLite's log (4 MB) to be worked into the file."""

_MOST_PAGES: Final = 1_073_741_823
"""SQLite's own bound."""

T = TypeVar("T")


class Kind(StrEnum):
    EVENT = "event"
    SAMPLE = "sample"


class MediaKind(StrEnum):
    """What waits to be uploaded; of one severity in this order."""

    THUMBNAIL = "thumbnail"
    SNAPSHOT = "snapshot"
    RECORDING = "recording"  # asked for by a person, who waits for it
    CLIP = "clip"


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or clip that the centre shall have."""

    digest: str
    kind: MediaKind


@dataclass(frozen=True, slots=True)
class Upload:
    """A medium as it waits. `rank` is its event's severity (RANK)."""

    digest: str
    kind: MediaKind
    rank: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it waits. `number` orders epochs, `epoch` names the one it belongs to."""

    number: int
    epoch: UUID
    seq: int
    kind: Kind
    body: str


class Outbox:
    """Owns the file. All methods may be called from any thread; each is one durable transaction."""

    def __init__(self, path: Path, *, max_records: int) -> None:
        self._lock = threading.Lock()
        self._max_records = max_records
        self._head = self._count = self._given_up = 0
        self._path = path
        self._database = open_file(path)
        self._reserve = path.with_name(path.name + "-reserve")
        if not _hold(self._reserve):
            log.error("the disk is too full to hold %d MB in reserve for the outbox", _RESERVE_BYTES // 1024**2)
        self.epoch = new_id()
        self._number = self._durably(self._begin_epoch)
        self._count = int(self._database.execute("SELECT count(*) FROM records").fetchone()[0])
        self.appended = threading.Event()

    def append_event(self, event: Event, media: Sequence[Medium] = ()) -> None:
        """Keep an event's revision, remember the event while it is open, and have `media` uploaded."""
        rank = RANK[event.severity]

        def keep(database: sqlite3.Connection) -> None:
            self._insert(database, Kind.EVENT, rank, lambda seq: EventRecord(seq=seq, event=event).to_bytes())
            if event.phase is Phase.CLOSE:
                database.execute("DELETE FROM open_events WHERE id = ?", (str(event.id),))
            else:
                row = (str(event.id), event.to_bytes().decode())
                database.execute("INSERT OR REPLACE INTO open_events (id, body) VALUES (?, ?)", row)
            for medium in media:
                _ask_upload(database, medium, rank)

        self._keep(keep, 1)

    def append_samples(self, samples: Sequence[Sample]) -> None:
        """Keep measurements."""

        def keep(database: sqlite3.Connection) -> None:
            for sample in samples:
                fields = dict(sample)
                self._insert(database, Kind.SAMPLE, 0, partial(_sample_record, fields))

        self._keep(keep, len(samples))

    def waiting(self, limit: int, after: tuple[int, int] = (0, 0)) -> list[Stored]:
        """The oldest records behind `after` (epoch number, seq), at most `limit`. One that was damaged is set aside."""
        rows = self._ask(
            "SELECT records.epoch, epochs.id, seq, kind, body FROM records JOIN epochs ON number = records.epoch"
            " WHERE (records.epoch, seq) > (?, ?) ORDER BY records.epoch, seq LIMIT ?",
            (*after, limit),
        )
        found = [Stored(number, UUID(epoch), seq, Kind(kind), body) for number, epoch, seq, kind, body in rows]
        return [one for one in found if one.number == self._number or self._is_whole(one)]

    def acknowledge(self, epoch: UUID, ranges: Iterable[SeqRange]) -> int:
        """Forget what the centre has committed; returns how many records that were."""

        def forget(database: sqlite3.Connection) -> int:
            forgotten = 0
            row = database.execute("SELECT number FROM epochs WHERE id = ?", (str(epoch),)).fetchone()
            if row is None:
                return 0
            for span in ranges:
                cursor = database.execute(
                    "DELETE FROM records WHERE epoch = ? AND seq BETWEEN ? AND ?", (row[0], span.first, span.last)
                )
                forgotten += cursor.rowcount
            if row[0] != self._number:
                database.execute(
                    "DELETE FROM epochs WHERE number = ? AND NOT EXISTS (SELECT 1 FROM records WHERE epoch = number)",
                    (row[0],),
                )
            self._count -= forgotten
            return forgotten

        ranges = tuple(ranges)  # the change may be tried twice
        try:
            return self._durably(forget)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            return 0  # they are sent again, and acknowledged again

    def open_events(self) -> list[Event]:
        """Events that were open when the box last stopped, or still are."""
        found = []
        for name, body in self._ask("SELECT id, body FROM open_events"):
            try:
                found.append(Event.model_validate_json(body))
            except (ValidationError, UnicodeError):
                set_body_aside(self._path, "open event", body)
                self._forget("DELETE FROM open_events WHERE id = ?", (name,))
        return found

    def ask_upload(self, medium: Medium, severity: Severity) -> bool:
        """Have a medium uploaded that belongs to no event; False when the disk is too full to remember it."""
        return self._where_room(lambda database: _ask_upload(database, medium, RANK[severity]))

    def uploads(self, limit: int = 1000) -> list[Upload]:
        """What the centre does not have yet: the most severe first, of these pictures before clips, then by age."""
        order = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(MediaKind))
        rows = self._ask(
            f"SELECT digest, kind, rank FROM uploads ORDER BY rank DESC, CASE kind {order} END, rowid LIMIT ?",  # noqa: S608
            (limit,),
        )
        return [Upload(digest, MediaKind(kind), rank) for digest, kind, rank in rows]

    def uploaded(self, digest: str) -> None:
        """The centre has it. On a full disk this may be forgotten: then it is offered again, and the centre says so."""
        self._where_room(lambda database: database.execute("DELETE FROM uploads WHERE digest = ?", (digest,)))

    def spend(self, day: str, size: int) -> bool:
        """Count bytes of that day's uplink; earlier days are forgotten. False when the disk is too full to count."""

        def count(database: sqlite3.Connection) -> None:
            database.execute("DELETE FROM uplink WHERE day < ?", (day,))
            database.execute(
                "INSERT INTO uplink (day, bytes) VALUES (?, ?)"
                " ON CONFLICT (day) DO UPDATE SET bytes = bytes + excluded.bytes",
                (day, size),
            )

        return self._where_room(count)

    def spent(self, day: str) -> int:
        """How many bytes that day has cost so far."""
        rows = self._ask("SELECT bytes FROM uplink WHERE day = ?", (day,))
        return int(rows[0][0]) if rows else 0

    @property
    def head(self) -> int:
        """The last sequence number given out in this epoch."""
        return self._head

    @property
    def pending(self) -> int:
        """Records that wait for the centre."""
        return self._count

    @property
    def dropped(self) -> int:
        """Records given up for want of room, ever."""
        rows = self._ask("SELECT value FROM counters WHERE name = 'dropped'")
        return (int(rows[0][0]) if rows else 0) + self._given_up

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _ask(self, question: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        with self._lock, noticing(self._path):
            return self._database.execute(question, parameters).fetchall()

    def _is_whole(self, stored: Stored) -> bool:
        """Whether a record of an earlier run is as it was written; what is not is set aside, and leaves a gap."""
        if is_whole(stored.kind.value, stored.seq, stored.body):
            return True
        set_body_aside(self._path, stored.kind.value, stored.body)
        self._forget("DELETE FROM records WHERE epoch = ? AND seq = ?", (stored.number, stored.seq), records=1)
        return False

    def _forget(self, statement: str, parameters: tuple[object, ...], records: int = 0) -> None:
        def change(database: sqlite3.Connection) -> None:
            database.execute(statement, parameters)
            self._count -= records

        self._where_room(change)

    def _insert(self, database: sqlite3.Connection, kind: Kind, rank: int, body: Callable[[int], bytes]) -> None:
        if self._count >= self._max_records:
            self._make_room(database)
        self._head += 1
        database.execute(
            "INSERT INTO records (epoch, seq, kind, rank, body) VALUES (?, ?, ?, ?, ?)",
            (self._number, self._head, kind.value, rank, body(self._head).decode()),
        )
        self._count += 1

    def _make_room(self, database: sqlite3.Connection, at_once: int = _DROP_AT_ONCE) -> None:
        """Give up the oldest of the least severe records, and count them."""
        cursor = database.execute(
            "DELETE FROM records WHERE (epoch, seq) IN"
            " (SELECT epoch, seq FROM records ORDER BY rank, epoch, seq LIMIT ?)",
            (at_once,),
        )
        self._count -= cursor.rowcount
        self._given_up += cursor.rowcount
        self._note_given_up(database)
        log.error("outbox is full: gave up %d of the oldest, least severe records", cursor.rowcount)

    def _note_given_up(self, database: sqlite3.Connection) -> None:
        database.execute(
            "INSERT INTO counters (name, value) VALUES ('dropped', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (self._given_up,),
        )
        self._given_up = 0

    def _begin_epoch(self, database: sqlite3.Connection) -> int:
        return int(database.execute("INSERT INTO epochs (id) VALUES (?)", (str(self.epoch),)).lastrowid or 0)

    def _keep(self, keep: Callable[[sqlite3.Connection], None], records: int) -> None:
        """Have `keep` write so many records. Where a full disk prevents it even so, their numbers are spent on nothing,
        and the centre sees a gap.
        """
        try:
            self._durably(keep)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            with self._lock:
                self._head += records
                self._given_up += records
                with suppress(sqlite3.OperationalError):  # counted in the file with the next that fits
                    self._try(self._note_given_up)
            log.error("no room on the disk at all: gave up %d new records", records)
            return
        self.appended.set()

    def _where_room(self, change: Callable[[sqlite3.Connection], object]) -> bool:
        """Make a durable change, unless the disk is too full even so; whether it was made."""
        try:
            self._durably(change)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            return False
        return True

    def _durably(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Make one durable change, if need be after making room on a full disk, each time more."""
        with self._lock:
            for attempt in range(_RELIEFS):
                try:
                    return self._try(change)
                except sqlite3.OperationalError as error:
                    if not _is_full(error):
                        raise
                self._relieve(max(_DROP_AT_ONCE, self._count // 100) << attempt)
            return self._try(change)

    def _try(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """One durable change; head and counts go back with it when it fails."""
        before = self._head, self._count, self._given_up
        try:
            with noticing(self._path), self._database:
                return change(self._database)
        except BaseException:
            self._head, self._count, self._given_up = before
            raise

    def _relieve(self, records: int) -> None:
        """Make room in the file: work the log into it on what was held in reserve, give up records, and grow no more
        until the disk has room for the reserve again. The log keeps its place on the disk, so nobody else can take it.
        """
        if not self._reserve.exists() and _hold(self._reserve):
            self._bound(_MOST_PAGES)
            return
        self._reserve.unlink(missing_ok=True)
        self._database.execute("PRAGMA wal_checkpoint(RESTART)")
        self._try(lambda database: self._make_room(database, records))
        self._bound(int(self._database.execute("PRAGMA page_count").fetchone()[0]))

    def _bound(self, pages: int) -> None:
        self._database.execute(f"PRAGMA max_page_count = {pages}")


def _is_full(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode == sqlite3.SQLITE_FULL


def _hold(reserve: Path) -> bool:
    """Take disk space that `_relieve` gives back; whether there was as much."""
    try:
        with reserve.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _RESERVE_BYTES)
    except OSError:
        reserve.unlink(missing_ok=True)
        return False
    return True


def _ask_upload(database: sqlite3.Connection, medium: Medium, rank: int) -> None:
    """The same bytes asked for twice are uploaded once, at the higher rank."""
    database.execute(
        "INSERT INTO uploads (digest, rank, kind) VALUES (?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET rank = max(rank, excluded.rank)",
        (medium.digest, rank, medium.kind.value),
    )


def _sample_record(fields: dict[str, Any], seq: int) -> bytes:
    return SampleRecord(seq=seq, **fields).to_bytes()
