"""Finds things that were put down: what differs from how the scene looked before, stands still, and is nobody's track.

A second, slow background on a small grey picture, twice a second; detectors need not know the thing. It tells what was
added from what was taken away, and from light, by contours: a thing that was added has a sharp contour now and had none
before. What follows from a thing is the rules' business. Limits are in docs/rules.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Final
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.ids import new_id
from edge.detect import Picture
from edge.geometry import Box, iou
from edge.rules.left_object import ADDED
from edge.rules.presence import Sighting

WIDTH: Final = 320
"""Width of the small picture: a bag of 1/20 of the picture's width covers 16 of its pixels."""

PERIOD_S: Final = 0.5
LONGEST_S: Final = 5.0
"""What happened in a longer pause between two frames, nobody knows."""

FAST_S: Final = 1.5
"""The fast background follows the picture within this time: noise goes, what moves smears."""

SLOW_S: Final = 120.0
"""The slow background follows daylight within this time, and never what differs."""

STILL_S: Final = 3.0
SURE_S: Final = 10.0
"""What has not changed for STILL_S stands still. What after SURE_S is no thing becomes part of the scene: earlier,
somebody may stand in front of a part of it.
"""

FORGET_S: Final = 1800.0
"""After so long a thing belongs to the scene."""

CHANGED: Final = 18.0
"""Levels of grey by which a thing differs from the ground behind it."""

TREMBLING: Final = 10.0
"""Levels of grey that noise and compression reach and what stands still does not."""

SMALLEST, LARGEST = 0.0006, 0.08
"""Shares of the picture: below is noise, above is light."""

UPROAR: Final = 0.4
"""When more than this share differs at once, the light or the camera changed, not what stands in front of it."""

SHARP: Final = 14.0
STEEP: Final = 0.6
"""A contour is sharp that changes by so many levels of grey within a pixel, and by this share of how much the whole
differs: a thing ends within two pixels, the light of a lamp and most shadows within more.
"""

CLOSED: Final = 0.45
"""The share of its contour that is sharp, of a thing; ground of its own colour hides the rest."""

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Thing:
    """What was put down, where it is, since when it is followed, and how much of its contour is sharp."""

    id: UUID
    box: Box
    since: datetime
    sharp: float


class StillScene:
    """One camera's idea of how the scene looks with nothing put down. Not safe for two threads."""

    def __init__(self) -> None:
        self._slow: Grey | None = None
        self._fast: Grey = np.zeros((0, 0), np.float32)
        self._still_s: Grey = np.zeros((0, 0), np.float32)
        self._things: tuple[Thing, ...] = ()
        self._last: datetime | None = None

    def look(self, picture: Picture, at: datetime, covers: Iterable[Box]) -> tuple[Sighting, ...]:
        """What stands there that was put down. `covers` are tracks: what they hide stays as it was known."""
        elapsed = (at - self._last).total_seconds() if self._last else 0.0
        if self._last is None or elapsed < 0 or elapsed >= PERIOD_S:
            self._last = at
            self._take_in(_small(picture), at, min(max(elapsed, 0.0), LONGEST_S), covers)
        return tuple(Sighting(thing.id, ADDED, thing.box, thing.sharp) for thing in self._things)

    def _take_in(self, grey: Grey, at: datetime, elapsed: float, covers: Iterable[Box]) -> None:
        slow = self._slow
        if slow is None or slow.shape != grey.shape:
            self._begin(grey)
            return
        open_ground = ~_covered(covers, grey.shape)
        slow *= _gain(grey, slow, open_ground)
        if np.mean((np.abs(grey - slow) > CHANGED)[open_ground]) > UPROAR:
            self._begin(grey)
            return
        self._still_s[open_ground & (np.abs(grey - self._fast) > TREMBLING)] = 0.0
        self._still_s[open_ground] += elapsed
        self._fast[open_ground] += (1 - exp(-elapsed / FAST_S)) * (grey - self._fast)[open_ground]
        differs = np.abs(self._fast - slow) > CHANGED
        same = open_ground & ~differs
        slow[same] += (1 - exp(-elapsed / SLOW_S)) * (self._fast - slow)[same]
        self._things = tuple(self._sorted_out(differs & (self._still_s >= STILL_S), slow, at))

    def _begin(self, grey: Grey) -> None:
        """Take the picture as the scene."""
        self._slow, self._fast = grey.copy(), grey.copy()
        self._still_s = np.zeros_like(grey)
        self._things = ()

    def _sorted_out(self, still: Mask, slow: Grey, at: datetime) -> Iterable[Thing]:
        """The things among what stands still; the rest becomes part of the scene."""
        edges_now, edges_before = _edges(self._fast), _edges(slow)
        change = np.abs(self._fast - slow)
        for blob, box in _blobs(still):
            known = next((thing for thing in self._things if iou(thing.box, box) >= 0.3), None)
            sharp = _sharp_share(blob, edges_now, edges_before, float(np.median(change[blob])))
            since = min(known.since, at) if known else at
            is_thing = sharp >= CLOSED and blob.mean() <= LARGEST and (at - since).total_seconds() <= FORGET_S
            if is_thing:
                yield Thing(known.id if known else new_id(), box, since, sharp)
            elif self._still_s[blob].mean() >= SURE_S:
                around = _grown(blob, 2)
                slow[around] = self._fast[around]


def _small(picture: Picture) -> Grey:
    height = max(1, round(WIDTH * picture.shape[0] / picture.shape[1]))
    small = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _covered(boxes: Iterable[Box], shape: tuple[int, ...]) -> Mask:
    """Where tracks are, with a rim: boxes are a little small now and then."""
    mask = np.zeros(shape, np.bool_)
    height, width = shape[:2]
    for x1, y1, x2, y2 in boxes:
        dx, dy = 0.15 * (x2 - x1), 0.1 * (y2 - y1)
        left, top = max(0, int((x1 - dx) * width)), max(0, int((y1 - dy) * height))
        mask[top : int((y2 + dy) * height) + 1, left : int((x2 + dx) * width) + 1] = True
    return mask


def _gain(grey: Grey, before: Grey, where: Mask) -> float:
    """By how much the whole picture became brighter: clouds, and cameras that set their exposure."""
    bright = where & (before > 20) & (before < 235)
    if not bright.any():
        return 1.0
    return float(np.clip(np.median(grey[bright] / before[bright]), 0.5, 2.0))


def _edges(grey: Grey) -> Grey:
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=0.25)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=0.25)
    return cv2.magnitude(across, down).astype(np.float32, copy=False)


def _blobs(mask: Mask) -> Iterable[tuple[Mask, Box]]:
    """Connected parts of the mask that are large enough, with their normalised boxes."""
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    height, width = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    for index in range(1, count):
        x, y, w, h, size = (int(value) for value in stats[index])
        if size >= SMALLEST * width * height:
            yield labels == index, (x / width, y / height, (x + w) / width, (y + h) / height)


def _sharp_share(blob: Mask, now: Grey, before: Grey, change: float) -> float:
    """How much of the contour of a blob, which differs by `change`, is sharp now and was not before."""
    contour = _grown(blob, 1) & ~_shrunk(blob, 1)
    near = np.ones((3, 3), np.uint8)
    new = (cv2.dilate(now, near) >= max(SHARP, STEEP * change)) & (
        cv2.dilate(now, near) > 1.5 * cv2.dilate(before, near)
    )
    return float(np.mean(new[contour]))


def _grown(blob: Mask, pixels: int) -> Mask:
    return cv2.dilate(blob.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=pixels).astype(np.bool_)


def _shrunk(blob: Mask, pixels: int) -> Mask:
    return cv2.erode(blob.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=pixels).astype(np.bool_)
