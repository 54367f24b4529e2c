"""What a single-shot detector's answers mean: boxes relative to anchors, of which every person has several.

Pure. The numbers are those of the TensorFlow graph that edge.detect.ssdlite reads, where a square input of 300 pixels
gives exactly the boxes that the graph itself would give.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

LAYERS: Final = 6
"""Layers that answer, each half as fine as the one before."""

HALVINGS: Final = 4
"""How often a picture is halved up to the finest layer that answers."""

NATIVE_PX: Final = 300
"""The side of the square with which the network was trained; the sizes of its anchors are shares of it."""

SAME_IOU: Final = 0.5
"""Two boxes of one input that overlap more are one person."""

_SIZES: Final = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
_ASPECTS: Final = (1.0, 2.0, 1 / 2, 3.0, 1 / 3)


def layers(width: int, height: int) -> int:
    """How many layers have anything to say of an input: the boxes of a layer must fit into it."""
    return sum(size * NATIVE_PX <= min(width, height) for size in _SIZES[:LAYERS])


def anchors(width: int, height: int) -> NDArray[np.float32]:
    """All anchors of an input in the order of the network's answers: middle x, middle y, width, height in pixels."""
    parts = []
    for layer in range(layers(width, height)):
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
    """Where the anchors of a layer stand along one side. On the native side they are spread evenly; on another they
    stand to what the layer sees as they do there.
    """
    native, cells = _halved(NATIVE_PX, layer)[-1], _halved(length, layer)[-1]
    shift = _first_seen(length, layer) - _first_seen(NATIVE_PX, layer)
    return (np.arange(cells) + 0.5) * NATIVE_PX / native + shift


def _halved(length: int, layer: int) -> list[int]:
    """A side's length before and after each halving up to a layer."""
    lengths = [length]
    for _ in range(HALVINGS + layer):
        lengths.append(math.ceil(lengths[-1] / 2))
    return lengths


def _first_seen(length: int, layer: int) -> int:
    """The pixel in the middle of what a layer's first cell sees: an even length is halved from its second pixel on."""
    pixel = 0
    for before in reversed(_halved(length, layer)[:-1]):
        pixel = 2 * pixel + (before % 2 == 0)
    return pixel


def decoded(answers: NDArray[np.float32], around: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's y, x, height, width relative to anchors as x1, y1, x2, y2 in pixels."""
    middles = answers[:, [1, 0]] / 10 * around[:, 2:] + around[:, :2]
    halves = np.exp(answers[:, [3, 2]] / 5) * around[:, 2:] / 2
    return np.concatenate([middles - halves, middles + halves], axis=1).astype(np.float32)


def best(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which boxes to keep: the likeliest of those that show one person."""
    corners_and_sizes = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(corners_and_sizes.tolist(), scores.tolist(), score_threshold=0.0, nms_threshold=SAME_IOU)
    return np.sort(np.asarray(kept, np.int64))
