"""The files of pushed configurations: the last good one, the one on trial, and how the newest one stands.

Each is replaced as a whole and bears a digest, so a power cut leaves the old one or the new one; one that is damaged
all the same is set aside, and said. What follows from them is decided in `edge.configuration.standing`.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.configuration import ConfigState
from contracts.ids import digest_of
from edge import broken
from edge.footage.disk import sync

log = logging.getLogger(__name__)

GOOD: Final = "good.json"
TRIAL: Final = "trial.json"
STANDING: Final = "standing.json"
PART: Final = "configuration"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Revision(_Kept):
    """A configuration as it was pushed."""

    revision: int = Field(ge=1)
    document: dict[str, Any]


class Standing(_Kept):
    """How the newest revision stands. While it is tried: `worked` are the changed cameras that did before, `linked`
    that the box had its link and the change may cost it that, `boot` the start of the machine in which it is tried, and
    `planned` that the program was to start anew for it.
    """

    revision: int = Field(ge=1)
    state: ConfigState
    reason: str = ""
    worked: frozenset[str] = frozenset()
    linked: bool = False
    boot: str = ""
    tries: int = 1
    planned: bool = False


K = TypeVar("K", bound=_Kept)


class Files:
    """Owns the folder, which lies in the box's folder. Used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def good(self) -> Revision | None:
        return self._read(GOOD, Revision)

    def trial(self) -> Revision | None:
        return self._read(TRIAL, Revision)

    def standing(self) -> Standing | None:
        return self._read(STANDING, Standing)

    def note(self, standing: Standing | None) -> None:
        """From now on the newest revision stands so; None: there is none."""
        if standing is None:
            (self._folder / STANDING).unlink(missing_ok=True)
        else:
            self._write(STANDING, standing)

    def put_trial(self, revision: Revision) -> None:
        self._write(TRIAL, revision)

    def accept_trial(self) -> None:
        """The one on trial is the last good one."""
        (self._folder / TRIAL).replace(self._folder / GOOD)
        sync(self._folder)

    def drop_trial(self) -> None:
        (self._folder / TRIAL).unlink(missing_ok=True)

    def set_aside(self, name: str, why: str) -> None:
        """Nobody reads this file any more but a technician; the centre is told of it."""
        broken.set_aside(self._folder.parent, PART, [self._folder / name], f"{name} {why}")

    def _read(self, name: str, model: type[K]) -> K | None:
        try:
            content = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.error("configuration file %s cannot be read: %s", name, error.strerror)
            return None
        digest, _, body = content.partition(b"\n")
        try:
            if digest.decode("ascii", "replace") == digest_of(body):
                return model.model_validate_json(body)
        except ValidationError:
            pass
        self.set_aside(name, "is damaged")
        return None

    def _write(self, name: str, content: _Kept) -> None:
        body = content.model_dump_json().encode()
        path = self._folder / name
        draft = path.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(digest_of(body).encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync(self._folder)
