"""Who may be paid at which payment point, as the centre last said it; kept on disk for when the centre is away.

The file holds the ward's key and is for the box's user alone. It is replaced as a whole, so a power cut leaves the old
one or the new one; one that is damaged all the same is set aside, and until the centre speaks nobody is known.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from contracts.command import PaymentPoints
from edge import broken
from edge.footage.disk import sync

log = logging.getLogger(__name__)

FILE: Final = "payment-points.json"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whom a point is paid to, as fingerprints made with `key`."""

    payees: frozenset[str]
    key: bytes = field(repr=False)


class AllowSets:
    """Owns the file. `hear` may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._said = _read(self._path)
        self._points = _by_point(self._said)

    def of(self, point: str) -> Allowed | None:
        """Who may be paid there; None while that is not known, as of a point that nobody has been approved for."""
        return self._points.get(point)

    @property
    def key(self) -> bytes | None:
        """What the ward's fingerprints are made with, once it is known."""
        return self._said.key_bytes if self._said else None

    def hear(self, said: PaymentPoints) -> None:
        """From now on this holds. What cannot be written holds until the box stops."""
        with self._lock:
            if said == self._said:
                return
            self._said, self._points = said, _by_point(said)
            log.info("the centre said who may be paid at %d payment points", len(said.points))
            try:
                _write(self._path, said.to_bytes())
            except OSError as error:
                log.error("who may be paid cannot be kept on the disk: %s", error.strerror)


def _by_point(said: PaymentPoints | None) -> MappingProxyType[str, Allowed]:
    key = said.key_bytes if said else b""
    points = said.points if said else ()
    return MappingProxyType({point.id: Allowed(frozenset(point.payees), key) for point in points if point.payees})


def _read(path: Path) -> PaymentPoints | None:
    """What was kept; None when there is nothing, or nothing that can be read."""
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        log.error("who may be paid cannot be read from the disk: %s", error.strerror)
        return None
    try:
        return PaymentPoints.model_validate_json(kept)
    except ValidationError:
        broken.set_aside(path.parent, "payment-points", [path], "who may be paid is told by the centre again")
        return None


def _write(path: Path, content: bytes) -> None:
    """Replace the file as a whole, readable for nobody else."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)
