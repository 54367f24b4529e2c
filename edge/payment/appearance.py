"""How the place of a code looks, compared with how it looked when the code was last read there. Pure.

A code that cannot be read may be far, blurred, covered, exchanged or gone. Likeness is the correlation of brightness,
which neither a cloud nor a lamp changes; what is bare is told by the lack of fine structure, of which a code has more
than anything else on a stall; and a bare place that is as bright as what surrounds it is the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.geometry import Box
from edge.payment.reader import Grey
from edge.payment.state import Appearance

SIDE: Final = 48
"""Pixels to which a place is brought before it is compared: about one a module, so a code keeps its pattern."""

SHIFT: Final = 4
"""How far the place may have moved, in those pixels: lamp posts sway, boards are bumped into."""

ALIKE: Final = 0.55
"""Correlation from which two looks are the same: another code has about 0.35, since all have the same three corners,
and ours, blurred or bumped into, about 0.8 (tests/edge/payment/test_appearance.py).
"""

BARE: Final = 0.2
"""Share of the reference's fine structure below which there is none."""

AS_BRIGHT: Final = 14.0
"""Grey levels by which a bare place may differ from its surroundings and still be the wall."""

DARKEST: Final = 12.0
FLATTEST: Final = 3.0
"""Mean and spread of grey levels below which a picture shows nothing, as at night without a lamp."""


@dataclass(frozen=True, slots=True)
class Reference:
    """How a place looked. `place` is normalised to the region; `structure` is its fine structure, in grey levels."""

    place: Box
    look: Grey
    structure: float


def remember(region: Grey, place: Box) -> Reference:
    """What to compare later looks with: the place of a code that was just read, in its region, (h, w)."""
    look = _look(region, place)
    return Reference(place, look, _structure(look))


def compare(region: Grey, reference: Reference | None) -> Appearance:
    """How the place looks in a region of the same framing as the one that was remembered."""
    if reference is None or region.mean() < DARKEST or region.std() < FLATTEST:
        return Appearance.UNSURE
    look = _look(region, reference.place)
    if likeness(look, reference.look) >= ALIKE:
        return Appearance.SAME
    if _structure(look) >= BARE * reference.structure:
        return Appearance.CHANGED
    return (
        Appearance.GONE
        if abs(_surroundings(region, reference.place) - look.mean()) <= AS_BRIGHT
        else Appearance.CHANGED
    )


def _look(region: Grey, place: Box) -> Grey:
    x1, y1, x2, y2 = _pixels(region, place)
    part = cv2.resize(region[y1:y2, x1:x2], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(part, np.uint8)


def _pixels(region: Grey, place: Box, grown: float = 0.0) -> tuple[int, int, int, int]:
    """Corners of a place, grown by a share of its size, at least one pixel large and inside of the region."""
    height, width = region.shape
    x1, y1, x2, y2 = place
    dx, dy = (x2 - x1) * grown, (y2 - y1) * grown
    left, top = min(max(int((x1 - dx) * width), 0), width - 1), min(max(int((y1 - dy) * height), 0), height - 1)
    right, bottom = min(int(np.ceil((x2 + dx) * width)), width), min(int(np.ceil((y2 + dy) * height)), height)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def likeness(look: Grey, reference: Grey) -> float:
    """The best correlation of the reference's middle with the look, within the shift; 0 where nothing has a pattern."""
    middle = reference[SHIFT:-SHIFT, SHIFT:-SHIFT]
    if middle.std() < 1 or look.std() < 1:
        return 0.0
    return float(np.nan_to_num(cv2.matchTemplate(look, middle, cv2.TM_CCOEFF_NORMED)).max())


def _structure(look: Grey) -> float:
    """Mean absolute difference of a look from its own blur."""
    return float(np.abs(look.astype(np.float32) - cv2.GaussianBlur(look, (0, 0), 2.0).astype(np.float32)).mean())


def _surroundings(region: Grey, place: Box) -> float:
    """The middle grey level around a place."""
    x1, y1, x2, y2 = _pixels(region, place, grown=0.5)
    around = np.ones(region.shape, bool)
    inner = _pixels(region, place, grown=0.15)
    around[inner[1] : inner[3], inner[0] : inner[2]] = False
    found = region[y1:y2, x1:x2][around[y1:y2, x1:x2]]
    return float(np.median(found)) if found.size else 0.0
