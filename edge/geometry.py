"""Rectangles and points in normalised picture coordinates, x to the right and y down, 0 to 1. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Rect(NamedTuple):
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def foot(self) -> tuple[float, float]:
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


def inside(point: tuple[float, float], polygon: Sequence[tuple[float, float]]) -> bool:
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
