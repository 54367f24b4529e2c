"""Rectangles, polygons and lines in normalised picture coordinates, x to the right and y down, 0 to 1. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2."""


class Rect(NamedTuple):
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def foot(self) -> Point:
        """The middle of the lower edge: where a standing person touches the ground."""
        return (self.x1 + self.x2) / 2, self.y2

    def clipped(self) -> Rect:
        """The part inside the picture."""
        return Rect(
            min(1.0, max(0.0, self.x1)),
            min(1.0, max(0.0, self.y1)),
            min(1.0, max(0.0, self.x2)),
            min(1.0, max(0.0, self.y2)),
        )


def foot_of(box: Box) -> Point:
    """Where what the box holds touches the ground."""
    return Rect(*box).foot


def iou(one: Box, other: Box) -> float:
    """How much two boxes are one: what they share, as a share of what they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def overlap(box: Box, other: Box) -> float:
    """The share of `box` that lies in `other`."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return width * height / _area(box) if width > 0 and height > 0 else 0.0


def area(polygon: Sequence[Point]) -> float:
    """The share of the picture that the polygon covers."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise((*polygon, polygon[0])))) / 2


def crossed(start: Point, end: Point, line: Sequence[Point]) -> int:
    """How often the way from `start` straight to `end` crosses a line of several pieces: from its left to its right as
    +1, back as -1. A point on the line belongs to the left. Where two pieces meet, one of them is crossed.
    """
    return sum(_crossed_piece(start, end, first, second) for first, second in pairwise(line))


def distance(point: Point, line: Sequence[Point]) -> float:
    """From a point to the nearest place on the line."""
    return min(_distance_to_piece(point, first, second) for first, second in pairwise(line))


def share_ground(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two polygons have more in common than their borders."""
    one, other = _shrunk(one), _shrunk(other)
    if any(inside(point, other) for point in one) or any(inside(point, one) for point in other):
        return True
    if inside(_middle(one), other) or inside(_middle(other), one):
        return True
    return any(_crossed_piece(*side, *far) for side in pairwise((*one, one[0])) for far in pairwise((*other, other[0])))


def bounds(polygon: Sequence[Point]) -> Rect:
    """The smallest rectangle around a polygon."""
    across, down = zip(*polygon, strict=True)
    return Rect(min(across), min(down), max(across), max(down))


def _middle(polygon: Sequence[Point]) -> Point:
    """The mean of its corners."""
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


def _shrunk(polygon: Sequence[Point]) -> list[Point]:
    """A little smaller, so that neighbours that share a border do not touch."""
    x, y = _middle(polygon)
    return [(x + 0.999 * (px - x), y + 0.999 * (py - y)) for px, py in polygon]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _turn(first: Point, second: Point, point: Point) -> float:
    """Above 0 when `point` lies to the right for one who looks from `first` to `second`."""
    return (second[0] - first[0]) * (point[1] - first[1]) - (second[1] - first[1]) * (point[0] - first[0])


def _crossed_piece(start: Point, end: Point, first: Point, second: Point) -> int:
    before, after = _turn(first, second, start) > 0, _turn(first, second, end) > 0
    if before == after:
        return 0
    # Always seen from the left, so that the way back meets the same piece as the way there.
    left, right = (start, end) if after else (end, start)
    if (_turn(left, right, first) > 0) == (_turn(left, right, second) > 0):
        return 0
    return 1 if after else -1


def _distance_to_piece(point: Point, first: Point, second: Point) -> float:
    dx, dy = second[0] - first[0], second[1] - first[1]
    share = ((point[0] - first[0]) * dx + (point[1] - first[1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0, max(0.0, share))
    return hypot(point[0] - first[0] - share * dx, point[1] - first[1] - share * dy)


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether `point` is in `polygon`, by counting crossings of a ray to the right (even-odd rule)."""
    x, y = point
    within = False
    previous = polygon[-1]
    for current in polygon:
        (x1, y1), (x2, y2) = previous, current
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            within = not within
        previous = current
    return within
