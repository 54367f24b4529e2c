"""What a check measures of one picture: contours, texture and light on the small grey picture that the motion gate
makes anyway, and sharpness on a few patches of the full one. Pure.

Contours are taken relative to the light around them, so that gain, exposure and dusk change little in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect import Picture

CELL: Final = 12
"""Side of a cell in pixels of the small picture."""

LEAST_SIDE: Final = 4 * CELL
"""A smaller picture says nothing about its camera."""

_LIGHT: Final = 16.0
"""Levels of grey added to the light, so that noise in the dark is no contour."""

_PATCH: Final = 48
_PATCHES: Final = (6, 4)
_LEAST_PATCHES: Final = 3
_CONTOUR: Final = 1.5
"""Squared levels of grey a pixel: a patch with less has nothing whose sharpness could be told."""

Grey = NDArray[np.float32]
Seen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture, measured. `texture`, `light` and `seen` are by cell, `edges` by pixel of the small picture; `seen`
    is false where a privacy mask lies. `light` and `bright` (the 90th percentile) are levels of grey; `sharpness` is 0
    to 1, None when nothing in the picture could be sharp.
    """

    grey: NDArray[np.uint8]
    edges: Grey
    texture: Grey
    light: Grey
    seen: Seen
    bright: float
    sharpness: float | None


def measured(grey: NDArray[np.uint8], picture: Picture, visible: Seen | None = None) -> Look | None:
    """Measure a picture. `visible` says which pixels of the small one are not masked. None for a tiny picture."""
    height, width = grey.shape
    if min(height, width) < LEAST_SIDE:
        return None
    edges = contours(grey)
    seen = np.ones((height // CELL, width // CELL), np.bool_)
    if visible is not None:
        # The rim of a mask is a contour too, and one that never moves.
        clear = cv2.erode(visible.astype(np.uint8), np.ones((9, 9), np.uint8))
        edges *= clear
        seen = by_cell(clear.astype(np.float32)) > 0.5
        if not seen.any():
            return None
    shown = grey if visible is None else grey[visible]
    return Look(
        grey,
        edges,
        by_cell(edges),
        by_cell(grey.astype(np.float32)),
        seen,
        float(np.percentile(shown, 90)),
        sharpness(picture),
    )


def contours(grey: NDArray[np.uint8]) -> Grey:
    """How much the light changes at each pixel, relative to the light around it; smeared, since wind shakes poles."""
    light = cv2.GaussianBlur(grey.astype(np.float32), (3, 3), 0)
    across, down = cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=0.25)
    relative = cv2.magnitude(across, down) / (cv2.blur(light, (9, 9)) + _LIGHT)
    return cv2.blur(np.minimum(relative, 0.5), (3, 3)).astype(np.float32, copy=False)


def by_cell(values: Grey) -> Grey:
    """The mean of each cell; what is left over at the right and the bottom is left out."""
    rows, columns = values.shape[0] // CELL, values.shape[1] // CELL
    whole = values[: rows * CELL, : columns * CELL]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def sharpness(picture: Picture) -> float | None:
    """How steep the strongest contours are, from 0 to 1, whatever their contrast: about 0.7 in focus, 0.1 far out of
    it. The median of patches all over the picture, so neither passers-by nor a burnt-in clock decide.
    """
    told = _steepness(_patches(picture))
    return float(np.median(told)) if len(told) >= _LEAST_PATCHES else None


def _patches(picture: Picture) -> Grey:
    """Green, in which the eye and the sensor see most, of some squares of the picture at full resolution."""
    height, width = picture.shape[:2]
    side = min(_PATCH, height, width)
    columns, rows = _PATCHES
    lefts = [_beginning(column, columns, width, side) for column in range(columns)]
    tops = [_beginning(row, rows, height, side) for row in range(rows)]
    squares = [picture[top : top + side, left : left + side, 1] for top in tops for left in lefts]
    return np.stack(squares).astype(np.float32)


def _beginning(number: int, count: int, length: int, side: int) -> int:
    """Where the square `number` of `count` begins that lie evenly over a length, and inside of it."""
    return min(max(0, int((number + 0.5) * length / count - side / 2)), length - side)


def _steepness(patches: Grey) -> Grey:
    """How much blurring takes from the strongest contours of each patch that has some; noise and compression have
    little part in those.
    """
    smooth = _energy(np.stack([cv2.blur(patch, (5, 5)) for patch in patches]).astype(np.float32, copy=False))
    strong = smooth > 3.0 * smooth.mean(axis=1, keepdims=True)
    left = (smooth * strong).sum(axis=1)
    told = strong.any(axis=1) & (left >= _CONTOUR * strong.sum(axis=1))
    whole = (_energy(patches) * strong).sum(axis=1)
    return np.asarray(np.maximum(0.0, 1.0 - left[told] / np.maximum(whole[told], 1e-6)), np.float32)


def _energy(patches: Grey) -> Grey:
    """The squared slope at each pixel of each patch but those at the rim, in a row."""
    across = 0.5 * (patches[:, 1:-1, 2:] - patches[:, 1:-1, :-2])
    down = 0.5 * (patches[:, 2:, 1:-1] - patches[:, :-2, 1:-1])
    return (across * across + down * down).reshape(len(patches), -1).astype(np.float32, copy=False)
