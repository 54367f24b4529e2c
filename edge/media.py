"""Pictures on the box's disk, named by their SHA-256, bounded: the oldest go first."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from contracts.ids import digest_of

log = logging.getLogger(__name__)


class MediaStore:
    """Owns one folder."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*/*.part"):  # a power cut fell into the writing of these
            torn.unlink()
        self._bytes = sum(file.stat().st_size for file in folder.glob("*/*"))

    def put(self, data: bytes) -> str:
        """Keep `data` and return its digest. Once this returns it survives a power cut."""
        digest = digest_of(data)
        path = self.path(digest)
        with self._lock:
            if path.exists():
                return digest
            if not path.parent.exists():
                path.parent.mkdir()
                _sync(self._folder)
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
            _sync(path.parent)
            self._bytes += len(data)
            if self._bytes > self._max_bytes:
                self._prune()
        return digest

    def path(self, digest: str) -> Path:
        """Where the bytes with this digest lie, if they are here."""
        return self._folder / digest[:2] / digest

    def _prune(self) -> None:
        files = sorted(self._folder.glob("*/*"), key=lambda file: file.stat().st_mtime)
        removed = 0
        for file in files:
            if self._bytes <= 0.9 * self._max_bytes:
                break
            self._bytes -= file.stat().st_size
            file.unlink()
            removed += 1
        log.warning("media folder is full: removed the %d oldest pictures", removed)


def _sync(folder: Path) -> None:
    """Make a folder's new names as durable as the bytes behind them."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
