"""The newest picture of a camera, for who needs one at a moment's notice: smoke does not wait for the next frame."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.detect import Picture

FRESH: Final = timedelta(seconds=10)
"""An older picture shows what was, and not what is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture, its masks painted over, and when it reached the box."""

    picture: Picture
    captured_at: datetime


class Newest:
    """Written by the analysis, read by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: Seen | None = None

    def keep(self, picture: Picture, captured_at: datetime) -> None:
        with self._lock:
            self._seen = Seen(picture, captured_at)

    def look(self, now: datetime) -> Seen | None:
        """The newest picture, unless it is old."""
        with self._lock:
            seen = self._seen
        return seen if seen is not None and now - seen.captured_at <= FRESH else None
