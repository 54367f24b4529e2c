"""What bundles have cost of the line today: told by the updater in a small file, counted by the box in its budget.

The updater is a program of its own and never writes into the box's files, so each counts its own bytes. A bundle waits
for no budget: a box that was named a version gets it, and its pictures and clips wait for the rest of the day instead.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

log = logging.getLogger(__name__)

FILE: Final = "spent.json"
AT_ONCE: Final = 256 * 1024
"""So many bytes come before they are written down; at most that much is lost of the count by a power cut."""


class _Spent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    day: str
    bytes: int = Field(ge=0)


def spent(work: Path, day: str) -> int:
    """How many bytes of bundles came on that day. `work` is the updater's folder."""
    try:
        found = _Spent.model_validate_json((work / FILE).read_bytes())
    except (OSError, ValidationError):
        return 0
    return found.bytes if found.day == day else 0


class Spending:
    """Owns the file; the updater's."""

    def __init__(self, work: Path, time_zone: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._work = work
        self._zone = ZoneInfo(time_zone)
        self._now = now
        self._waiting = 0

    def count(self, size: int) -> None:
        """So many bytes have come."""
        self._waiting += size
        if self._waiting >= AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Write down what has come. A disk that is full keeps nobody from an update."""
        day = self._now().astimezone(self._zone).date().isoformat()
        held = _Spent(day=day, bytes=spent(self._work, day) + self._waiting)
        self._waiting = 0
        path = self._work / FILE
        draft = path.with_suffix(".draft")
        try:
            draft.write_text(held.model_dump_json())
            draft.chmod(0o644)  # the box reads it, and is another user
            os.replace(draft, path)
        except OSError as error:
            log.warning("what a bundle costs of the line cannot be written down: %s", error.strerror)
