"""`phoan-api release`: make the key that signs releases, make a release of wheels, add it to the centre, and name it
for boxes, for one or for a share of a ward.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import math
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from api.auditing import audit
from api.config import ApiSettings
from api.evidence import key as keys
from api.evidence.key import PublicKey
from api.footage.media import MediaFolder
from contracts.ids import new_id
from contracts.release import (
    MANIFEST,
    MOST_BUNDLE_BYTES,
    SIGNATURE,
    WHEELS,
    Arch,
    Bundle,
    BundleError,
    Manifest,
    Requirement,
    WheelFile,
    opened,
    plain_name,
)
from contracts.settings import SettingsError, sentence
from storage import releases

PROJECT: Final = "phoan"
_PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^ ;\\]+)")


def add_arguments(words: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `release` with all that it takes."""
    parser = words.add_parser("release", help="make, add and name versions of the box's program")
    actions = parser.add_subparsers(dest="action", required=True)
    key = actions.add_parser("key", help="make the key that signs releases, or show its public half")
    key.add_argument("file", type=Path)
    make_parser = actions.add_parser("make", help="make a release of wheels")
    make_parser.add_argument("--key", type=Path, required=True, help="file with the key that signs")
    make_parser.add_argument("--wheel", type=Path, required=True, help="the wheel of phoan")
    make_parser.add_argument("--wheelhouse", type=Path, help="folder with wheels that boxes lack")
    make_parser.add_argument("--requirements", type=Path, help="file that pins what phoan runs on")
    make_parser.add_argument("--arch", choices=[*Arch], default=Arch.NONE, help="the machines that it fits; none: all")
    make_parser.add_argument("--notes", default="", help="what is new, for who names it")
    make_parser.add_argument("--out", type=Path, required=True, help="folder for the release")
    add_parser = actions.add_parser("add", help="let boxes be brought to a release")
    add_parser.add_argument("file", type=Path)
    actions.add_parser("list", help="list the releases")
    want_parser = actions.add_parser("want", help="name the version that boxes are to run")
    want_parser.add_argument("version")
    whose = want_parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--box", help="one box")
    whose.add_argument("--ward", help="the boxes of a ward")
    want_parser.add_argument(
        "--share", type=float, default=100.0, help="percent of the ward's boxes; the same ones first each time"
    )


def without_settings(arguments: argparse.Namespace) -> int | None:
    """Do what needs no settings; None when it does. Raises SettingsError, KeyFileError."""
    if arguments.action == "key":
        made = keys.read_signing(arguments.file) if arguments.file.exists() else keys.make(arguments.file)
        print(f"release_key: {text_of(made.public)}")
        return 0
    if arguments.action == "make":
        print(f"made {make(arguments)}")
        return 0
    return None


def with_settings(settings: ApiSettings, arguments: argparse.Namespace, operator: str) -> int:
    """Do what needs the database. Raises SettingsError."""
    match arguments.action:
        case "add":
            return _add(settings, arguments.file, operator)
        case "want":
            return _want(settings, arguments, operator)
    with _connect(settings) as db:
        for row in releases.releases(db):
            print(row.version, row.arch, f"{row.at:%Y-%m-%d}", row.made_by, row.notes.split("\n")[0], sep="\t")
    return 0


def text_of(key: PublicKey) -> str:
    """A public key as settings have it."""
    return base64.b64encode(key.key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def make(arguments: argparse.Namespace) -> Path:
    """Write a release. Raises SettingsError, KeyFileError."""
    key = keys.read_signing(arguments.key)
    paths = [arguments.wheel, *(sorted(arguments.wheelhouse.glob("*.whl")) if arguments.wheelhouse else [])]
    wheels = [_wheel(path) for path in paths]
    if wheels[0].project != PROJECT:
        raise SettingsError(f"{arguments.wheel}: is not the wheel of {PROJECT}.")
    try:
        manifest = Manifest(
            version=wheels[0].version,
            arch=arguments.arch,
            made_at=datetime.now(UTC),
            notes=arguments.notes,
            wheels=tuple(wheels),
            requirements=tuple(pinned(arguments.requirements)) if arguments.requirements else (),
        )
    except ValidationError as error:
        raise SettingsError(f"{arguments.wheel}: {sentence(error)}") from None
    text = manifest.to_bytes()
    path: Path = arguments.out / f"phoan-{manifest.version}-{manifest.arch}.tar"
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w") as archive:
            _put(archive, MANIFEST, text)
            _put(archive, SIGNATURE, key.sign(text))
            for wheel, source in zip(wheels, paths, strict=True):
                _put(archive, WHEELS + wheel.name, source.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
    return path


def pinned(file: Path) -> list[Requirement]:
    """What a requirements file pins, for this machine's Python."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}.") from None
    found = (_PINNED.match(line) for line in lines if ";" not in line)  # what holds for some machines only is not asked
    return [Requirement(name=plain_name(match[1]), version=match[2]) for match in found if match]


def chosen(boxes: Iterable[str], version: str, share: float) -> list[str]:
    """So many percent of the boxes, by a lot of the release's own; a larger share holds those of a smaller one."""
    drawn = sorted(boxes, key=lambda box: hashlib.sha256(f"{version} {box}".encode()).digest())
    return sorted(drawn[: math.ceil(len(drawn) * min(share, 100) / 100)])


def _add(settings: ApiSettings, file: Path, operator: str) -> int:
    if settings.release_key is None:
        raise SettingsError("field release_key: is missing; `phoan-api release key FILE` prints it.")
    try:
        with file.open("rb") as content:
            bundle = opened(content, settings.release_key)
            for _ in bundle.wheels():
                pass  # each is proven
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}.") from None
    except BundleError as error:
        raise SettingsError(f"{file}: {error}.") from None
    digest = _keep(settings, file)
    with _connect(settings) as db, db.transaction():
        if not _enter(db, bundle, digest, file.stat().st_size, operator):
            raise SettingsError(f"{file}: version {bundle.manifest.version} is there already; give it another number.")
    print(f"version {bundle.manifest.version} may now be named for boxes")
    return 0


def _enter(db: psycopg.Connection, bundle: Bundle, digest: str, size: int, operator: str) -> bool:
    manifest = bundle.manifest
    if not releases.add(db, manifest, bundle.signature, sha256=digest, size=size, made_by=operator):
        there = releases.find(db, manifest.version, manifest.arch)
        return there is not None and there.sha256 == digest
    audit.note(db, operator, "release.added", f"release:{manifest.version}", arch=manifest.arch.value, digest=digest)
    return True


def _keep(settings: ApiSettings, file: Path) -> str:
    """Copy a release into the media store; its digest."""
    folder = MediaFolder(settings.media_dir)
    with tempfile.TemporaryDirectory(dir=settings.media_dir) as draft:
        copy = Path(draft) / "bundle"
        shutil.copyfile(file, copy)
        with copy.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        folder.adopt(digest, copy)
    return digest


def _want(settings: ApiSettings, arguments: argparse.Namespace, operator: str) -> int:
    version = arguments.version
    with _connect(settings) as db, db.transaction():
        if not any(row.version == version for row in releases.releases(db)):
            raise SettingsError(f"There is no release {version}; `phoan-api release list` shows which there are.")
        boxes = [arguments.box] if arguments.box else chosen(_boxes(db, arguments.ward), version, arguments.share)
        for box in boxes:
            ward = releases.ward_of_box(db, box)
            if ward is None:
                raise SettingsError(f"There is no box {box}.")
            wish = releases.wish_of(db, box)
            if arguments.ward and wish and wish.version == version:
                continue  # it was among an earlier share
            releases.want(db, box, version, wish=new_id(), by=operator)
            audit.note(db, operator, "release.wanted", f"box:{box}", ward=ward, version=version)
    print(f"version {version} is wanted of {len(boxes)} boxes")
    return 0


def _boxes(db: psycopg.Connection, ward: str) -> dict[str, str]:
    found = releases.boxes_of_ward(db, ward)
    if not found:
        raise SettingsError(f"There is no ward {ward} that has boxes.")
    return found


def _wheel(path: Path) -> WheelFile:
    try:
        data = path.read_bytes()
        return WheelFile(name=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except ValidationError:
        raise SettingsError(f"{path}: is no wheel, or larger than {MOST_BUNDLE_BYTES} bytes.") from None


def _put(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o644
    archive.addfile(member, io.BytesIO(data))


def _connect(settings: ApiSettings) -> psycopg.Connection:
    return psycopg.connect(settings.database.get_secret_value(), autocommit=True, connect_timeout=5)
