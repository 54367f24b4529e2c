"""The sounds on the box's disk, named by their SHA-256: fetched from the centre, checked, and kept as long as needed.

What may be said of a fire is kept for good, with the list of what each is for, so that it is said also while the centre
is away.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import httpx
from pydantic import ValidationError

from contracts.announcement import MAX_SOUND_BYTES, FireSound, FireSounds
from contracts.ids import digest_of
from edge import broken
from edge.footage.disk import sync

log = logging.getLogger(__name__)

LIST: Final = "fire-sounds.json"
MOST_KEPT: Final = 30
"""Beside what is needed; an announcement that is repeated tomorrow is not fetched again."""

LONGEST_FETCH_S: Final = 120.0

_NAME: Final = re.compile("[0-9a-f]{64}")


class FetchError(Exception):
    """The sound did not come; try again later."""


class Sounds:
    """Owns the folder. May be used from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:  # the disk is full: the box does everything else
            log.error("sounds cannot be kept in %s: %s", folder, error.strerror)
        self._lock = threading.Lock()
        self._fire = _read(folder / LIST)

    def there(self, digest: str) -> bool:
        return (self._folder / digest).is_file()

    def data(self, digest: str) -> bytes | None:
        """The sound, if it is here and whole."""
        try:
            data = (self._folder / digest).read_bytes()
        except OSError:
            return None
        if digest_of(data) == digest:
            return data
        log.error("sound %s is damaged on this box's disk, and is fetched anew", digest[:12])
        (self._folder / digest).unlink(missing_ok=True)
        return None

    def fire(self, template: str, site: str) -> FireSound | None:
        """What is said of a fire at a site."""
        return next((one for one in self._fire.sounds if (one.template, one.site) == (template, site)), None)

    def keep(self, sounds: FireSounds) -> None:
        """From now on these are what is said of a fire. Raises OSError when that cannot be written."""
        with self._lock:
            if sounds != self._fire:
                _write(self._folder / LIST, sounds.to_bytes())
                self._fire = sounds

    def missing(self, wanted: Iterable[str]) -> list[str]:
        """Which of these, and of what is said of a fire, must be fetched."""
        every = dict.fromkeys((*wanted, *(one.digest for one in self._fire.sounds)))
        return [digest for digest in every if digest and not self.there(digest)]

    def fetch(self, client: httpx.Client, digest: str) -> None:
        """Have a sound of the centre. Raises FetchError, or OSError when it cannot be kept."""
        deadline, data = time.monotonic() + LONGEST_FETCH_S, bytearray()
        try:
            with client.stream("GET", f"/api/v1/box/sounds/{digest}") as answer:
                if answer.status_code != 200:
                    raise FetchError(f"the centre answers {answer.status_code}")
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > MAX_SOUND_BYTES or time.monotonic() > deadline:
                        raise FetchError("it is too long, or comes too slowly")
        except httpx.HTTPError as error:
            raise FetchError(type(error).__name__) from None
        if digest_of(bytes(data)) != digest:
            raise FetchError("it is not what it should be")
        _write(self._folder / digest, bytes(data))

    def forget(self, needed: Iterable[str]) -> None:
        """Let go of old sounds that nobody needs."""
        keep = {*needed, *(one.digest for one in self._fire.sounds)}
        if not self._folder.is_dir():
            return
        others = [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name) and path.name not in keep]
        for path in sorted(others, key=_age)[:-MOST_KEPT]:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # it was damaged, and is gone
        return 0.0


def _read(path: Path) -> FireSounds:
    try:
        return FireSounds.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return FireSounds(sounds=())
    except OSError as error:
        log.error("what is said of a fire cannot be read from the disk: %s", error.strerror)
        return FireSounds(sounds=())
    except ValidationError:
        broken.set_aside(path.parent.parent, "sounds", [path], "what is said of a fire is told by the centre again")
        return FireSounds(sounds=())


def _write(path: Path, content: bytes) -> None:
    """Replace the file as a whole."""
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)
