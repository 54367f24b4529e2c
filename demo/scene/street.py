"""The sample film's street, as a camera at the stall sees it between awning and counter: out of focus."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import av
import cv2
import numpy as np

from demo.film import STREET
from demo.scene.paint import Picture

FPS: Final = 10.0
COARSER: Final = 3
"""It is kept so much coarser than it is shown: it is out of focus anyway."""

_TOP: Final = 150
"""The first row of the film that is shown: the road, with people."""


@lru_cache(maxsize=4)
def street(height: int, width: int, begin: int, frames: int) -> tuple[Picture, ...]:
    """So many frames from frame `begin` on, coarse, to be enlarged to (height, width) by `shown`."""
    small = (width // COARSER, height // COARSER)
    pictures: list[Picture] = []
    with av.open(str(STREET)) as film:
        video = film.streams.video[0]
        film.seek(int(begin / FPS / (video.time_base or 1)), stream=video)
        for frame in film.decode(video):
            if round(float(frame.time or 0) * FPS) < begin:
                continue
            picture = frame.to_ndarray(format="bgr24")
            rows = min(picture.shape[0] - _TOP, round(picture.shape[1] * height / width))
            part = cv2.resize(picture[_TOP : _TOP + rows], small, interpolation=cv2.INTER_AREA)
            pictures.append(np.asarray(part, np.uint8))
            if len(pictures) == frames:
                break
    return tuple(pictures)


def shown(coarse: Picture, height: int, width: int) -> Picture:
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
