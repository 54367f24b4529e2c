"""How much of a disk may be used. Media and recordings stop before the disk is full: the last of it is the outbox's."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from contracts.ids import Digest


class DiskFullError(Exception):
    """There is no room, and nothing left that may be given up for it."""


@dataclass(frozen=True, slots=True)
class Room:
    """A folder on a disk, of which `reserve` bytes are never to be used up."""

    folder: Path
    reserve: int

    def lacks(self, size: int) -> int:
        """How many bytes must be freed before `size` more may be written; 0 when they may be written now."""
        disk = os.statvfs(self.folder)
        return max(0, size + self.reserve - disk.f_bavail * disk.f_frsize)


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of_file(path: Path) -> Digest:
    """The SHA-256 of a file's bytes, which may be more than fit in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def give_away(path: Path, like: Path) -> None:
    """Let `path` belong to whom `like` belongs: root types the commands, and the box runs under its own account."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
