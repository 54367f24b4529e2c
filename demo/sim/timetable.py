"""What is to be done when, on one thread: duties once or again and again, and how late the latest of them was."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Final

MOST_AT_ONCE: Final = 200
"""Duties before connections are listened to again, however late it is."""

Duty = Callable[[float], None]
"""Is called with the monotonic clock."""


class Timetable:
    """Owns the duties. One that repeats keeps its own rhythm, however late it was done."""

    def __init__(self) -> None:
        self.behind_ms = 0.0
        self._duties: list[tuple[float, int, float, Duty]] = []
        self._number = 0

    def at(self, when: float, duty: Duty, every_s: float = 0.0) -> None:
        """Do `duty` then, and every `every_s` seconds from then on."""
        self._number += 1
        heapq.heappush(self._duties, (when, self._number, every_s, duty))

    def wait_s(self, longest: float) -> float:
        """How long there is nothing to do."""
        return min(longest, max(0.0, self._duties[0][0] - time.monotonic())) if self._duties else longest

    def do(self) -> None:
        """Do what is due by now, or some of it."""
        began = time.monotonic()
        for _ in range(MOST_AT_ONCE):
            if not self._duties or self._duties[0][0] > began:
                return
            when, _, every_s, duty = heapq.heappop(self._duties)
            now = time.monotonic()
            self.behind_ms = max(self.behind_ms, 1000 * (now - when))
            duty(now)
            if every_s:
                self.at(when + every_s, duty, every_s)
