"""The part of a camera's frame in which a payment point's codes hang, in grey and as large as the camera sent it.

Codes are small, so nothing is scaled, and only the part is turned and copied: the whole frame would cost more than
reading the code. What a privacy mask covers is painted over here too.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.capture import CapturedFrame
from edge.capture.mask import COLOUR, Mask
from edge.capture.picture import in_grey, turned, upright_size
from edge.geometry import Box, Rect

Grey = NDArray[np.uint8]

_PLANES: Final = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "gray"}
)
"""Pixel formats whose first plane is the brightness, a byte a pixel."""

_FULL_RANGE: Final = 2
_BRIGHTNESS: Final = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
"""What limited range, 16 to 235, means as grey."""


class Part(NamedTuple):
    """A rectangle of an upright picture, in pixels, and that picture's size."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    def in_picture(self, corners: NDArray[np.float64]) -> Rect:
        """The smallest rectangle around points of the part, normalised to the picture."""
        (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
        return Rect(
            (self.left + x1) / self.width,
            (self.top + y1) / self.height,
            (self.left + x2) / self.width,
            (self.top + y2) / self.height,
        ).clipped()

    def within(self, place: Box) -> Box:
        """A rectangle of the picture, normalised to the part."""
        wide, high = self.right - self.left, self.bottom - self.top
        x1, y1, x2, y2 = place
        return (
            (x1 * self.width - self.left) / wide,
            (y1 * self.height - self.top) / high,
            (x2 * self.width - self.left) / wide,
            (y2 * self.height - self.top) / high,
        )


def part_of(frame: CapturedFrame, box: Box) -> Part:
    """The pixels that a box covers, at least one."""
    width, height = upright_size(frame.picture, frame.rotation)
    left, top = min(floor(box[0] * width), width - 1), min(floor(box[1] * height), height - 1)
    return Part(left, top, max(ceil(box[2] * width), left + 1), max(ceil(box[3] * height), top + 1), width, height)


def grey_of(frame: CapturedFrame, part: Part, mask: Mask) -> Grey:
    """The part as it stands upright, in grey of full range."""
    grey = np.ascontiguousarray(_brightness(frame, part))
    if mask:
        grey[~mask.visible(part.width, part.height)[part.top : part.bottom, part.left : part.right]] = COLOUR[0]
    return grey


def _brightness(frame: CapturedFrame, part: Part) -> Grey:
    picture = frame.picture
    if picture.format.name not in _PLANES:  # of a decoder with more than eight bits, say
        whole = in_grey(picture, part.width, frame.rotation)
        return whole[part.top : part.bottom, part.left : part.right]
    plane = picture.planes[0]
    pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: picture.height, : picture.width]
    x1, y1, x2, y2 = _as_sent(part, frame.rotation)
    grey = turned(pixels[y1:y2, x1:x2], frame.rotation)
    if picture.color_range == _FULL_RANGE or picture.format.name.startswith(("yuvj", "gray")):
        return grey.copy()
    return np.asarray(cv2.LUT(np.ascontiguousarray(grey), _BRIGHTNESS), np.uint8)


def _as_sent(part: Part, rotation: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the part in the picture before it is turned clockwise by `rotation`."""
    left, top, right, bottom, width, height = part
    match rotation % 360:
        case 90:
            return top, width - right, bottom, width - left
        case 180:
            return width - right, height - bottom, width - left, height - top
        case 270:
            return height - bottom, left, height - top, right
        case _:
            return left, top, right, bottom
