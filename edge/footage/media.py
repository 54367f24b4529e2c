"""Pictures and clips on the box's disk, named by their SHA-256, bounded: the oldest of the least severe go first.

Each lies in the folder of its event's severity, which so needs no index that a power cut could tear.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.event import Severity
from contracts.ids import digest_of
from edge import broken
from edge.footage.disk import DiskFullError, Room, digest_of_file, sync

log = logging.getLogger(__name__)

_ORDER: Final = tuple(severity.value for severity in Severity)
"""From what is given up first to what is given up last."""


class MediaStore:
    """Owns one folder. `reserve` bytes of its disk stay free for others."""

    def __init__(self, folder: Path, *, max_bytes: int, reserve: int = 0) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self.drafts = folder / "drafts"
        for part in (self.drafts, *(folder / severity for severity in _ORDER)):
            part.mkdir(parents=True, exist_ok=True)
        for torn in self.drafts.iterdir():  # a power cut fell into the writing of these
            torn.unlink()
        self._room = Room(folder, reserve)
        self._adopt_flat_files()
        self._bytes = sum(file.stat().st_size for file in self._files())

    def put(self, data: bytes, severity: Severity) -> str:
        """Keep `data` and return its digest. Once this returns it survives a power cut. Raises DiskFullError."""
        digest = digest_of(data)
        draft = self.drafts / f"{digest}-{threading.get_ident()}"
        if self.find(digest) is None:
            try:
                draft.write_bytes(data)
            except OSError as error:
                draft.unlink(missing_ok=True)
                raise DiskFullError(error.strerror) from None
        return self._keep(draft, digest, len(data), severity)

    def put_file(self, draft: Path, severity: Severity) -> str:
        """Keep a finished file of `drafts`, which goes from there. Raises DiskFullError."""
        return self._keep(draft, digest_of_file(draft), draft.stat().st_size, severity)

    def find(self, digest: str) -> Path | None:
        """Where the bytes with this digest lie; None when they are not, or no longer, here."""
        places = (self._folder / severity / digest for severity in reversed(_ORDER))
        return next((place for place in places if place.exists()), None)

    def set_aside(self, path: Path, why: str) -> None:
        """Put a damaged file out of the way."""
        with self._lock:
            size = path.stat().st_size if path.exists() else 0
            broken.set_aside(self._folder.parent, "media", [path], why)
            self._bytes -= size

    def has_room(self) -> bool:
        """Whether a draft may grow; what is kept here gives way before the disk's reserve does."""
        with self._lock:
            lacking = self._room.lacks(0)
            if lacking:
                self._give_up(lacking)
            return not self._room.lacks(0)

    def _keep(self, draft: Path, digest: str, size: int, severity: Severity) -> str:
        """Give `draft` its name. Of two severities of the same bytes the higher holds."""
        place = self._folder / severity.value / digest
        with self._lock:
            found = self.find(digest)
            if found:
                draft.unlink(missing_ok=True)
                if _ORDER.index(found.parent.name) < _ORDER.index(severity.value):
                    found.rename(place)
                return digest
            try:
                self._make_room(size)
                sync(draft)
                draft.rename(place)
                sync(place.parent)
            except (OSError, DiskFullError) as error:
                draft.unlink(missing_ok=True)
                raise DiskFullError(str(error)) from None
            self._bytes += size
        return digest

    def _make_room(self, size: int) -> None:
        """Have room for a finished draft of `size` bytes. Raises DiskFullError."""
        over = self._bytes + size - self._max_bytes
        lacking = self._room.lacks(0)  # the draft lies on the disk already
        if over > 0 or lacking:
            self._give_up(max(over + self._max_bytes // 10 if over > 0 else 0, lacking))
        if self._room.lacks(0) or self._bytes + size > self._max_bytes:
            raise DiskFullError("no room for pictures and clips")

    def _give_up(self, least: int) -> None:
        """Remove files of `least` bytes together, if there are as many."""
        removed = 0
        for file in self._files():
            if least <= 0:
                break
            size = file.stat().st_size
            file.unlink()
            self._bytes -= size
            least -= size
            removed += 1
        if removed:
            log.warning("media folder is full: removed %d of the oldest, least severe pictures and clips", removed)

    def _files(self) -> Iterator[Path]:
        """All that is kept, in the order in which it is given up."""
        for severity in _ORDER:
            yield from sorted((self._folder / severity).iterdir(), key=lambda file: file.stat().st_mtime)

    def _adopt_flat_files(self) -> None:
        """Up to release 0.1 everything lay in folders named after its digest's first two digits."""
        for old in self._folder.glob("[0-9a-f][0-9a-f]"):
            for file in old.iterdir():
                file.rename(self._folder / Severity.MEDIUM.value / file.name) if file.suffix == "" else file.unlink()
            old.rmdir()
