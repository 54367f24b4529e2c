"""Remembers on the disk what the box is to say, says and has said, so that each announcement is heard once at most.

A play is written down as begun before the speaker gets it. What was begun when the box died is told as interrupted:
nobody knows how much of it was heard.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.announcement import (
    Announce,
    AnnounceCancel,
    Announced,
    AnnounceReply,
    PlayFault,
    PlayState,
    Priority,
    SpeakerPlay,
)
from contracts.wire import iso_milliseconds
from edge import broken
from edge.announce.turn import Waiting

log = logging.getLogger(__name__)

TRANSIENT: Final = (sqlite3.OperationalError,)
"""The disk is full: what is to be said waits."""

KEPT: Final = timedelta(days=14)
"""The centre asks for some days; an answer that is older is nobody's any more."""

_WAITING: Final = "waiting"
_PLAYING: Final = "playing"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS plays (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL, speaker TEXT NOT NULL, digest TEXT NOT NULL, priority TEXT NOT NULL, expires_at TEXT NOT NULL,
    own INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, at TEXT NOT NULL,
    UNIQUE (id, speaker)
);
CREATE TABLE IF NOT EXISTS own (id TEXT PRIMARY KEY, body TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0);
"""


class DamagedError(Exception):
    """The file cannot be read any more."""


class Journal:
    """Owns the file. All methods may be called from any thread; each change is durable when it returns."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._lock = threading.Lock()
        self._database = _open(path, now)

    def hear(self, wanted: Announce, speakers: Iterable[str], now: datetime) -> list[AnnounceReply]:
        """Keep what is to be said, unless it is known; the answers as they are now. `speakers` are the box's."""
        there = set(speakers)
        with self._lock, self._database as database:
            database.execute("BEGIN")
            for speaker in wanted.speakers:
                state = _WAITING if speaker in there else PlayState.FAILED.value
                reason = None if speaker in there else PlayFault.NO_SPEAKER.value
                _put(
                    database, wanted.id, speaker, wanted.digest, wanted.priority, wanted.expires_at, False, state,
                    reason, now,
                )  # fmt: skip
        return self.replies(wanted.id, wanted.speakers)

    def cancel(self, unwanted: AnnounceCancel, now: datetime) -> list[AnnounceReply]:
        """What has not begun is not said any more, also what was never heard of."""
        at, cancelled = iso_milliseconds(now), PlayState.CANCELLED.value
        with self._lock, self._database as database:
            database.execute("BEGIN")
            for speaker in unwanted.speakers:
                _put(database, unwanted.id, speaker, "", Priority.NORMAL, now, False, cancelled, None, now)
                database.execute(
                    "UPDATE plays SET state = ?, at = ? WHERE id = ? AND speaker = ? AND state = ?",
                    (cancelled, at, str(unwanted.id), speaker, _WAITING),
                )
        return self.replies(unwanted.id, unwanted.speakers)

    def say_own(self, announced: Announced, speakers: Sequence[str], expires_at: datetime, now: datetime) -> bool:
        """Keep what the box says by its own rule; False when it is known."""
        assert announced.digest
        with self._lock, self._database as database:
            database.execute("BEGIN")
            row = (str(announced.id), announced.to_bytes().decode())
            if database.execute("INSERT OR IGNORE INTO own (id, body) VALUES (?, ?)", row).rowcount == 0:
                return False
            for speaker in speakers:
                _put(
                    database, announced.id, speaker, announced.digest, Priority.FIRE, expires_at, True, _WAITING, None,
                    now,
                )  # fmt: skip
        return True

    def waiting(self, speaker: str | None = None) -> list[Waiting]:
        """What is to be said, on one speaker or all, in the order in which it came."""
        with self._lock:
            rows = self._database.execute(
                "SELECT id, speaker, digest, priority, expires_at, own FROM plays"
                " WHERE state = ? AND speaker = coalesce(?, speaker) ORDER BY number",
                (_WAITING, speaker),
            ).fetchall()
        return [
            Waiting(UUID(id_), name, digest, Priority(priority), datetime.fromisoformat(until), bool(own))
            for id_, name, digest, priority, until, own in rows
        ]

    def begin(self, what: Waiting, now: datetime) -> bool:
        """It is about to be heard; False when it was cancelled in this moment."""
        return self._change(what, _PLAYING, None, now, before=_WAITING)

    def end(self, what: Waiting, state: PlayState, reason: PlayFault | None, now: datetime) -> None:
        """What became of it."""
        self._change(what, state.value, reason, now)

    def replies(self, announcement: UUID, speakers: Sequence[str]) -> list[AnnounceReply]:
        """How far it is on these speakers."""
        return [
            AnnounceReply(id=announcement, **play.model_dump())
            for play in self._plays(announcement)
            if play.speaker in speakers
        ]

    def untold(self) -> list[Announced]:
        """What the box said by its own rule, is over, and the centre has not kept yet."""
        with self._lock:
            rows = self._database.execute("SELECT body FROM own WHERE NOT told ORDER BY rowid").fetchall()
        found = []
        for (body,) in rows:
            announced = Announced.model_validate_json(body)
            plays = tuple(self._plays(announced.id))
            if all(play.state.for_good for play in plays):
                found.append(announced.model_copy(update={"plays": plays}))
        return found

    def told(self, announcement: UUID) -> None:
        with self._lock, self._database as database:
            database.execute("UPDATE own SET told = 1 WHERE id = ?", (str(announcement),))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _plays(self, announcement: UUID) -> list[SpeakerPlay]:
        with self._lock:
            rows = self._database.execute(
                "SELECT speaker, state, reason, at FROM plays WHERE id = ? ORDER BY number", (str(announcement),)
            ).fetchall()
        return [
            SpeakerPlay(
                speaker=speaker,
                state=PlayState.ACCEPTED if state in (_WAITING, _PLAYING) else PlayState(state),
                reason=reason,
                at=datetime.fromisoformat(at).astimezone(UTC),
            )
            for speaker, state, reason, at in rows
        ]

    def _change(self, what: Waiting, state: str, reason: str | None, now: datetime, before: str | None = None) -> bool:
        with self._lock, self._database as database:
            changed = database.execute(
                "UPDATE plays SET state = ?, reason = ?, at = ?"
                " WHERE id = ? AND speaker = ? AND state = coalesce(?, state)",
                (state, reason, iso_milliseconds(now), str(what.id), what.speaker, before),
            )
            return changed.rowcount == 1


def _open(path: Path, now: datetime) -> sqlite3.Connection:
    """The file; a new one in place of one that is damaged, and none at all on a disk that takes nothing: an alarm is
    then told all the same.
    """
    try:
        return _connect(str(path), now)
    except sqlite3.OperationalError as error:
        log.error("what is announced cannot be written to the disk, and is forgotten at the next start: %s", error)
        return _connect(":memory:", now)
    except DamagedError as error:
        paths = [path.with_name(path.name + tail) for tail in ("", "-wal", "-shm")]
        broken.set_aside(path.parent, "announcements", paths, str(error))
        return _connect(str(path), now)


def _connect(name: str, now: datetime) -> sqlite3.Connection:
    database = sqlite3.connect(name, check_same_thread=False, isolation_level=None)
    try:
        database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")
        _prove_readable(database)
        with database:
            database.execute("BEGIN")
            _begin_anew(database, now)
    except sqlite3.Error as error:
        database.close()
        if broken.is_damage(error):
            raise DamagedError(str(error)) from None
        raise
    except (ValueError, DamagedError) as error:
        database.close()
        raise DamagedError(str(error).splitlines()[0]) from None
    return database


def _prove_readable(database: sqlite3.Connection) -> None:
    """That every row holds what it should. Raises ValueError, DamagedError or sqlite3.Error."""
    if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise DamagedError("integrity check failed")
    for id_, _, _, priority, until, state, reason, at in database.execute(
        "SELECT id, speaker, digest, priority, expires_at, state, reason, at FROM plays"
    ):
        UUID(id_)
        Priority(priority)
        if state not in (_WAITING, _PLAYING):
            PlayState(state)
        if reason is not None:
            PlayFault(reason)
        if any(datetime.fromisoformat(moment).tzinfo is None for moment in (until, at)):
            raise ValueError("a time is in no zone")
    for (body,) in database.execute("SELECT body FROM own"):
        Announced.model_validate_json(body)


def _begin_anew(database: sqlite3.Connection, now: datetime) -> None:
    """What was begun was interrupted; what is old is nobody's any more."""
    database.execute(
        "UPDATE plays SET state = ?, reason = ?, at = ? WHERE state = ?",
        (PlayState.FAILED.value, PlayFault.INTERRUPTED.value, iso_milliseconds(now), _PLAYING),
    )
    database.execute("DELETE FROM plays WHERE at < ?", (iso_milliseconds(now - KEPT),))
    database.execute("DELETE FROM own WHERE told AND id NOT IN (SELECT id FROM plays)")


def _put(
    database: sqlite3.Connection,
    announcement: UUID,
    speaker: str,
    digest: str,
    priority: Priority,
    expires_at: datetime,
    own: bool,
    state: str,
    reason: str | None,
    now: datetime,
) -> None:
    database.execute(
        "INSERT OR IGNORE INTO plays (id, speaker, digest, priority, expires_at, own, state, reason, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(announcement), speaker, digest, priority.value, iso_milliseconds(expires_at), int(own), state, reason,
            iso_milliseconds(now),
        ),
    )  # fmt: skip
