"""What a single-shot detector's answers mean: boxes relative to anchors, of which every person has several.

Pure. The numbers are those of the TensorFlow graph that edge.detect.ssdlite reads, where a square input of 300 pixels
gives exactly the boxes that the graph itself would give.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import supervision as sv
from numpy.typing import NDArray

LAYERS: Final = 6
"""Layers that answer, each half as fine as the one before."""

STRIDE: Final = 16
"""Pixels between two anchors of the finest layer."""

NATIVE_PX: Final = 300
"""The side of the square with which the network was trained; the sizes of its anchors are shares of it."""

SAME_IOU: Final = 0.5
"""Two boxes of one input that overlap more are one person."""

_SIZES: Final = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
_ASPECTS: Final = (1.0, 2.0, 1 / 2, 3.0, 1 / 3)


def anchors(width: int, height: int) -> NDArray[np.float32]:
    """All anchors of an input in the order of the network's answers: middle x, middle y, width, height in pixels."""
    parts = []
    for layer in range(LAYERS):
        shapes = np.array(_shapes(layer)) * NATIVE_PX
        down, across = _middles(height, layer), _middles(width, layer)
        y, x, shape = np.meshgrid(down, across, np.arange(len(shapes)), indexing="ij")
        parts.append(np.concatenate([np.stack([x, y], axis=-1).reshape(-1, 2), shapes[shape.ravel()]], axis=1))
    return np.concatenate(parts).astype(np.float32)


def _shapes(layer: int) -> list[tuple[float, float]]:
    """Widths and heights of the anchors of one place, as shares of NATIVE_PX."""
    size, next_size = _SIZES[layer], _SIZES[layer + 1]
    if layer == 0:
        wide, high = size * math.sqrt(2), size / math.sqrt(2)
        return [(0.1, 0.1), (wide, high), (high, wide)]
    between = math.sqrt(size * next_size)
    return [*((size * math.sqrt(aspect), size / math.sqrt(aspect)) for aspect in _ASPECTS), (between, between)]


def _middles(length: int, layer: int) -> NDArray[np.float64]:
    """Where the anchors of a layer stand along one side. On the native side they are spread evenly; a shorter one has
    the first of them, as the network's layers have the same neighbourhoods there.
    """
    native, cells = _cells(NATIVE_PX, layer), _cells(length, layer)
    return (np.arange(cells) + 0.5) * NATIVE_PX / native


def _cells(length: int, layer: int) -> int:
    return math.ceil(length / (STRIDE << layer))


def decoded(answers: NDArray[np.float32], around: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's y, x, height, width relative to anchors as x1, y1, x2, y2 in pixels."""
    middles = answers[:, [1, 0]] / 10 * around[:, 2:] + around[:, :2]
    halves = np.exp(answers[:, [3, 2]] / 5) * around[:, 2:] / 2
    return np.concatenate([middles - halves, middles + halves], axis=1).astype(np.float32)


def best(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which boxes to keep: the likeliest of those that show one person."""
    rows = np.concatenate([boxes, scores[:, np.newaxis]], axis=1)
    return np.flatnonzero(sv.box_non_max_suppression(rows, iou_threshold=SAME_IOU))
