"""Detectors behind one small interface: pictures in, boxes out. `load` makes the one that the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.model import ModelCard

LABELS = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "dog", "bag")
"""All that a detector may report; a network's own classes are mapped to these or left out."""

Picture = NDArray[np.uint8]
"""Height x width x 3, blue-green-red, as OpenCV has it."""


@dataclass(frozen=True, slots=True)
class Detections:
    """What one picture shows. `boxes`: (n, 4) float32, x1 y1 x2 y2 in its pixels; `scores`: (n,) float32 from 0 to 1;
    `labels`: (n,) int64, indices into LABELS.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]


NOTHING = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


class DetectorError(Exception):
    """The detector cannot be loaded; the text is one sentence that says what to do."""


class Detector(Protocol):
    """Anything that finds people and vehicles. `name` and `card` say which model it is, for events to carry; `batch`
    how many pictures it takes to be busy: more only make the first one wait. `inputs` are the sizes (width, height)
    of pictures that it takes as they are, the cheapest first, the one that holds most last; others are scaled.
    """

    name: str
    batch: int
    card: ModelCard

    @property
    def inputs(self) -> tuple[tuple[int, int], ...]: ...

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One Detections for each picture, in order. Pictures may differ in size. Two threads may call it at once."""
        ...
