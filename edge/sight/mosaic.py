"""Packs crops of many sizes, of one camera or of several, into few detector inputs, and takes apart what is found.

A small crop looked at by itself costs as much as a large one, since a detector's input has one size or two
(docs/decisions/012). Knows pixels of inputs; what a crop shows is edge.sight.regions's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import cv2
import numpy as np

from edge.detect import Detections, Picture

GAP = 4
"""Empty pixels between two crops, so that what one shows is not taken for a part of the other."""

GREY = 114
"""What lies between crops: the middle of what cameras give."""

SET = 4
"""So many inputs are chosen together; more are only needed when everything is looked at at once."""

UPKEEP = 5000
"""What an input costs beyond its pixels, in pixels: about a millisecond."""

ALONE = 0.5
"""How much the largest input of a set counts besides the sum: it is what two processors wait for at the end."""

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
    """A place for every crop, in those of the detector's `inputs` that cost least of what is easily found.

    `inputs` stand in the order of their cost. The last must hold every crop.
    """
    waiting = sorted(range(len(crops)), key=lambda index: (-crops[index][1], -crops[index][0]))
    sheets: list[Size] = []
    places: dict[int, Place] = {}
    while waiting:
        chosen, put = _cheapest(crops, waiting, tuple(inputs))
        if not put:
            width, height = crops[waiting[0]]
            raise ValueError(f"a crop of {width} x {height} pixels fits none of the detector's inputs")
        for index, (number, x, y) in put.items():
            places[index] = Place(len(sheets) + number, x, y, crops[index])
        sheets += chosen
        waiting = [index for index in waiting if index not in put]
    return Layout(tuple(sheets), tuple(places[index] for index in range(len(crops))))


def _cheapest(
    crops: Sequence[Size], waiting: Sequence[int], inputs: tuple[Size, ...]
) -> tuple[tuple[Size, ...], dict[int, tuple[int, int, int]]]:
    """The cheapest inputs that hold all the crops; where there are too many, one of the largest, and what it holds."""
    needed = sum(math.prod(crops[index]) for index in waiting)
    for pixels, sizes in _sets(inputs):
        if pixels >= needed:
            put = _put(crops, waiting, sizes)
            if len(put) == len(waiting):
                return sizes, put
    return inputs[-1:], _put(crops, waiting, inputs[-1:])


@cache
def _sets(inputs: tuple[Size, ...]) -> list[tuple[int, tuple[Size, ...]]]:
    """All sets of few inputs and the pixels of each, the cheapest first."""
    sets = [sizes for count in range(1, SET + 1) for sizes in combinations_with_replacement(inputs, count)]
    return [(sum(map(math.prod, sizes)), sizes) for sizes in sorted(sets, key=_cost)]


def _cost(sizes: Sequence[Size]) -> float:
    """In pixels. Two inputs alike are done sooner than one large and one small, on two processors."""
    pixels = [math.prod(size) for size in sizes]
    return sum(pixels) + UPKEEP * len(sizes) + ALONE * max(pixels)


def _put(crops: Sequence[Size], waiting: Sequence[int], sizes: Sequence[Size]) -> dict[int, tuple[int, int, int]]:
    """Those of the waiting crops that find room in such inputs: in which one, and its left and top there."""
    sheets = [_Sheet(size) for size in sizes]
    found: dict[int, tuple[int, int, int]] = {}
    for index in waiting:
        for number, sheet in enumerate(sheets):
            if at := sheet.put(*crops[index]):
                found[index] = (number, *at)
                break
    return found


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
