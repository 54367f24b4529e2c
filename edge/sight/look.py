"""Where to look in the next frame of one camera: targets first, and a full look at a low rate for what stands still.

Pure but for what it remembers; the clock is the frames' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge.geometry import Rect, overlap
from edge.sight.regions import MOST_SCALE, Region, View, around, joined, pyramid

FULL_LOOK_S: Final = 8.0
"""How long one look at everything takes, on a picture of moderate size: what neither moves nor is tracked is rare."""

TILES_PER_S: Final = 4.0
"""The full look costs no more than this on any picture; on a large one it takes longer."""

COVERED: Final = 0.5
"""What moves is the business of a track that covers this share of it."""


class Look:
    """One camera's looks. The first look at everything is made at once, since a market may be full from the start."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._tiles: list[Region] = []
        self._next = 0
        self._owed = 0.0
        self._turn = 0
        self._last: datetime | None = None

    def regions(
        self, view: View, tile: int, *, tracked: Sequence[Rect], moving: Sequence[Rect], at: datetime
    ) -> list[Region]:
        """All that should be looked at in this frame, what matters most first."""
        self._count_up(view, tile, at)
        fine = min(view.side / tile, MOST_SCALE)
        targets = [around(rect, view) for rect in tracked]
        # What moves may be an arm or a whole group, so its size says little.
        targets += [around(rect, view, fine) for rect in moving if _uncovered(rect, tracked) >= COVERED]
        due = [self._tiles[(self._next + index) % len(self._tiles)] for index in range(int(self._owed))]
        return [*self._turned(joined(targets, view)), *due]

    def took(self, taken: int, wanted: int) -> int:
        """Learn that only the first of the `wanted` regions were looked at; the others come first next time.

        Gives the number of targets that were not looked at. What is left of a full look only comes later.
        """
        targets = wanted - int(self._owed)
        full = max(0, taken - targets)
        self._next = (self._next + full) % max(1, len(self._tiles))
        self._owed -= full
        self._turn = self._turn + taken if taken < targets else 0
        return max(0, targets - taken)

    def _turned(self, targets: list[Region]) -> list[Region]:
        """The targets, beginning after those that were looked at last time when there was no time for all."""
        start = self._turn % len(targets) if targets else 0
        return targets[start:] + targets[:start]

    def _count_up(self, view: View, tile: int, at: datetime) -> None:
        if view != self._view:
            self._view, self._tiles = view, pyramid(view, tile)
            self._next, self._owed = 0, float(len(self._tiles))
        elif self._last:
            step = max(0.0, (at - self._last).total_seconds())
            self._owed += step * min(TILES_PER_S, len(self._tiles) / FULL_LOOK_S)
            self._owed = min(self._owed, float(len(self._tiles)))
        self._last = at


def _uncovered(rect: Rect, others: Sequence[Rect]) -> float:
    """The share of a rectangle that none of the others covers, if these do not overlap each other."""
    return 1.0 - min(1.0, sum(overlap(rect, other) for other in others))
