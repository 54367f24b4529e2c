"""Opens the outbox's file, whatever a power cut or a bad disk made of it.

A file that SQLite does not read any more is set aside, and every record that can still be read in it goes into a new
one under its old number (edge.centre.carve). So does what lies in a write-ahead log behind a damaged place, where
SQLite itself stops reading. What cannot be read leaves a gap in the numbers, which the centre sees.
"""

from __future__ import annotations

import logging
import mmap
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.event import EventRecord
from contracts.ids import new_id
from contracts.telemetry import SampleRecord
from edge import broken
from edge.centre.carve import Carver, Found, Log, Small, settled

log = logging.getLogger(__name__)

PART: Final = "outbox"
SUSPECT: Final = "-suspect"
"""Beside the file: SQLite found it damaged while the box ran."""

_TAILS: Final = ("", "-wal", "-shm")
_MOST_LOG: Final = 1024 * 1024 * 1024
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS epochs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS records (
    epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, rank INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS open_events (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS uploads (
    digest TEXT PRIMARY KEY, rank INTEGER NOT NULL, kind TEXT NOT NULL DEFAULT 'snapshot'
);
CREATE TABLE IF NOT EXISTS uplink (day TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO counters (name, value) VALUES ('dropped', 0);  -- there before there is no room for it
"""


class DamagedError(Exception):
    """The file is no outbox any more; the text says why."""


def open_file(path: Path) -> sqlite3.Connection:
    """The outbox's database, mended if need be. Raises sqlite3.OperationalError where there is no place for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wal = _log_of(path)
    try:
        _refuse_known_damage(path)
        database = _connect(path)
    except DamagedError as error:
        return _begin_anew(path, str(error))
    _take_from_log(database, path, wal)
    return database


@contextmanager
def noticing(path: Path) -> Iterator[None]:
    """Remember that SQLite finds the file damaged, for the next start to mend it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if broken.primary_code(error) in _DAMAGE:
            path.with_name(path.name + SUSPECT).touch()
        raise


def set_body_aside(path: Path, kind: str, body: str) -> None:
    """Keep what should be a record and is none."""
    folder = broken.set_aside(path.parent, PART, (), f"a stored {kind} could not be read")
    if folder is None:
        return
    try:
        (folder / f"{kind}.txt").write_text(body, encoding="utf-8", errors="replace")
    except OSError as error:
        log.error("the %s that could not be read cannot be kept either: %s", kind, error.strerror)


def _refuse_known_damage(path: Path) -> None:
    """Damage that SQLite does not see by itself. Raises DamagedError."""
    if path.with_name(path.name + SUSPECT).exists():
        raise DamagedError("SQLite found damage while the box ran")
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size and not (path.exists() and path.stat().st_size):
        raise DamagedError("the file is empty, and its log is not")  # SQLite would throw the log away


def _connect(path: Path) -> sqlite3.Connection:
    """Open a file. Raises DamagedError, or sqlite3.OperationalError where there is no place for it."""
    database = sqlite3.connect(path, timeout=10, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # a power cut must not take what rules already decided
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise DamagedError("integrity check failed")
        database.executescript(SCHEMA)
        _upgrade(database)
        _prove_readable(database)
    except sqlite3.Error as error:
        database.close()
        if not broken.is_damage(error):
            raise
        raise DamagedError(str(error)) from None
    except BaseException:
        database.close()
        raise
    database.text_factory = _text
    return database


def _prove_readable(database: sqlite3.Connection) -> None:
    """That the small tables hold what they should. Raises DamagedError, or sqlite3.Error."""
    for (name,) in database.execute("SELECT id FROM epochs"):
        try:
            UUID(name)
        except ValueError:
            raise DamagedError("an epoch has no name") from None
    wrong = database.execute(
        "SELECT count(*) FROM records WHERE kind NOT IN ('event', 'sample')"
        " OR typeof(seq) <> 'integer' OR typeof(body) <> 'text'"
        " UNION ALL SELECT count(*) FROM uploads WHERE length(digest) <> 64 OR digest GLOB '*[^0-9a-f]*'"
        " OR kind NOT IN ('thumbnail', 'snapshot', 'recording', 'clip') OR typeof(rank) <> 'integer'"
        " UNION ALL SELECT count(*) FROM counters WHERE typeof(value) <> 'integer'"
        " UNION ALL SELECT count(*) FROM uplink WHERE typeof(bytes) <> 'integer'"
        " UNION ALL SELECT count(*) FROM records WHERE epoch NOT IN (SELECT number FROM epochs)"
    ).fetchall()
    if any(count for (count,) in wrong):
        raise DamagedError("a row holds what it should not")


def _begin_anew(path: Path, why: str) -> sqlite3.Connection:
    """Set the file aside, and take over all that can be read in it."""
    paths = [path.with_name(path.name + tail) for tail in (*_TAILS, SUSPECT)]
    folder = broken.set_aside(path.parent, PART, paths, why, bounded=False)
    database = _connect(path)
    aside = folder / path.name if folder else path
    if folder and any((folder / (path.name + tail)).exists() for tail in _TAILS):
        records = _salvage(database, aside, Log(_log_of(aside)))
        log.error("took %d records over from the damaged outbox", records or 0)
        if records is not None:
            broken.bound(path.parent)
    return database


def _salvage(database: sqlite3.Connection, aside: Path, wal: Log, first: int | None = None) -> int | None:
    """Take over what can be read; how many records that were. What the disk has no room for stays set aside: None."""
    with _bytes_of(aside) as file:
        carver = Carver(file, wal, first)
        try:
            with database:
                _restore_small(database, carver.small())
            with database:
                return _restore(database, carver.records(), newest_wins=first is None)
        except sqlite3.OperationalError as error:
            log.error("not all of a damaged outbox could be taken over: %s", error)
            return None


def _restore_small(database: sqlite3.Connection, small: Small) -> None:
    database.executemany("INSERT OR IGNORE INTO epochs (number, id) VALUES (?, ?)", sorted(small.epochs.items()))
    events = [(name, event.to_bytes().decode()) for name, event in small.open_events.items()]
    database.executemany("INSERT OR IGNORE INTO open_events (id, body) VALUES (?, ?)", events)
    uploads = [(digest, rank, kind) for digest, (rank, kind) in small.uploads.items()]
    database.executemany("INSERT OR IGNORE INTO uploads (digest, rank, kind) VALUES (?, ?, ?)", uploads)
    database.execute("UPDATE counters SET value = max(value, ?) WHERE name = 'dropped'", (small.dropped,))


def _restore(database: sqlite3.Connection, records: Iterable[Found], *, newest_wins: bool) -> int:
    """Records whose epoch has lost its name get numbers of one of their own."""
    insert = "INSERT OR REPLACE" if newest_wins else "INSERT OR IGNORE"
    counting = "SELECT count(*) FROM records"
    known = dict(database.execute("SELECT number, id FROM epochs").fetchall())
    nameless: list[Found] = []
    before = database.execute(counting).fetchone()[0]
    for found in records:
        if found.number in known:
            database.execute(
                f"{insert} INTO records (epoch, seq, kind, rank, body) VALUES (?, ?, ?, ?, ?)",
                (found.number, found.seq, found.kind, found.rank, found.body),
            )
        elif not settled(known, found.number):
            nameless.append(found)
    _renumber(database, nameless)
    return int(database.execute(counting).fetchone()[0] - before)


def _renumber(database: sqlite3.Connection, nameless: list[Found]) -> None:
    if not nameless:
        return
    epoch = database.execute("INSERT INTO epochs (id) VALUES (?)", (str(new_id()),)).lastrowid
    newest = {(found.number, found.seq): found for found in nameless}
    for seq, key in enumerate(sorted(newest), 1):
        found = newest[key]
        database.execute(
            "INSERT INTO records (epoch, seq, kind, rank, body) VALUES (?, ?, ?, ?, ?)",
            (epoch, seq, found.kind, found.rank, with_seq(found.kind, found.body, seq)),
        )


def with_seq(kind: str, body: str, seq: int) -> str:
    """A record's body under another number."""
    model = EventRecord if kind == "event" else SampleRecord
    return model.model_validate_json(body).model_copy(update={"seq": seq}).to_bytes().decode()


def _take_from_log(database: sqlite3.Connection, path: Path, wal: bytes) -> None:
    """Take over what lies in the log behind a place that SQLite does not read beyond."""
    frames = Log(wal)
    _, read, _ = database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    first = max(0, int(read)) if frames.headed else 0
    if frames.written() <= first:
        return
    taken = _salvage(database, path, frames, first)
    if taken:
        broken.noted(path.parent, PART, f"the log was damaged; {taken} records behind that place were taken over")


def _log_of(path: Path) -> bytes:
    wal = path.with_name(path.name + "-wal")
    try:
        return wal.read_bytes() if wal.stat().st_size <= _MOST_LOG else b""
    except OSError:
        return b""


@contextmanager
def _bytes_of(path: Path) -> Iterator[bytes | mmap.mmap]:
    """A file's bytes without reading all of them at once."""
    if not path.exists() or not path.stat().st_size:
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def _text(data: bytes) -> str:
    """Text as it is stored; what is no UTF-8 can still be told from what is."""
    return data.decode(errors="surrogateescape")


def _upgrade(database: sqlite3.Connection) -> None:
    """Add what files of older releases lack."""
    columns = {row[1] for row in database.execute("PRAGMA table_info(uploads)")}
    if "kind" not in columns:
        database.execute("ALTER TABLE uploads ADD COLUMN kind TEXT NOT NULL DEFAULT 'snapshot'")
