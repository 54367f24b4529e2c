"""What a power cut or a bad disk damaged: set aside under `broken/` in the box's folder, bounded, and told the centre.

Whoever finds a file of theirs damaged sets it aside and goes on with a new one. Each time makes a folder named by the
moment and the part of the box, with the files and a line that says why; the oldest go when there is too much. The
centre hears of each once, as a sample `box.set_aside` whose zone is the part.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contracts.telemetry import Sample

log = logging.getLogger(__name__)

FOLDER: Final = "broken"
METRIC: Final = "box.set_aside"
WHY: Final = "why.txt"
MOST_BYTES: Final = 256_000_000
MOST_FOLDERS: Final = 100
EVERY_S: Final = 60.0
_TOLD: Final = "told"

_OF_THE_PLACE: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def set_aside(data_dir: Path, part: str, paths: Iterable[Path], why: str, *, bounded: bool = True) -> Path | None:
    """Move damaged files out of the way; the folder that holds them. On a disk that takes nothing they are removed:
    in the way they would be there again at the next start. Who still reads them bounds the folder later.
    """
    there = [path for path in paths if path.exists()]
    folder = _new_folder(data_dir / FOLDER, part)
    for path in there:
        try:
            if folder is None:
                raise OSError
            path.rename(folder / path.name)
        except OSError:
            path.unlink(missing_ok=True)
    if folder is not None:
        _note(folder, why)
        log.error("%s was damaged (%s); it is in %s", part, why, folder)
        if bounded:
            bound(data_dir)
    else:
        log.error("%s was damaged (%s), and cannot be kept", part, why)
    return folder


def is_damage(error: sqlite3.Error) -> bool:
    """Whether a database is damaged, rather than its disk full, gone or closed to us: then the file may be sound."""
    return primary_code(error) not in _OF_THE_PLACE


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's own code of an error; 0 where Python has found it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def bound(data_dir: Path) -> None:
    """Let the oldest go, until what is left is within the bounds; what is larger than they are goes itself."""
    folders = sorted(path for path in (data_dir / FOLDER).iterdir() if path.is_dir())
    sizes = {folder: _size(folder) for folder in folders}
    while folders and (sum(sizes[folder] for folder in folders) > MOST_BYTES or len(folders) > MOST_FOLDERS):
        oldest = folders.pop(0)
        shutil.rmtree(oldest, ignore_errors=True)


def noted(data_dir: Path, part: str, why: str) -> None:
    """Tell the centre of damage of which there is no file to keep."""
    set_aside(data_dir, part, (), why)


def untold(data_dir: Path) -> list[Path]:
    """What was set aside and the centre does not know yet, the oldest first."""
    found = sorted((data_dir / FOLDER).glob("*-*"))
    return [folder for folder in found if folder.is_dir() and not (folder / _TOLD).exists()]


def part_of(folder: Path) -> str:
    """The part of the box that a folder is about."""
    return folder.name.partition("-")[2].rpartition("-")[0]


class Telling:
    """Tells the centre of what was set aside. `append` keeps samples until the centre has them."""

    def __init__(self, data_dir: Path, box: str, append: Callable[[Sequence[Sample]], None]) -> None:
        self._data_dir = data_dir
        self._box = box
        self._append = append

    def run(self, stop: threading.Event) -> None:
        """Look now and then, until `stop` is set."""
        while True:
            self.tell(datetime.now(UTC))
            if stop.wait(EVERY_S):
                return

    def tell(self, now: datetime) -> None:
        """Put what is new into the outbox."""
        folders = untold(self._data_dir)
        counts = Counter(part_of(folder) for folder in folders)
        if not counts:
            return
        self._append(
            [
                Sample(at=now, device=self._box, metric=METRIC, value=float(count), zone=part)
                for part, count in counts.items()
            ]
        )
        for folder in folders:
            _mark(folder)


def _new_folder(parent: Path, part: str) -> Path | None:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    for number in range(1, 1000):
        folder = parent / f"{stamp}-{part}-{number:03}"
        try:
            parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError:
            return None
        return folder
    return None


def _note(folder: Path, why: str) -> None:
    try:
        (folder / WHY).write_text(why + "\n", encoding="utf-8")
    except OSError as error:
        log.error("why %s was set aside cannot be written: %s", folder.name, error.strerror)


def _mark(folder: Path) -> None:
    try:
        (folder / _TOLD).touch()
    except OSError as error:
        log.error("that %s was told cannot be written: %s", folder.name, error.strerror)


def _size(folder: Path) -> int:
    """Nothing for what another thread has just let go, or a bad disk does not tell."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except OSError:
        return 0
