"""Writes an export of evidence: the media as they lie on the disk, each held against its digest, then the manifest.

Also owns the folder where finished exports wait for an hour to be fetched. What the audit has to hear, and when, is
known by api.evidence.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from api.evidence import verify_page
from api.evidence.key import SigningKey
from api.evidence.subject import Piece
from api.footage.media import MediaFolder
from api.problems import ProblemError
from contracts import archive
from contracts.archive import ArchiveWriter
from contracts.evidence import (
    KEY,
    MANIFEST,
    PAGE,
    README,
    SIGNATURE,
    Absent,
    AbsentWhy,
    File,
    FileKind,
    Manifest,
)
from contracts.ids import Digest

log = logging.getLogger(__name__)

KEEP_S: Final = 3600.0
"""How long a finished export can be fetched."""

MAX_MEDIA_BYTES: Final = archive.MAX_BYTES - 64 * 1024 * 1024
MAX_KEPT_BYTES: Final = 2 * archive.MAX_BYTES

_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a finished export is."""

    manifest_sha256: Digest
    sha256: Digest
    bytes: int


class Package:
    """An export that is being written to `file`."""

    def __init__(self, file: BinaryIO, media: MediaFolder) -> None:
        self._file = file
        self._media = media
        self._archive = ArchiveWriter(file)
        self.files: list[File] = []
        self.absent: list[Absent] = []

    def add(self, piece: Piece) -> None:
        """Write a file, or note why it is not there. What does not have its digest is never signed."""
        if piece.digest is None:
            self._bytes(piece.path, piece.kind, piece.data)
            return
        try:
            source = self._media.path(piece.digest).open("rb")
        except OSError:
            self._leave_out(piece, AbsentWhy.REMOVED if piece.removed else AbsentWhy.MISSING)
            return
        with source:
            digest = piece.digest
            found = self._archive.add(piece.path, _pieces(source), lambda contents: contents.sha256 == digest)
        if found.sha256 != digest:
            log.error("medium %s is damaged on this disk: its bytes have digest %s", digest, found.sha256)
            self._leave_out(piece, AbsentWhy.DAMAGED, found.sha256)
            return
        self.files.append(File(path=piece.path, kind=piece.kind, bytes=found.size, sha256=found.sha256))

    def add_help(self) -> None:
        """Write how the export is checked, and the page that does it."""
        self._bytes(README, FileKind.README, readme())
        self._bytes(PAGE, FileKind.PAGE, verify_page.page())

    def seal(self, manifest: Manifest, key: SigningKey) -> Sealed:
        """Sign and finish; once this returns the export survives a power cut."""
        signed = manifest.to_bytes()
        for path, data in ((KEY, key.public.pem), (MANIFEST, signed), (SIGNATURE, key.sign(signed))):
            self._archive.add(path, iter([data]))
        self._archive.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._file.seek(0)
        whole = hashlib.sha256()
        for piece in _pieces(self._file):
            whole.update(piece)
        return Sealed(hashlib.sha256(signed).hexdigest(), whole.hexdigest(), size)

    def _bytes(self, path: str, kind: FileKind, data: bytes) -> None:
        written = self._archive.add(path, iter([data]))
        self.files.append(File(path=path, kind=kind, bytes=written.size, sha256=written.sha256))

    def _leave_out(self, piece: Piece, why: AbsentWhy, found: Digest | None = None) -> None:
        assert piece.digest
        self.absent.append(Absent(path=piece.path, kind=piece.kind, sha256=piece.digest, why=why, found=found))


class Finished:
    """Owns the folder of finished exports, which is on the disk of the media."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    @contextmanager
    def draft(self, export: UUID, expected: int) -> Iterator[BinaryIO]:
        """A file to write an export to; it can be fetched once this ends without an error. Raises ProblemError."""
        self._sweep()
        if self._kept() + expected > MAX_KEPT_BYTES:
            raise ProblemError(503, "busy", "Too much waits to be fetched; try later", headers={"Retry-After": "600"})
        path = self._path(export).with_suffix(".part")
        try:
            with path.open("x+b") as file:
                yield file
            path.rename(self._path(export))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise ProblemError(507, "no_room", "The disk of the centre is full") from None
        finally:
            path.unlink(missing_ok=True)

    def find(self, export: UUID) -> Path | None:
        """The file of a finished export; None when its time is over."""
        path = self._path(export)
        return path if _age_s(path) < KEEP_S else None

    def _path(self, export: UUID) -> Path:
        return self._folder / f"{export}.zip"

    def _sweep(self) -> None:
        for path in self._folder.iterdir():
            if _age_s(path) >= KEEP_S:
                path.unlink(missing_ok=True)

    def _kept(self) -> int:
        return sum(path.stat().st_size for path in self._folder.glob("*.zip"))


def size_of(pieces: tuple[Piece, ...], media: MediaFolder) -> int:
    """How many bytes these files have together. Raises ProblemError 422 when they are more than an export may have."""
    total = sum(len(piece.data) if piece.digest is None else _size(media.path(piece.digest)) for piece in pieces)
    if total > MAX_MEDIA_BYTES:
        raise ProblemError(422, "export_too_large", f"Together they have {total} bytes, at most {MAX_MEDIA_BYTES}")
    return total


@cache
def readme() -> bytes:
    """How an export is checked, in Vietnamese and English."""
    return files("api").joinpath("evidence", "readme.txt").read_bytes()


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _age_s(path: Path) -> float:
    """Of the file's last change; endless for one that is not there."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")
