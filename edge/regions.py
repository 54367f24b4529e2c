"""Which square crops of a frame the detector shall look at: what is tracked, what moves, and bit by bit everything.

Pure: rectangles in, squares out. A crop shows small people at the size that the detector knows (docs/decisions/004).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.geometry import Rect

Box = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels."""


@dataclass(frozen=True, slots=True)
class Region:
    """A square of the picture in pixels: left, top, side. It lies inside the picture unless the picture is smaller."""

    x: int
    y: int
    side: int

    def holds(self, target: Box) -> bool:
        x1, y1, x2, y2 = target
        return self.x <= x1 and self.y <= y1 and x2 <= self.x + self.side and y2 <= self.y + self.side


MARGIN = 0.15
"""Air around a target, as a share of its larger side: a person at the crop's rim is found poorly."""


def plan(
    width: int, height: int, side: int, *, tracked: Sequence[Rect], moving: Sequence[Rect], look: int, most: int
) -> list[Region]:
    """At most `most` regions for a frame of `width` x `height` pixels.

    Tracks come first, then motion. One region goes to the full look: tile `look` (counted on by the caller, modulo
    the number of tiles) of a grid that covers the picture, so that what never moved is found within a few seconds.
    """
    tiles = grid(width, height, side)
    chosen = [tiles[look % len(tiles)]]
    targets = [_grown(rect, width, height) for rect in (*tracked, *moving)]
    for target in targets:
        if len(chosen) >= most:
            break
        if not any(region.holds(target) for region in chosen):
            chosen.append(_around(target, targets, width, height, side))
    return chosen


def grid(width: int, height: int, side: int) -> list[Region]:
    """Overlapping tiles that cover the picture."""
    side = min(side, width, height)
    return [Region(x, y, side) for y in _starts(height, side) for x in _starts(width, side)]


def _starts(length: int, side: int) -> list[int]:
    """Evenly spread tile starts whose neighbours overlap by about a quarter, as people at a seam need."""
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (0.75 * side)) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def _grown(rect: Rect, width: int, height: int) -> Box:
    """The rectangle in whole pixels with its margin, clipped to the picture."""
    x1, y1, x2, y2 = rect.x1 * width, rect.y1 * height, rect.x2 * width, rect.y2 * height
    air = MARGIN * max(x2 - x1, y2 - y1)
    return (
        max(0, math.floor(x1 - air)),
        max(0, math.floor(y1 - air)),
        min(width, math.ceil(x2 + air)),
        min(height, math.ceil(y2 + air)),
    )


def _around(target: Box, others: Iterable[Box], width: int, height: int, side: int) -> Region:
    """A region that holds `target` and, where they fit too, its neighbours. Grows beyond `side` for a large target."""
    x1, y1, x2, y2 = target
    side = min(max(side, x2 - x1, y2 - y1), width, height)
    for ox1, oy1, ox2, oy2 in others:
        grown = min(x1, ox1), min(y1, oy1), max(x2, ox2), max(y2, oy2)
        if grown[2] - grown[0] <= side and grown[3] - grown[1] <= side:
            x1, y1, x2, y2 = grown
    x = (x1 + x2 - side) // 2
    y = (y1 + y2 - side) // 2
    return Region(max(0, min(x, width - side)), max(0, min(y, height - side)), side)
