"""Uploads that have not ended yet: one file a box and digest, which is what has arrived so far.

No box sees another's parts. What nobody goes on with is removed, and no box may have more parts than MAX_BOX_BYTES.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from api.problems import ProblemError
from contracts.media import MAX_MEDIA_BYTES

MAX_AGE_S: Final = 7 * 24 * 3600.0
MAX_BOX_BYTES: Final = 2 * MAX_MEDIA_BYTES


class Part:
    """One upload, held by one request at a time."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def append(self, data: bytes) -> None:
        """Raises ProblemError 507 when the disk is full."""
        try:
            self._file.write(data)
        except OSError:
            raise ProblemError(507, "no_room", "The disk of the centre is full") from None

    def sync(self) -> None:
        """Make what has arrived survive a power cut."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let others go on with it."""
        self._file.close()


class Parts:
    """Owns one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, box: str, digest: str) -> int:
        """How much of an upload has arrived."""
        try:
            return self._path(box, digest).stat().st_size
        except FileNotFoundError:
            return 0

    def open(self, box: str, digest: str, offset: int) -> Part:
        """Take hold of an upload that has reached `offset`. Raises ProblemError 409 when it has not, or is held."""
        path = self._path(box, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        if offset == 0:
            self._make_room(path)
        part = Part(path, path.open("ab", buffering=0))
        try:
            fcntl.flock(part._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            part.close()
            raise ProblemError(409, "busy", "Another request is sending this", headers={"Retry-After": "5"}) from None
        if part.size != offset:
            part.close()
            raise ProblemError(409, "wrong_offset", f"{self.size(box, digest)} bytes are here")
        return part

    def forget(self, box: str, digest: str) -> None:
        self._path(box, digest).unlink(missing_ok=True)

    def _path(self, box: str, digest: str) -> Path:
        return self._folder / box / digest

    def _make_room(self, new: Path) -> None:
        """Remove what is too old, and of this box what is beyond its share, the oldest first."""
        too_old = time.time() - MAX_AGE_S
        for path in self._folder.glob("*/*"):
            if _touched(path) < too_old:
                path.unlink(missing_ok=True)
        total = 0
        for path in sorted(_others(new), key=_touched, reverse=True):
            total += path.stat().st_size
            if total > MAX_BOX_BYTES - MAX_MEDIA_BYTES:
                path.unlink(missing_ok=True)


def _others(path: Path) -> Iterator[Path]:
    return (other for other in path.parent.iterdir() if other != path)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
