"""Privacy masks: the parts of a camera's view that nobody may see, painted over before anything else sees the picture.

What is painted over is gone: detection, snapshots and live pictures all work on the painted picture. Knows polygons;
where a frame becomes a picture is edge.sight.sight's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.inventory import Polygon
from edge.geometry import inside

COLOUR: Final = (48, 48, 48)
MARGIN: Final = 0.004
"""Painted beyond the polygon, as a share of the picture's width: compression smears colour over its border."""

MIN_MARGIN_PX: Final = 2


class Mask:
    """The masks of one camera. True when there are any."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self._polygons = [np.array(polygon, np.float64) for polygon in polygons]
        self._shapes: dict[tuple[int, int], list[NDArray[np.int32]]] = {}

    def __bool__(self) -> bool:
        return bool(self._polygons)

    def burn(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Paint over what the masks cover, in place, and return the picture: grey or BGR, of any size."""
        if not self._polygons:
            return picture
        height, width = picture.shape[:2]
        shapes = self._shapes.get((width, height))
        if shapes is None:
            shapes = self._shapes.setdefault((width, height), self._scaled(width, height))
        cv2.fillPoly(picture, shapes, COLOUR)
        # A line around it of twice the margin covers the margin outside, and what is inside is painted anyway.
        cv2.polylines(picture, shapes, True, COLOUR, thickness=2 * margin_px(width) + 1)
        return picture

    def visible(self, width: int, height: int) -> NDArray[np.bool_]:
        """Which pixels of a picture of this size are not painted over."""
        stencil = np.zeros((height, width), np.uint8)
        self.burn(stencil)
        return np.equal(stencil, 0)

    def hides(self, point: tuple[float, float]) -> bool:
        """Whether a point in normalised coordinates lies in a mask."""
        return any(inside(point, [(x, y) for x, y in polygon]) for polygon in self._polygons)

    def _scaled(self, width: int, height: int) -> list[NDArray[np.int32]]:
        size = np.array([width, height])
        return [np.rint(polygon * size - 0.5).astype(np.int32) for polygon in self._polygons]


def margin_px(width: int) -> int:
    """How far beyond the polygons a picture of this width is painted over."""
    return max(MIN_MARGIN_PX, round(MARGIN * width))
