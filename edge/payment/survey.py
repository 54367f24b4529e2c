"""What a technician wants to know of a camera: which codes it can read, how well, and where the points' regions lie.

Looks at some frames as the watch does, and beyond the regions too. What is found shows no account.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts import payment_code
from contracts.banks import known, name_of
from contracts.payment_code import VIETQR, PaymentCodeError
from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.capture.picture import in_colour
from edge.config import CameraSettings
from edge.geometry import Box, bounds, inside
from edge.payment.allowed import AllowSets
from edge.payment.nature import judged
from edge.payment.reader import Reader, Seen
from edge.payment.view import Part, grey_of, part_of

LEAST, SAFE, GOOD = 2.0, 2.5, 3.0
"""Pixels a module: below the first nothing is read, from the last on nearly every look reads (docs/decisions/014)."""

FORMATS: Final = (".jpg", ".png")
"""What `save` writes."""

WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)
_SALT: Final = secrets.token_bytes(16)
_COLOURS: Final = {"good": (80, 200, 80), "fair": (80, 200, 80), "risky": (0, 190, 255), "unreadable": (60, 60, 230)}


class Fitness(StrEnum):
    """Whether a code is large enough in the picture."""

    UNREADABLE = "unreadable"
    RISKY = "risky"
    FAIR = "fair"
    GOOD = "good"


def fitness(pixels_per_module: float) -> Fitness:
    """What so many pixels a module are good for."""
    if pixels_per_module < LEAST:
        return Fitness.UNREADABLE
    if pixels_per_module < SAFE:
        return Fitness.RISKY
    return Fitness.FAIR if pixels_per_module < GOOD else Fitness.GOOD


@dataclass(frozen=True, slots=True)
class Found:
    """A code in the camera's picture, by what may be told of it. `point`: in whose region it is; `nature` is `unknown`
    for a payment code of which it is not known whose it is; `read` of `looks` looks read it.
    """

    point: str | None
    nature: str
    bank: str | None
    bank_name: str | None
    last_four: str | None
    modules: int
    pixels_per_module: float
    fitness: str
    way: str
    read: int
    looks: int
    place: Box


@dataclass(frozen=True, slots=True)
class Region:
    """A point's region, in pixels, and whether a code was read in it."""

    point: str
    width: int
    height: int
    known: bool
    codes: int


@dataclass(frozen=True, slots=True)
class Survey:
    """All that was found in a camera's picture of this size."""

    camera: str
    width: int
    height: int
    codes: tuple[Found, ...]
    regions: tuple[Region, ...]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def survey(camera: CameraSettings, allow: AllowSets, frames: Sequence[CapturedFrame]) -> Survey:
    """Look at the frames of a camera, at least one."""
    mask, last = Mask(camera.masks), frames[-1]
    seen: dict[tuple[str | None, str], list[tuple[Seen, Box]]] = {}
    for box, points in ((WHOLE, None), *((bounds(point.region), point.id) for point in camera.payment_points)):
        reader = Reader()
        for frame in frames:
            part = part_of(frame, box)
            for one in reader.read(grey_of(frame, part, mask)):
                place = part.in_picture(one.corners)
                point = _point_of(camera, place)
                if point == points:  # the whole picture shows those in the regions too, less well
                    seen.setdefault((point, one.text), []).append((one, place))
    whole = part_of(last, WHOLE)
    codes = tuple(
        _found(point, text, looks, allow, len(frames)) for (point, text), looks in sorted(seen.items(), key=str)
    )
    regions = tuple(
        _region(part_of(last, bounds(point.region)), point.id, allow, codes) for point in camera.payment_points
    )
    return Survey(camera.id, whole.width, whole.height, codes, regions)


def _point_of(camera: CameraSettings, place: Box) -> str | None:
    """In whose region the middle of a place is."""
    middle = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
    return next((point.id for point in camera.payment_points if inside(middle, point.region)), None)


def _found(point: str | None, text: str, looks: Sequence[tuple[Seen, Box]], allow: AllowSets, of: int) -> Found:
    seen, place = looks[-1]
    size = float(np.median([one.pixels_per_module for one, _ in looks]))
    bank, last_four = _payee(text)
    told = judged(text, allow.of(point) if point else None, _SALT)
    return Found(
        point=point,
        nature=told.nature.value if told else "unknown",
        bank=bank,
        bank_name=name_of(bank, known()) if bank else None,
        last_four=last_four,
        modules=seen.modules,
        pixels_per_module=round(size, 2),
        fitness=fitness(size).value,
        way=Counter(one.way for one, _ in looks).most_common(1)[0][0],
        read=len(looks),
        looks=of,
        place=tuple(round(side, 4) for side in place),  # type: ignore[arg-type]
    )


def _payee(text: str) -> tuple[str | None, str | None]:
    """Bank and end of the account of the first VietQR payee that a code names."""
    try:
        payees = sorted(payment_code.read(text).payees)
    except PaymentCodeError:
        return None, None
    first = next((payee for payee in payees if payee.guid == VIETQR), None)
    return (first.bin, first.last_four or None) if first else (None, None)


def _region(part: Part, point: str, allow: AllowSets, codes: Iterable[Found]) -> Region:
    inside_it = sum(code.point == point for code in codes)
    return Region(point, part.right - part.left, part.bottom - part.top, allow.of(point) is not None, inside_it)


def drawn(camera: CameraSettings, frame: CapturedFrame, found: Survey) -> NDArray[np.uint8]:
    """The picture with the regions, and the codes in them, drawn in; what masks cover is covered."""
    picture = Mask(camera.masks).burn(in_colour(frame.picture, frame.rotation))
    size = np.array([found.width, found.height])
    for point in camera.payment_points:
        corners = np.rint(np.array(point.region) * size).astype(np.int32)
        cv2.polylines(picture, [corners], True, (255, 160, 60), 2)
        left, top = corners.min(axis=0)
        _write(picture, point.id, int(left), int(top) - 6, (255, 160, 60))
    for code in found.codes:
        x1, y1, x2, y2 = (round(float(side)) for side in np.array(code.place) * np.tile(size, 2))
        colour = _COLOURS[code.fitness]
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, 2)
        _write(picture, f"{code.pixels_per_module:.1f} px {code.nature}", x1, y2 + 18, colour)
    return picture


def _write(picture: NDArray[np.uint8], text: str, x: int, y: int, colour: tuple[int, int, int]) -> None:
    for ink, thickness in (((0, 0, 0), 4), (colour, 1)):
        cv2.putText(picture, text, (x, max(y, 14)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, thickness, cv2.LINE_AA)


def save(picture: NDArray[np.uint8], file: Path) -> None:
    """Write a picture as its name says. Raises OSError."""
    _, content = cv2.imencode(file.suffix, picture)
    file.write_bytes(content.tobytes())
