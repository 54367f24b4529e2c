"""What an export of evidence is: an archive of the media of one event, incident or recording, and a signed manifest.

The manifest names every file by its SHA-256, and says what is shown, who exported it, why and when, and which entry of
the audit's chain tells of it. `manifest.sig` is the Ed25519 signature over the bytes of `manifest.json` as they lie in
the archive, `key.pem` the public key; so `openssl` alone can check it. These three are the only files that the manifest
does not name. Pure: api.evidence.package writes an export, api.evidence.check decides whether one is untouched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from contracts.ids import Code, Digest, Slug
from contracts.model import ModelCard
from contracts.wire import BrokenMessageError, Message, Timestamp, explain

FORMAT: Final = 1

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
KEY: Final = "key.pem"
UNNAMED: Final = (KEY, MANIFEST, SIGNATURE)
"""The last files of every export, in this order."""

README: Final = "README.txt"
PAGE: Final = "verify.html"

MAX_MANIFEST_BYTES: Final = 4 * 1024 * 1024
SIGNATURE_BYTES: Final = 64
MAX_KEY_BYTES: Final = 400


class SubjectKind(StrEnum):
    EVENT = "event"
    INCIDENT = "incident"
    RECORDING = "recording"


class FileKind(StrEnum):
    """What a file of the export holds."""

    CLIP = "clip"
    SNAPSHOT = "snapshot"
    THUMBNAIL = "thumbnail"
    RECORDING = "recording"
    RECORD = "record"  # what the centre knows, as JSON
    README = "readme"
    PAGE = "page"


class AbsentWhy(StrEnum):
    """Why a file that the event names is not in the export."""

    MISSING = "missing"  # on its way from the box, or never came
    REMOVED = "removed"  # it had been kept for as long as the ward keeps such files
    DAMAGED = "damaged"  # what lies on the centre's disk does not have the digest that the box gave


class ClockNote(StrEnum):
    """Where the clock's offset comes from."""

    FROM_RECORDS = "from_records"  # from how soon the box's records of that time arrived
    LATE_RECORDS = "late_records"  # they came too late to say
    NO_RECORDS = "no_records"


class Subject(Message):
    """What was exported."""

    kind: SubjectKind
    id: UUID


class Export(Message):
    """Who exported it, why and when."""

    id: UUID
    at: Timestamp
    by: str
    by_name: str
    role: str
    reason: str


class Place(Message):
    """A ward, site, box, camera or device. No name: the inventory does not list it any more."""

    id: Slug
    name: str | None = None


class Clock(Message):
    """By how many milliseconds the box's clock was ahead of the centre's, at the least: a record's way to the centre is
    in it, and makes the clock look further behind than it was. Null where nothing says.
    """

    offset_ms: int | None
    clock_note: ClockNote
    records: int = Field(ge=0, description="how many of the box's records it was found from")


class Scene(Message):
    """One event or recording: when and where. `detector` names the card of the network that saw it. What a device
    measured names the device, and no camera.
    """

    id: UUID
    folder: str = ""
    kind: Code
    severity: Code | None = None
    began_at: Timestamp
    ended_at: Timestamp | None = None
    site: Place
    camera: Place | None = None
    device: Place | None = None
    box: Place
    clock: Clock
    detector: str | None = None

    @model_serializer(mode="wrap")
    def _as_always(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What a camera saw is written as it was before devices told anything."""
        written: dict[str, Any] = write(self)
        if self.device is None:
            del written["device"]
        return written


class File(Message):
    """A file of the export."""

    path: str
    kind: FileKind
    bytes: int = Field(ge=0)
    sha256: Digest


class Absent(Message):
    """A file that would have been there. `found` is the digest of the damaged bytes, which were left out."""

    path: str
    kind: FileKind
    sha256: Digest
    why: AbsentWhy
    found: Digest | None = None


class Link(Message):
    """The entry of the audit's chain that tells of this export; it bears the digest of all before it."""

    seq: int = Field(ge=1)
    digest: Digest


class Manifest(Message):
    """What is signed. `scenes_left_out`: further events of the incident, too many or not for the exporter to watch."""

    format: Literal[1] = FORMAT
    product: Literal["phoan"] = "phoan"
    version: str
    export: Export
    subject: Subject
    ward: Place
    scenes: tuple[Scene, ...]
    scenes_left_out: int = Field(default=0, ge=0)
    detectors: tuple[ModelCard, ...] = ()
    files: tuple[File, ...] = Field(min_length=1)
    absent: tuple[Absent, ...] = ()
    chain: Link
    key_id: Digest = Field(description="SHA-256 of the public key's SubjectPublicKeyInfo (DER)")

    def to_bytes(self) -> bytes:
        """The bytes that are signed: JSON with its keys in order and no spaces."""
        return canonical(self.model_dump(mode="json"))


def canonical(value: object) -> bytes:
    """`value`, which holds no fractions, as JSON that every program writes alike (RFC 8785 for our ASCII keys)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def contents_digest(files: Iterable[File]) -> Digest:
    """One digest for all files; the audit's entry bears it."""
    return hashlib.sha256(canonical([[file.path, file.bytes, file.sha256] for file in files])).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """Raises BrokenMessageError with reason `not_json`, `unknown_format` or `invalid`."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise BrokenMessageError("not_json", "the manifest is no JSON") from None
    if not isinstance(said, dict) or said.get("product") != "phoan":
        raise BrokenMessageError("invalid", "the manifest is none of ours")
    if said.get("format") != FORMAT:
        raise BrokenMessageError("unknown_format", f"this program knows format {FORMAT} only")
    try:
        return Manifest.model_validate(said)
    except ValidationError as error:
        raise BrokenMessageError("invalid", explain(error)) from None
