"""Which parts of a frame the detector shall look at, and how large: around what is tracked or moves, and bit by bit
everything.

Pure: rectangles in, regions out. A region is scaled so that people come at the size that the detector knows best
(docs/decisions/012).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from edge.geometry import Rect

PERSON_PX = 110
"""The height at which small detectors place a person best, in pixels of their input: between the boxes from which the
default one's two finest layers start, 85 and 148 pixels high, and with air around within its flatter input."""

MOST_SCALE = 2.0
"""Enlarging beyond this shows a detector nothing new."""

AIR = 0.15
"""Air around a target, as a share of its larger side: a person at a crop's rim is found poorly, and walks on."""

LEAST_PX = 55
"""A target counts as at least half a person large when its air is measured: of somebody who is far away, or of whom
only an arm moves, the crop must show the rest."""

ALIKE = 1.5
"""Two targets share a region when neither is this many times larger than the other."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture in whole pixels, and how many pixels of the detector's input one of them becomes."""

    x: int
    y: int
    width: int
    height: int
    scale: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the detector's input."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))

    @property
    def cost(self) -> int:
        """Pixels of the detector's input."""
        width, height = self.size
        return width * height

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point of the picture, in pixels, lies inside."""
        return self.x <= point[0] <= self.x + self.width and self.y <= point[1] <= self.y + self.height


@dataclass(frozen=True, slots=True)
class View:
    """How large the picture is, and the square that the detector takes at most, both in pixels."""

    width: int
    height: int
    side: int

    def region(self, x1: float, y1: float, x2: float, y2: float, scale: float) -> Region:
        """The part of the picture between these, scaled down where the detector could not take it whole."""
        left, top = min(max(0, math.floor(x1)), self.width - 1), min(max(0, math.floor(y1)), self.height - 1)
        right, bottom = max(left + 1, min(self.width, math.ceil(x2))), max(top + 1, min(self.height, math.ceil(y2)))
        return Region(left, top, right - left, bottom - top, min(scale, self.side / max(right - left, bottom - top)))


def around(rect: Rect, view: View, most_scale: float = MOST_SCALE) -> Region:
    """The region that shows one target as the detector likes it, enlarged by `most_scale` at most."""
    x1, y1, x2, y2 = rect.x1 * view.width, rect.y1 * view.height, rect.x2 * view.width, rect.y2 * view.height
    # What lies or drives is wider than high; at half its width it is as large as a person of that height.
    high = max(y2 - y1, (x2 - x1) / 2, 1.0)
    scale = min(PERSON_PX / high, most_scale)
    air = AIR * max(x2 - x1, y2 - y1) + max(0.0, (LEAST_PX / scale - high) / 2)
    return view.region(x1 - air, y1 - air, x2 + air, y2 + air, scale)


def joined(regions: Sequence[Region], view: View) -> list[Region]:
    """The regions, without what others show, and those in one that cost less to look at together than apart.

    Each stands where the first of its parts stood.
    """
    result = list(regions)
    while best := max(_savings(result, view), key=lambda saving: saving[0], default=None):
        _, first, second, both = best
        result[first] = both
        del result[second]
    return result


def _savings(regions: Sequence[Region], view: View) -> list[tuple[int, int, int, Region]]:
    """What joining each pair would save, the pair, and the region that it would be."""
    found = []
    for (first, one), (second, other) in combinations(enumerate(regions), 2):
        both = _both(one, other, view)
        if both and (saved := one.cost + other.cost - both.cost) > 0:
            found.append((saved, first, second, both))
    return found


def _both(one: Region, other: Region, view: View) -> Region | None:
    scale = min(one.scale, other.scale)
    x1, y1 = min(one.x, other.x), min(one.y, other.y)
    x2, y2 = max(one.x + one.width, other.x + other.width), max(one.y + one.height, other.y + other.height)
    if max(one.scale, other.scale) > ALIKE * scale or max(x2 - x1, y2 - y1) * scale > view.side:
        return None
    return Region(x1, y1, x2 - x1, y2 - y1, scale)


def pyramid(view: View, tile: int) -> list[Region]:
    """Tiles that show the whole picture, ready for the detector: first of `tile` pixels, then ever twice as large and
    half as sharp, until one shows the picture from top to bottom or from side to side.
    """
    tiles = grid(view.width, view.height, tile)
    if tile < min(view.width, view.height):
        return [*_scaled(tiles, view), *pyramid(view, 2 * tile)]
    return _scaled(tiles, view)


def _scaled(tiles: Sequence[Region], view: View) -> list[Region]:
    return [replace(tile, scale=min(view.side / tile.width, MOST_SCALE)) for tile in tiles]


def grid(width: int, height: int, side: int) -> list[Region]:
    """Overlapping squares that cover a picture."""
    side = min(side, width, height)
    return [Region(x, y, side, side) for y in _starts(height, side) for x in _starts(width, side)]


def _starts(length: int, side: int) -> list[int]:
    """Evenly spread tile starts whose neighbours overlap by about a quarter, as people at a seam need."""
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (0.75 * side)) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]
