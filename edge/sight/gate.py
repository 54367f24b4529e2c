"""The motion gate: where in a frame something moves, found on a small grey picture at a cost that does not depend on
the camera's resolution.

A mixture-of-Gaussians background needs no empty scene to start from: what walks is foreground from the second frame
on, and what stands still is the business of the full look (edge.sight.regions).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from edge.capture.picture import in_grey
from edge.geometry import Rect

WIDTH: Final = 192
"""Width of the small picture. A person of 1/8 of the picture's height covers some 40 of its pixels."""

MIN_SHARE: Final = 0.0006
"""Smaller blobs are noise: less than this share of the picture."""

UPROAR_SHARE: Final = 0.6
"""When more than this share changes at once, the light or the camera changed, not what stands in front of it."""

BACKGROUND_S: Final = 60.0
"""How long something must stand still to become background."""


class MotionGate:
    """One camera's idea of what is background. Not safe for two threads."""

    def __init__(self, fps: float) -> None:
        self._model = cv2.createBackgroundSubtractorMOG2(
            history=max(20, int(BACKGROUND_S * fps)), varThreshold=20, detectShadows=False
        )
        self._close = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))

    def moving(self, grey: NDArray[np.uint8]) -> list[Rect]:
        """Normalised rectangles around what moves in a small grey picture from `shrink`, largest first.

        An uproar (see UPROAR_SHARE) counts as no motion at all.
        """
        mask = self._model.apply(grey)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        mask = cv2.dilate(mask, self._close)
        height, width = grey.shape
        area = float(width * height)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        if stats[1:, cv2.CC_STAT_AREA].sum() > UPROAR_SHARE * area:
            return []
        blobs = sorted(
            (stats[index] for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] >= MIN_SHARE * area),
            key=lambda blob: -int(blob[cv2.CC_STAT_AREA]),
        )
        return [
            Rect(x / width, y / height, (x + w) / width, (y + h) / height)
            for x, y, w, h in (map(int, blob[:4]) for blob in blobs)
        ]


def shrink(picture: VideoFrame, rotation: int = 0, converter: VideoReformatter | None = None) -> NDArray[np.uint8]:
    """The small grey picture of a frame of any size and pixel format: WIDTH pixels wide, height in proportion."""
    return in_grey(picture, WIDTH, rotation, converter)
