"""What a release is: one tar file with the wheel of phoan, the wheels that it needs and boxes lack, and a manifest.

`manifest.json` comes first and names every wheel by its SHA-256; `manifest.sig` comes second and is the Ed25519
signature over its bytes. Nothing of a bundle is used before the signature and every digest are proven. Also what a box
and the centre say to each other of releases. Knows no network and no disk but the open file that it is given.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Annotated, Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from contracts.ids import Digest, Slug
from contracts.wire import Message, Said, Timestamp, explain

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
WHEELS: Final = "wheels/"
MOST_MANIFEST_BYTES: Final = 1024 * 1024
MOST_BUNDLE_BYTES: Final = 2 * 1024**3
SIGNATURE_BYTES: Final = 64
_PIECE: Final = 1024 * 1024

Version = Annotated[str, StringConstraints(pattern=r"^[0-9][A-Za-z0-9.+]{0,38}$")]
"""A version of phoan, such as 0.2.0; it becomes the name of a folder."""

Wheel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{1,180}\.whl$")]
Project = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$")]


class Arch(StrEnum):
    """The machines that a release fits; `none` are all of them."""

    NONE = "none"
    X86_64 = "x86_64"
    AARCH64 = "aarch64"

    def fits(self, machine: str) -> bool:
        return self in (Arch.NONE, machine)


def _key(text: str) -> str:
    try:
        if len(base64.b64decode(text, validate=True)) == 32:
            return text
    except ValueError:  # binascii.Error is one, and what is not ASCII is another
        pass
    raise ValueError("must be the 44 characters that `phoan-api release key` prints")


ReleaseKey = Annotated[str, AfterValidator(_key)]
"""The public half of the key that signs releases: 32 bytes in base64."""


class WheelFile(Message):
    name: Wheel
    sha256: Digest
    size: int = Field(ge=1, le=MOST_BUNDLE_BYTES)

    @property
    def project(self) -> str:
        """Whose wheel it is."""
        return plain_name(self.name.split("-")[0])

    @property
    def version(self) -> str:
        return self.name.removesuffix(".whl").partition("-")[2].partition("-")[0]


class Requirement(Message):
    """Something that phoan runs on, at exactly this version."""

    name: Project
    version: str = Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9.+!_-]+$")


class Manifest(Message):
    """What is signed."""

    format: Literal[1] = 1
    version: Version
    arch: Arch = Arch.NONE
    python: str = Field(default="3.11", pattern=r"^3\.[0-9]{1,2}$", description="the oldest that it runs on")
    made_at: Timestamp
    notes: str = Field(default="", max_length=2000)
    wheels: tuple[WheelFile, ...] = Field(min_length=1, max_length=500)
    requirements: tuple[Requirement, ...] = Field(default=(), max_length=1000)


class Wanted(Message):
    """The release that a box is to run. `wish` names this one decision: the same release named anew is another wish."""

    wish: UUID
    version: Version
    sha256: Digest
    size: int = Field(ge=1, le=MOST_BUNDLE_BYTES)
    arch: Arch = Arch.NONE


class BoxRelease(Message):
    """The answer to a box that asks which release it is to run."""

    wanted: Wanted | None = None


class ReportState(StrEnum):
    WAITING = "waiting"  # for the hours in which it may
    LOADING = "loading"
    INSTALLED = "installed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


class Fault(StrEnum):
    """Why a release was not taken. Codes; the wall says them in the reader's language."""

    UNREACHABLE = "unreachable"  # the bundle cannot be fetched
    NO_KEY = "no_key"  # the box does not know whose signature to believe
    TAMPERED = "tampered"  # a digest or the signature is wrong
    UNFIT = "unfit"  # for another machine or Python
    LACKS = "lacks"  # it needs what is neither here nor in the bundle
    NO_ROOM = "no_room"
    NOT_INSTALLED = "not_installed"
    CHECK = "check"  # it does not take the box's settings
    NOT_READY = "not_ready"
    CRASHES = "crashes"
    NO_LINK = "no_link"
    FEWER_CAMERAS = "fewer_cameras"


class ReleaseReport(Message):
    """What became of a wish."""

    wish: UUID
    version: Version
    running: Said = Field(max_length=40, description="the version that the box runs")
    state: ReportState
    reason: Fault | None = None
    detail: Said = Field(default="", max_length=500, description="one line for an engineer")
    at: Timestamp


class ReleaseInfo(Message):
    """A release as people see it."""

    version: Version
    arch: Arch
    sha256: Digest
    size: int
    notes: str = ""
    made_by: str
    at: Timestamp


class BoxWish(Message):
    """The release wanted of a box, and what the box says of it."""

    box: Slug
    version: Version
    by: str
    at: Timestamp
    state: ReportState | None = None
    reason: Fault | None = None
    detail: str = ""
    reported_at: Timestamp | None = None


class BundleError(Exception):
    """A bundle cannot be used. `fault` is the code, the text one line."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature is proven. `wheels` proves each digest while it is read."""

    manifest: Manifest
    signature: bytes
    _archive: tarfile.TarFile

    def wheels(self) -> Iterator[tuple[WheelFile, bytes]]:
        """Every wheel with its bytes. Raises BundleError for one that is missing, foreign, or not what was signed."""
        left = {wheel.name: wheel for wheel in self.manifest.wheels}
        try:
            for member in self._archive:
                if member.name in (MANIFEST, SIGNATURE):
                    continue
                wheel = left.pop(member.name.removeprefix(WHEELS), None)
                if wheel is None or not member.isfile() or member.name != WHEELS + wheel.name:
                    raise BundleError(
                        Fault.TAMPERED, f"it holds {member.name[:80]!r}, which its manifest does not name"
                    )
                if member.size != wheel.size:
                    raise BundleError(Fault.TAMPERED, f"{wheel.name} is not as long as its manifest says")
                data = _bytes_of(self._archive, member)
                if hashlib.sha256(data).hexdigest() != wheel.sha256:
                    raise BundleError(Fault.TAMPERED, f"{wheel.name} is not what was signed")
                yield wheel, data
        except (tarfile.TarError, OSError, EOFError) as error:
            raise BundleError(Fault.TAMPERED, f"it cannot be read to its end: {error}") from None
        if left:
            raise BundleError(Fault.TAMPERED, f"it lacks {min(left)}")


def opened(file: IO[bytes], key: ReleaseKey) -> Bundle:
    """The bundle in `file`, which stays the caller's to close. Raises BundleError unless `key` signed its manifest."""
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115
        manifest = _head(archive, MANIFEST, MOST_MANIFEST_BYTES)
        signature = _head(archive, SIGNATURE, SIGNATURE_BYTES)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BundleError(Fault.TAMPERED, f"it is no release: {error}") from None
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, manifest)
    except InvalidSignature:
        raise BundleError(Fault.TAMPERED, "its signature is not of the key that this box believes") from None
    try:
        return Bundle(Manifest.model_validate_json(manifest), signature, archive)
    except ValidationError as error:
        raise BundleError(Fault.UNFIT, f"its manifest cannot be read: {explain(error)}") from None


def lacking(manifest: Manifest, there: dict[str, str]) -> list[str]:
    """What a release needs and neither `there` (versions by project) nor its own wheels have, as `name==version`."""
    brought = {(wheel.project, wheel.version) for wheel in manifest.wheels}
    return sorted(
        f"{needed.name}=={needed.version}"
        for needed in manifest.requirements
        if there.get(needed.name) != needed.version and (needed.name, needed.version) not in brought
    )


def unfit(manifest: Manifest, machine: str | None = None, python: tuple[int, int] | None = None) -> str | None:
    """Why a release cannot run on a machine, by default this one; None when it can."""
    machine = machine or platform.machine()
    own = python or (int(platform.python_version_tuple()[0]), int(platform.python_version_tuple()[1]))
    if not manifest.arch.fits(machine):
        return f"it is for {manifest.arch}, this box is {machine}"
    needed = tuple(int(part) for part in manifest.python.split("."))
    if own < needed:
        return f"it needs Python {manifest.python}, this box has {own[0]}.{own[1]}"
    return None


def plain_name(name: str) -> str:
    """A project's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _head(archive: tarfile.TarFile, name: str, most: int) -> bytes:
    member = archive.next()
    if member is None or member.name != name or not member.isfile() or member.size > most:
        raise tarfile.ReadError(f"{name} is not where it belongs")
    return _bytes_of(archive, member)


def _bytes_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """Read a member. Raises EOFError when the file ends before it does."""
    file = archive.extractfile(member)
    assert file
    data = bytearray()
    while piece := file.read(min(_PIECE, member.size - len(data)) or 1):
        data += piece
    if len(data) != member.size:
        raise EOFError(f"{member.name} is cut off")
    return bytes(data)
