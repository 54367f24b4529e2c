"""Anchors of the audit's chain: its newest number and digest, added now and then to a file outside of the database.

Somebody who can change the database can cut entries off the chain's end, or make the whole chain anew; the digests
then are not those of the anchors. So the file is worth as much as the distance between it and the database: best it
lies on another machine, or is shipped there as it grows. It says nothing of entries after the newest anchor.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.repeated import Repeated
from storage import audit
from storage.audit import Head, HeadMissingError
from storage.pool import Pool

log = logging.getLogger(__name__)


class AnchorError(Exception):
    """The anchors cannot be read; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The chain's last link as it was at a moment."""

    seq: int
    digest: bytes
    at: datetime


def write(path: Path, head: Head) -> None:
    """Add an anchor to the file; once this returns it survives a power cut."""
    line = json.dumps({"at": head.at.astimezone(UTC).isoformat(), "seq": head.seq, "digest": head.digest.hex()})
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Anchor]:
    """All anchors of the file. Raises AnchorError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorError(f"{path}: cannot be read: {getattr(error, 'strerror', 'it is no text')}.") from None
    return [_anchor(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _anchor(path: Path, number: int, line: str) -> Anchor:
    try:
        said = json.loads(line)
        return Anchor(int(said["seq"]), bytes.fromhex(said["digest"]), datetime.fromisoformat(said["at"]))
    except (ValueError, KeyError, TypeError):
        raise AnchorError(f"{path}: line {number} is no anchor.") from None


class Anchors(Repeated):
    """Writes anchors: one when it starts and one each period in which the chain grew."""

    def __init__(self, pool: Pool, path: Path | None, period_s: float) -> None:
        super().__init__("anchors", period_s, self._drop, "no anchor of the audit was written")
        self._pool = pool
        self._path = path
        self._last = -1

    def _drop(self) -> None:
        """Anchor the chain where it has grown."""
        try:
            with self._pool.connection() as db:
                head = audit.head(db)
        except HeadMissingError as error:
            log.critical("no anchor of the audit was written: %s", error)
            return
        if head.seq != self._last:
            log.info("audit anchor: entry %d has digest %s", head.seq, head.digest.hex())
            if self._path is not None:
                write(self._path, head)
        self._last = head.seq
