"""Pictures by which a network's numbers are rounded to INT8: crops of the cameras' own videos or pictures.

They are cut as the box cuts them (edge.sight.regions), and spread evenly over all that was named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np

from edge.detect import DetectorError, Picture
from edge.sight.regions import grid

PICTURE_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
FRAMES_A_VIDEO: Final = 24
MOST_CROPS: Final = 300


def crops(sources: Sequence[Path], side: int) -> list[Picture]:
    """At most 300 squares of `side` pixels from videos, pictures and folders of them. Raises DetectorError."""
    cut = [crop for file in _files(sources) for picture in _pictures(file) for crop in _cut(picture, side)]
    if not cut:
        raise DetectorError("No picture was found to calibrate with: name videos, pictures or folders of them.")
    step = max(1, -(-len(cut) // MOST_CROPS))
    return cut[::step]


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(file for file in source.iterdir() if file.suffix.lower() in PICTURE_ENDINGS)
        elif source.is_file():
            yield source
        else:
            raise DetectorError(f"The calibration file {source} is missing.")


def _pictures(file: Path) -> Iterator[Picture]:
    if file.suffix.lower() not in PICTURE_ENDINGS:
        yield from _frames(file)
        return
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise DetectorError(f"The calibration file {file} is no picture that can be read.")
    yield np.asarray(picture, np.uint8)


def _frames(file: Path) -> Iterator[Picture]:
    """Frames at even distances. A video that tells no length is taken from its beginning, every 25th frame."""
    try:
        with av.open(str(file)) as film:
            step = max(1, film.streams.video[0].frames // FRAMES_A_VIDEO) if film.streams.video[0].frames else 25
            for frame in islice(film.decode(video=0), 0, step * FRAMES_A_VIDEO, step):
                yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    except (av.FFmpegError, IndexError):
        raise DetectorError(f"The calibration file {file} is no video that can be read.") from None


def _cut(picture: Picture, side: int) -> Iterator[Picture]:
    height, width = picture.shape[:2]
    for region in grid(width, height, side):
        yield picture[region.y : region.y + region.height, region.x : region.x + region.width]
