"""The box's files, all of them or none: written aside, named ready in one step, and only then put in place.

A power cut before that step leaves the box as it was; one after it is made good by `finish`, which the box calls
whenever it starts, under its own account. The key and the password of an aborted try are kept: the same code lets the
same key in again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.enrol.keys import Key, KeyBrokenError, key_pem, new_key, new_password, read_key
from edge.enrol.words import EnrolError
from edge.footage.disk import give_away, sync

SETTINGS: Final = "edge.yaml"
CA: Final = "ca.pem"
CERTIFICATE: Final = "box.pem"
KEY: Final = "box-key.pem"
IN_ORDER: Final = (CA, KEY, CERTIFICATE, SETTINGS)
"""What makes a box an enrolled one comes last."""

LEAVING: Final = "leaving.json"
"""Staged too where another box's data is to be left: the data's folder, and a new one in it for all that is there."""

FORMER: Final = "former-"
"""Folder of what another box left on this disk: `former-BOX-TIME`."""

_TRY: Final = ".enrolling"
_READY: Final = ".enrolled"
_PUBLIC: Final = frozenset({CA, CERTIFICATE})


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the box makes by itself, for one code."""

    key: Key
    password: str


def secrets_for(etc: Path, code: str) -> Secrets:
    """Those of an earlier try with the same code, or new ones. Raises EnrolError where nothing can be written."""
    with _writing(etc):
        folder = etc / _TRY
        kept = _kept(folder / "try.json", code)
        if kept is not None:
            return kept
        fresh = Secrets(new_key(), new_password())
        etc.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        content = {"code": _digest(code), "key": key_pem(fresh.key).decode(), "password": fresh.password}
        write(folder / "try.json", json.dumps(content).encode())
        return fresh


def stage(etc: Path, files: Mapping[str, bytes]) -> Path:
    """Write all of `files` aside, under their names. Raises EnrolError."""
    with _writing(etc):
        folder = etc / _TRY / "files"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        give_away(folder, etc)  # the box itself may have to take the files out of it
        for name, content in files.items():
            write(folder / name, content, mode=0o644 if name in _PUBLIC else 0o600, like=etc)
        sync(folder)
        return folder


def commit(etc: Path) -> None:
    """From here on they are the box's files, whatever happens. Raises EnrolError."""
    with _writing(etc):
        shutil.rmtree(etc / _READY, ignore_errors=True)
        (etc / _TRY / "files").rename(etc / _READY)
        sync(etc)
        finish(etc)
        shutil.rmtree(etc / _TRY, ignore_errors=True)


def finish(etc: Path) -> bool:
    """Put in place what was named ready before a power cut; whether there was anything."""
    ready = etc / _READY
    if not ready.is_dir():
        return False
    if (ready / LEAVING).exists():
        place = json.loads((ready / LEAVING).read_bytes())
        _leave(Path(place["data"]), place["aside"])
        (ready / LEAVING).unlink()
    for name in IN_ORDER:
        with contextlib.suppress(FileNotFoundError):  # it is in its place already
            (ready / name).replace(etc / name)
    sync(etc)
    ready.rmdir()
    return True


def write(path: Path, content: bytes, *, mode: int = 0o600, like: Path | None = None) -> None:
    """Replace a file in one step, for the owner of the folder `like` where we may give it away. Raises OSError."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        give_away(draft, like)
    draft.replace(path)
    sync(path.parent)


def _leave(data: Path, aside: str) -> None:
    """Move all that is in `data` into a folder of its own there; it may have been begun before."""
    things = [thing for thing in data.iterdir() if not thing.name.startswith(FORMER)]
    folder = data / aside
    if things:
        folder.mkdir(mode=0o700, exist_ok=True)
        give_away(folder, data)
    for thing in things:
        thing.rename(folder / thing.name)
    sync(data)


def _kept(path: Path, code: str) -> Secrets | None:
    try:
        content = json.loads(path.read_bytes())
        if content["code"] != _digest(code):
            return None
        return Secrets(read_key(content["key"].encode()), str(content["password"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError, KeyBrokenError):
        return None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnrolError("folder", folder=folder, why=error.strerror or type(error).__name__) from None
