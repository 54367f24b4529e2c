"""Packs crops of many sizes, of one camera or of several, into few detector inputs, and takes apart what is found.

A small crop looked at by itself costs as much as a large one, since a detector's input has one size or two
(docs/decisions/012). Knows pixels of inputs; what a crop shows is edge.regions's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.detect import Detections, Picture

GAP = 4
"""Empty pixels between two crops, so that what one shows is not taken for a part of the other."""

GREY = 114
"""What lies between crops: the middle of what cameras give."""

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a crop lies: in which input, its left and top there, and its size."""

    sheet: int
    x: int
    y: int
    size: Size


@dataclass(frozen=True, slots=True)
class Layout:
    """Inputs of these sizes, and a place for each crop, in the crops' order."""

    sheets: tuple[Size, ...]
    places: tuple[Place, ...]

    @property
    def pixels(self) -> int:
        """What the detector works through."""
        return sum(width * height for width, height in self.sheets)


class _Sheet:
    """One input being filled. `free`: left, top, width, height of what is still empty; no two overlap."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._free = [(0, 0, *size)]

    def put(self, width: int, height: int) -> tuple[int, int] | None:
        """Take the free part that fits most tightly, and cut the rest of it in two. None where nothing fits."""
        fitting = [part for part in self._free if part[2] >= width and part[3] >= height]
        if not fitting:
            return None
        part = min(fitting, key=lambda part: min(part[2] - width, part[3] - height))
        self._free.remove(part)
        x, y, wide, high = part
        right, below = wide - width - GAP, high - height - GAP
        # The larger rest stays in one piece.
        if right > below:
            rests = (x + width + GAP, y, right, high), (x, y + height + GAP, width, below)
        else:
            rests = (x + width + GAP, y, right, height), (x, y + height + GAP, wide, below)
        self._free += [rest for rest in rests if rest[2] > 0 and rest[3] > 0]
        return x, y


def pack(crops: Sequence[Size], inputs: Sequence[Size]) -> Layout:
    """A place for every crop, the largest first, in as few of the detector's `inputs` as are easily found.

    `inputs` stand in the order of their cost; a crop opens the first that holds it. The last must hold every crop.
    """
    sheets: list[_Sheet] = []
    places: dict[int, Place] = {}
    for index in sorted(range(len(crops)), key=lambda index: (-crops[index][1], -crops[index][0])):
        places[index] = _placed(sheets, crops[index], inputs)
    return Layout(tuple(sheet.size for sheet in sheets), tuple(places[index] for index in range(len(crops))))


def _placed(sheets: list[_Sheet], crop: Size, inputs: Sequence[Size]) -> Place:
    for number, sheet in enumerate(sheets):
        if at := sheet.put(*crop):
            return Place(number, *at, crop)
    for size in inputs:
        sheet = _Sheet(size)
        if at := sheet.put(*crop):
            sheets.append(sheet)
            return Place(len(sheets) - 1, *at, crop)
    raise ValueError(f"a crop of {crop[0]} x {crop[1]} pixels fits none of the detector's inputs")


def draw(crops: Sequence[Picture], layout: Layout) -> list[Picture]:
    """The inputs, each crop scaled to its place."""
    sheets = [np.full((height, width, 3), GREY, np.uint8) for width, height in layout.sheets]
    for crop, place in zip(crops, layout.places, strict=True):
        width, height = place.size
        target = sheets[place.sheet][place.y : place.y + height, place.x : place.x + width]
        cv2.resize(crop, place.size, dst=target, interpolation=cv2.INTER_LINEAR)
    return sheets


def parts(found: Sequence[Detections], layout: Layout) -> list[Detections]:
    """What was found in each crop, in pixels of its place: a box belongs where its middle lies."""
    return [_part(found[place.sheet], place) for place in layout.places]


def _part(found: Detections, place: Place) -> Detections:
    boxes = found.boxes - np.array([place.x, place.y, place.x, place.y], np.float32)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((middles >= 0) & (middles < place.size)).all(axis=1)
    return Detections(boxes[inside], found.scores[inside], found.labels[inside])
