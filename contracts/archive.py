"""The archive that evidence leaves in: a ZIP of uncompressed files, of which there is exactly one for the same files.

Every program opens it. We write each header in one way only, and read no other: what is changed, put between or behind,
cut off or packed anew by another program is seen before a single file is looked at. What lies in it and whether that is
untouched is the business of contracts.evidence and of who checks it.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

ZIP: Final = "application/zip"
MAX_FILES: Final = 1000
MAX_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Of a whole archive. Nothing is compressed, so what comes out is never more than what went in."""

PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,4}")
MAX_PATH: Final = 120

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_VERSION: Final = 10
_DATE: Final = 0x21  # 1 January 1980: the manifest says when, and the same files shall make the same archive
_UNIX_FILE: Final = (0o100644 << 16, 3 << 8 | 20)
_PIECE: Final = 1024 * 1024


class ArchiveError(Exception):
    """Not an archive as we write it. `where` is the file whose part is wrong, or None for the archive as a whole."""

    def __init__(self, code: str, where: str | None = None) -> None:
        super().__init__(code if where is None else f"{code}: {where}")
        self.code = code
        self.where = where


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its place is where its bytes begin in the archive."""

    path: str
    place: int
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file's bytes were found to be."""

    size: int
    crc: int
    sha256: str


def is_path(path: str) -> bool:
    """Whether a file may be called so: nothing that leads out of a folder, and nothing that another system reads as
    something else.
    """
    return len(path) <= MAX_PATH and PATH.fullmatch(path) is not None


class ArchiveWriter:
    """Owns the end of `file`, which must be empty and seekable; the caller closes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[Member] = []

    def add(self, path: str, pieces: Iterator[bytes], accept: Callable[[Contents], bool] | None = None) -> Contents:
        """Write a file. What `accept` refuses once its bytes are known is taken out again. Raises ValueError."""
        if not is_path(path) or any(member.path == path for member in self._members):
            raise ValueError(f"{path!r} cannot be the name of a further file")
        begin = self._file.tell()
        place = begin + _LOCAL.size + len(path)
        self._file.seek(place)
        found = _written(pieces, self._file, MAX_BYTES - place)
        end = self._file.tell()
        if accept is not None and not accept(found):
            self._file.seek(begin)
            self._file.truncate()
            return found
        member = Member(path, place, found.size, found.crc)
        self._file.seek(begin)
        self._file.write(_local(member))
        self._file.seek(end)
        self._members.append(member)
        return found

    def finish(self) -> None:
        """Write the directory. Raises ValueError when there are too many files."""
        if len(self._members) > MAX_FILES:
            raise ValueError(f"{len(self._members)} files, at most {MAX_FILES}")
        self._file.write(_directory(self._members, self._file.tell()))


def members(file: BinaryIO) -> list[Member]:
    """The files of an archive, after every byte around them was found to be as we write it. Raises ArchiveError."""
    size = file.seek(0, 2)
    if size > MAX_BYTES:
        raise ArchiveError("too_large")
    file.seek(0)
    if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise ArchiveError("no_archive")
    directory = _read_directory(file, size)
    found = list(_listed(directory))
    _require_names(found)
    end = found[-1].place + found[-1].size if found else 0
    if end + len(directory) != size or directory != _directory(found, end):
        raise ArchiveError("not_as_written")
    for member in found:
        file.seek(member.place - _LOCAL.size - len(member.path))
        if file.read(_LOCAL.size + len(member.path)) != _local(member):
            raise ArchiveError("header_changed", member.path)
    return found


def pieces_of(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a file, in pieces."""
    file.seek(member.place)
    left = member.size
    while left and (piece := file.read(min(_PIECE, left))):
        left -= len(piece)
        yield piece


def contents_of(file: BinaryIO, member: Member) -> Contents:
    """What the bytes of a file are."""
    return _written(pieces_of(file, member), None, member.size)


def _written(pieces: Iterator[bytes], file: BinaryIO | None, most: int) -> Contents:
    """Raises ValueError beyond `most` bytes."""
    size, crc, digest = 0, 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise ValueError("the archive becomes too large")
        crc = zlib.crc32(piece, crc)
        digest.update(piece)
        if file is not None:
            file.write(piece)
    return Contents(size, crc, digest.hexdigest())


def _local(member: Member) -> bytes:
    path = member.path.encode("ascii")
    return (
        _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, member.crc, member.size, member.size, len(path), 0) + path
    )  # fmt: skip


def _directory(found: Sequence[Member], place: int) -> bytes:
    """The archive's end: the directory of all files, which begins at `place`."""
    entries = b"".join(_central(member) for member in found)
    end = _END.pack(b"PK\5\6", 0, 0, len(found), len(found), len(entries), place, 0)
    return entries + end


def _central(member: Member) -> bytes:
    path = member.path.encode("ascii")
    attributes, made_by = _UNIX_FILE
    begin = member.place - _LOCAL.size - len(path)
    return (
        _CENTRAL.pack(
            b"PK\1\2", made_by, _VERSION, 0, 0, 0, _DATE, member.crc, member.size, member.size, len(path), 0, 0, 0, 0,
            attributes, begin,
        ) + path
    )  # fmt: skip


def _read_directory(file: BinaryIO, size: int) -> bytes:
    """The bytes from the directory's first to the archive's last. Raises ArchiveError."""
    if size < _END.size:
        raise ArchiveError("cut_off")
    file.seek(size - _END.size)
    mark, _, _, count, _, length, place, _ = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6":
        raise ArchiveError("cut_off")
    if count > MAX_FILES:
        raise ArchiveError("too_many_files")
    if place + length + _END.size != size or length > count * (_CENTRAL.size + MAX_PATH):
        raise ArchiveError("not_as_written")
    file.seek(place)
    return file.read(size - place)


def _listed(directory: bytes) -> Iterator[Member]:
    """The files as the directory names them, whatever else it says of them. Raises ArchiveError."""
    at, end, begin = 0, len(directory) - _END.size, 0
    while at < end:
        if at + _CENTRAL.size > end:
            raise ArchiveError("not_as_written")
        values = _CENTRAL.unpack_from(directory, at)
        crc, size, length = values[7], values[9], values[10]
        name = directory[at + _CENTRAL.size : at + _CENTRAL.size + length]
        path = name.decode("ascii", "replace")
        if values[0] != b"PK\1\2" or not is_path(path):
            raise ArchiveError("not_as_written")
        yield Member(path, begin + _LOCAL.size + length, size, crc)
        begin += _LOCAL.size + length + size
        at += _CENTRAL.size + length


def _require_names(found: Sequence[Member]) -> None:
    """Raises ArchiveError where two files would be one on a disk that does not tell A from a."""
    if len({member.path.casefold() for member in found}) < len(found):
        raise ArchiveError("not_as_written")
