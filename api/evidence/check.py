"""Whether an export of evidence is untouched. `judge` is pure: what was found in the archive in, a verdict out.

What is found: any byte of any file, of the manifest, of the signature, or of the archive around them that is not as it
was exported; files that were added, removed, renamed or put in another order. What cannot be found without a key that
the reader knows by another way: an export that somebody signed with a key of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from api.evidence.key import PublicKey, public_key
from contracts import archive
from contracts.archive import ArchiveError, Contents, Member
from contracts.evidence import (
    KEY,
    MANIFEST,
    MAX_KEY_BYTES,
    MAX_MANIFEST_BYTES,
    SIGNATURE,
    SIGNATURE_BYTES,
    UNNAMED,
    Manifest,
    read_manifest,
)
from contracts.wire import BrokenMessageError

Progress = Callable[[int], None]


class State(StrEnum):
    UNTOUCHED = "untouched"
    TOUCHED = "touched"
    UNREADABLE = "unreadable"  # no export, or one of a format that this program does not know


class KeyStanding(StrEnum):
    """What the reader knows of the key that signed."""

    NAMED = "named"
    UNNAMED = "unnamed"  # the reader named none
    OTHER = "other"  # the reader named another


UNREADABLE: Final = frozenset({"no_archive", "no_export", "too_large", "too_many_files", "unknown_format", "invalid"})

SENTENCES: Final = {
    "no_archive": "It is no export of evidence.",
    "no_export": "It is an archive, but no export of evidence.",
    "too_large": "It is larger than an export can be.",
    "too_many_files": "It holds more files than an export can.",
    "unknown_format": "It was made by a newer program: use a newer one to check it.",
    "invalid": "Its manifest is signed, but is not one that this program can read.",
    "cut_off": "The end of the archive is missing or was changed.",
    "not_as_written": "The archive is not as it was exported: it was changed, or packed anew by another program.",
    "header_changed": "{path}: what the archive says of this file was changed.",
    "file_changed": "{path}: was changed.",
    "file_missing": "{path}: is missing, or has another name now.",
    "file_added": "{path}: was not in the export.",
    "order_changed": "The files lie in another order than in the export: it was packed anew.",
    "signature_wrong": f"The signature does not fit {MANIFEST}: one of the two was changed.",
    "key_changed": f"{KEY}: is not the key that {MANIFEST} names.",
    "manifest_broken": f"{MANIFEST}: was changed.",
    "other_key": "Signed, but by a key that you have not named.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and with which file, where it is one."""

    code: str
    path: str | None = None

    def __str__(self) -> str:
        return SENTENCES[self.code].format(path=self.path)


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the archive: what its bytes are. `crc` is what the archive says, and must be that of the bytes."""

    path: str
    crc: int
    contents: Contents


@dataclass(frozen=True, slots=True)
class Signed:
    """The three files that the manifest does not name."""

    manifest: bytes
    signature: bytes
    pem: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    faults: tuple[Fault, ...] = ()
    manifest: Manifest | None = None
    key_id: str | None = None
    key: KeyStanding = KeyStanding.UNNAMED


def check(file: BinaryIO, named: Collection[str] = (), progress: Progress | None = None) -> Verdict:
    """Read an export and judge it. `named`: ids of keys that the reader knows; `progress` hears of bytes read."""
    try:
        members = archive.members(file)
    except ArchiveError as error:
        return _verdict([Fault(error.code, error.where)])
    missing = [name for name in UNNAMED if name not in {member.path for member in members}]
    if len(missing) == len(UNNAMED):
        return _verdict([Fault("no_export")])
    if missing:
        return _verdict([Fault("file_missing", name) for name in missing])
    signed = Signed(
        _small(file, members, MANIFEST, MAX_MANIFEST_BYTES),
        _small(file, members, SIGNATURE, SIGNATURE_BYTES),
        _small(file, members, KEY, MAX_KEY_BYTES),
    )
    return judge(list(_found(file, members, progress)), signed, named)


def judge(found: Sequence[Found], signed: Signed, named: Collection[str] = ()) -> Verdict:
    """The verdict on the files of an archive that is written as we write them."""
    faults: list[Fault] = []
    key = _key(signed.pem)
    manifest, broken = _manifest(signed.manifest)
    if key is None or signed.pem != key.pem or (manifest is not None and manifest.key_id != key.id):
        faults.append(Fault("key_changed", KEY))
    holds = key is not None and key.signed(signed.signature, signed.manifest)
    if not holds:
        faults.append(Fault("signature_wrong"))
    if broken is not None:
        faults.append(Fault(broken if holds else "manifest_broken", MANIFEST))
    if manifest is not None:
        faults += _compared(found, manifest)
    said = {fault.path for fault in faults}
    faults += [
        Fault("header_changed", file.path) for file in found if file.crc != file.contents.crc and file.path not in said
    ]
    if key is None:
        return _verdict(faults, manifest)
    standing = _standing(key.id, named)
    if standing is KeyStanding.OTHER:
        faults.append(Fault("other_key"))
    return _verdict(faults, manifest, key.id, standing)


def _verdict(
    faults: Sequence[Fault],
    manifest: Manifest | None = None,
    key_id: str | None = None,
    standing: KeyStanding = KeyStanding.UNNAMED,
) -> Verdict:
    if not faults:
        state = State.UNTOUCHED
    elif {fault.code for fault in faults} <= UNREADABLE:
        state = State.UNREADABLE
    else:
        state = State.TOUCHED
    return Verdict(state, tuple(faults), manifest, key_id, standing)


def _standing(key_id: str, named: Collection[str]) -> KeyStanding:
    if not named:
        return KeyStanding.UNNAMED
    return KeyStanding.NAMED if key_id in named else KeyStanding.OTHER


def _key(pem: bytes) -> PublicKey | None:
    try:
        return public_key(pem)
    except ValueError:
        return None


def _manifest(data: bytes) -> tuple[Manifest | None, str | None]:
    """The manifest, or why it cannot be read."""
    try:
        return read_manifest(data), None
    except BrokenMessageError as error:
        return None, "unknown_format" if error.reason == "unknown_format" else "invalid"


def _compared(found: Sequence[Found], manifest: Manifest) -> Iterator[Fault]:
    """Where the archive's files are not those of the manifest."""
    listed = {file.path: file for file in manifest.files}
    there = {file.path: file for file in found if file.path not in UNNAMED}
    for path, file in listed.items():
        if path not in there:
            yield Fault("file_missing", path)
        elif (there[path].contents.size, there[path].contents.sha256) != (file.bytes, file.sha256):
            yield Fault("file_changed", path)
    for path in there:
        if path not in listed:
            yield Fault("file_added", path)
    expected = [*(file.path for file in manifest.files), *UNNAMED]
    if {file.path for file in found} == set(expected) and [file.path for file in found] != expected:
        yield Fault("order_changed")


def _found(file: BinaryIO, members: Sequence[Member], progress: Progress | None) -> Iterator[Found]:
    for member in members:
        yield Found(member.path, member.crc, archive.contents_of(file, member))
        if progress:
            progress(member.place + member.size)


def _small(file: BinaryIO, members: Sequence[Member], path: str, most: int) -> bytes:
    """A file that is never longer than `most`; of a longer one as much as shows that it is."""
    member = next(member for member in members if member.path == path)
    return b"".join(archive.pieces_of(file, Member(path, member.place, min(member.size, most + 1), member.crc)))
