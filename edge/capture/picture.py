"""Decoded pictures as arrays, the way up that people stand in, with the colours that the camera meant.

A converter that is kept is prepared once for a camera's pictures; preparing one costs more than converting one.
"""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_UNSPECIFIED = 2
_HIGH_DEFINITION = 720


def in_colour(picture: VideoFrame, rotation: int = 0, converter: VideoReformatter | None = None) -> Pixels:
    """The picture as blue, green, red; turned `rotation` degrees clockwise. Full and limited range come out alike."""
    converter = converter or VideoReformatter()
    plain = converter.reformat(picture, format="bgr24", src_colorspace=_colorspace(picture), threads=1).to_ndarray()
    return turned(plain.astype(np.uint8, copy=False), rotation)


def in_grey(picture: VideoFrame, width: int, rotation: int = 0, converter: VideoReformatter | None = None) -> Pixels:
    """The upright picture in grey, `width` pixels wide, its height in proportion."""
    wide, high = upright_size(picture, rotation)
    height = max(1, round(width * high / wide))
    across, down = (height, width) if rotation % 180 else (width, height)
    converter = converter or VideoReformatter()
    plain = converter.reformat(picture, width=across, height=down, format="gray", threads=1).to_ndarray()
    return turned(plain.astype(np.uint8, copy=False), rotation)


def turned(pixels: Pixels, rotation: int) -> Pixels:
    """`pixels` turned clockwise by a multiple of 90 degrees; the same object for none."""
    if rotation % 360 == 0:
        return pixels
    return np.ascontiguousarray(np.rot90(pixels, k=-(rotation // 90)))


def rotation_of(picture: VideoFrame) -> int:
    """How many degrees clockwise, in whole quarters, make the picture upright as its stream says."""
    return round(-picture.rotation / 90) * 90 % 360


def upright_size(picture: VideoFrame, rotation: int) -> tuple[int, int]:
    """Width and height after turning."""
    return (picture.height, picture.width) if rotation % 180 else (picture.width, picture.height)


def _colorspace(picture: VideoFrame) -> Colorspace | None:
    """What to read the colours as where the stream does not say: what cameras of its size use."""
    if picture.colorspace != _UNSPECIFIED:
        return None
    return Colorspace.ITU709 if picture.height >= _HIGH_DEFINITION else Colorspace.ITU601
