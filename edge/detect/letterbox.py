"""Fits a picture into a network's input: scaled to touch two sides, grey bars on the others; and boxes back again.

The numbers (grey 114, bars halved, rounded so) are those with which YOLO networks are trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect import Picture

GREY = 114


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture of `width` x `height` lies in a network's input."""

    width: int
    height: int
    scale: float
    left: int
    top: int

    def back(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes of the input as boxes of the picture, cut at its edges."""
        moved = (boxes - np.array([self.left, self.top, self.left, self.top], np.float32)) / self.scale
        moved[:, 0::2] = moved[:, 0::2].clip(0, self.width)
        moved[:, 1::2] = moved[:, 1::2].clip(0, self.height)
        return np.asarray(moved, np.float32)


def fit(width: int, height: int, input_width: int, input_height: int) -> Fit:
    """How a picture of that size is put into an input of that size."""
    scale = min(input_width / width, input_height / height)
    left = round((input_width - round(width * scale)) / 2 - 0.1)
    top = round((input_height - round(height * scale)) / 2 - 0.1)
    return Fit(width, height, scale, left, top)


def fitted(picture: Picture, how: Fit, input_width: int, input_height: int) -> NDArray[np.float32]:
    """The picture as the network takes it: 1 x 3 x height x width, red first, 0 to 1."""
    inner = max(round(how.width * how.scale), 1), max(round(how.height * how.scale), 1)
    scaled = picture
    if inner != (how.width, how.height):
        scaled = np.asarray(cv2.resize(picture, inner, interpolation=cv2.INTER_LINEAR), np.uint8)
    whole = np.full((input_height, input_width, 3), GREY, np.uint8)
    whole[how.top : how.top + inner[1], how.left : how.left + inner[0]] = scaled
    planes = whole[:, :, ::-1].transpose(2, 0, 1)[np.newaxis]
    return np.ascontiguousarray(planes, np.float32) / np.float32(255)
