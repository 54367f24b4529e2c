"""What each check says of a look, compared with the camera's normal. Pure: looks and settings in, readings out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import cv2
import numpy as np

from contracts.status import CameraFault, CameraState
from edge.health.condition import Reading, Verdict
from edge.health.look import Grey, Look, Seen
from edge.health.normal import Normal, sharpest
from edge.health.settings import (
    BlurredSettings,
    CoveredSettings,
    DarkSettings,
    MovedSettings,
    WrongClockSettings,
)

TEXTURED: Final = 0.02
"""A cell with less texture has no contours."""

BARE: Final = 0.1
"""With so few cells of texture there is nothing to be seen, whatever is normal: a burnt-in clock is all there is."""

_LOST: Final = 0.35
"""A cell has lost its contours when it has less than this share of its normal texture."""

_LEAST_TEXTURED: Final = 0.2
_SAME_LIGHT: Final = 0.85
_SAME_CONTRAST: Final = 0.5
"""So alike is light and shade of the same scene when it is only out of focus, and so much of its contrast is left; what
shines through a bag has less.
"""

SOFT: Final = 0.12
"""Below this sharpness a picture is out of focus, whatever is normal."""

_AIR: Final = 0.15
"""Between the limit for bad and the one for good, as a share."""

_SEEN_THROUGH: Final = 0.5
"""Fog takes the strength of contours, not their places: with so many blocks in place nothing covers the lens."""

_BLOCKS: Final = (6, 4)
_KEPT: Final = 0.5
"""A block whose contours are so alike still shows what it showed."""

_GONE: Final = 0.4
_STANDS: Final = 0.7
"""The view is another one when no more blocks than the first share still show what they showed; it stands from the
second on.
"""

_ALIKE: Final = 0.4
_BETTER: Final = 0.15
"""A shifted view is found again, so alike at least, and so much better there than where it was."""

_REACH: Final = 0.14
_EVEN: Final = 0.1
"""By so much of its light the parts of an evenly black picture differ."""


def covered(
    settings: CoveredSettings, dark: DarkSettings, at: datetime, look: Look, known: Sequence[Normal]
) -> Reading:
    """Contours are lost where there were some, and light and shade are not what they were."""
    bare = float((look.texture[look.seen] > TEXTURED).mean())
    lost = min((_lost(look, normal) for normal in known), default=0.0)
    shades = any(_same_shades(look, normal) for normal in known)
    why = {"lost": round(lost, 2), "limit": settings.share}
    black = look.bright < 255 * dark.level
    # A night without a lamp has few contours too, but its parts are seldom as even as the inside of a bag; noise at
    # full gain may look like contours, but it is the same everywhere.
    light = look.light[look.seen]
    even = float(light.std()) < _EVEN * (float(light.mean()) + 1)
    if not shades and (even if black else bare < BARE):
        lost = 1.0 if black else max(lost, 1 - bare)
        return Reading(at, Verdict.BAD, lost, {**why, "lost": round(lost, 2)})
    if black or shades or any(_kept(look, normal) >= _SEEN_THROUGH for normal in known):
        return Reading(at, Verdict.GOOD if lost < settings.share - _AIR else Verdict.UNCLEAR, lost, why)
    return Reading(at, _verdict(lost, settings.share, settings.share - _AIR), lost, why)


def blurred(settings: BlurredSettings, at: datetime, look: Look, known: Sequence[Normal]) -> Reading:
    """Contours are less steep than they were."""
    normals = sharpest(known)
    if look.sharpness is None:
        # Light and shade are as ever, and yet not one contour is left.
        soft = bool(normals) and any(_same_shades(look, normal) for normal in known)
        return Reading(
            at, Verdict.BAD if soft else Verdict.UNCLEAR, 1.0, {"sharpness": 0.0, "share": 0.0, "limit": settings.share}
        )
    share = max((look.sharpness / max(normal, SOFT) for normal in normals), default=1.0)
    why = {"sharpness": round(look.sharpness, 2), "share": round(share, 2), "limit": settings.share}
    extent = max(0.0, 1 - share)
    if look.sharpness < SOFT:
        return Reading(at, Verdict.BAD, extent, why)
    return Reading(at, _verdict(extent, 1 - settings.share, 1 - settings.share - _AIR), extent, why)


def moved(settings: MovedSettings, at: datetime, look: Look, known: Sequence[Normal]) -> Reading:
    """The contours that always stood still stand elsewhere, or nowhere."""
    kept = [_kept(look, normal) for normal in known]
    best = max(kept, default=1.0)
    if best >= _STANDS:
        return Reading(at, Verdict.GOOD, 0.0, {"kept": round(best, 2)})
    shift, found = _shift(look.edges, known[int(np.argmax(kept))].edges)
    why = {"kept": round(best, 2)}
    if found:
        why |= {"shift": round(shift, 3), "limit": settings.shift}
        return Reading(at, _verdict(shift, settings.shift, settings.shift / 2), shift, why)
    # So far out of focus that contours are lost, it still shows what it showed.
    soft = look.sharpness is None or look.sharpness < SOFT
    gone = best <= _GONE and not (soft and any(_same_shades(look, normal) for normal in known))
    return Reading(at, Verdict.BAD if gone else Verdict.UNCLEAR, 1.0, why)


def dark(settings: DarkSettings, at: datetime, look: Look) -> Reading:
    """Hardly anything is bright."""
    level = look.bright / 255
    why = {"brightness": round(level, 3), "limit": settings.level}
    return Reading(at, _verdict(-level, -settings.level, -1.4 * settings.level), 1 - level / settings.level, why)


def stalled(state: CameraState, fault: str | None, now: datetime) -> Reading:
    """The connection brings no pictures."""
    verdict = Verdict.GOOD if state is CameraState.STREAMING else Verdict.BAD
    return Reading(now, verdict, 0.0, {"fault": fault or CameraFault.TIMEOUT.value})


def wrong_clock(settings: WrongClockSettings, at: datetime, offset_s: float) -> Reading:
    """The camera's clock is ahead of the box's, or behind."""
    off = abs(offset_s)
    why = {"offset_s": round(offset_s, 1), "limit_s": settings.offset_s}
    return Reading(at, _verdict(off, settings.offset_s, settings.offset_s / 2), 0.0, why)


def _verdict(value: float, bad: float, good: float) -> Verdict:
    """Bad from `bad` up, good below `good`."""
    if value >= bad:
        return Verdict.BAD
    return Verdict.GOOD if value < good else Verdict.UNCLEAR


def _lost(look: Look, normal: Normal) -> float:
    """Which share of the cells that have contours has lost them. 0 for a scene that has hardly any."""
    textured = (normal.texture > TEXTURED) & look.seen
    if textured.sum() < _LEAST_TEXTURED * look.seen.sum():
        return 0.0
    return float((look.texture[textured] < _LOST * normal.texture[textured]).mean())


def _kept(look: Look, normal: Normal) -> float:
    """Which share of the blocks with contours still shows what it showed. 1 for a scene that has hardly any."""
    now, then = _in_blocks(look.edges), _in_blocks(normal.edges)
    told: Seen = np.greater(then.mean(axis=1), TEXTURED)
    if told.sum() < len(told) / 3:
        return 1.0
    now = now[told] - now[told].mean(axis=1, keepdims=True)
    then = then[told] - then[told].mean(axis=1, keepdims=True)
    alike = (now * then).sum(axis=1) / np.sqrt((now * now).sum(axis=1) * (then * then).sum(axis=1) + 1e-9)
    return float((alike >= _KEPT).mean())


def _in_blocks(edges: Grey) -> Grey:
    """One row of pixels a block."""
    columns, rows = _BLOCKS
    high, wide = edges.shape[0] // rows, edges.shape[1] // columns
    whole = edges[: high * rows, : wide * columns].reshape(rows, high, columns, wide)
    return whole.swapaxes(1, 2).reshape(rows * columns, high * wide)


def _shift(now: Grey, then: Grey) -> tuple[float, bool]:
    """How far the view has shifted, as a share of its width, and whether it was found again."""
    height, width = now.shape
    across, down = int(_REACH * width), int(_REACH * height)
    middle = now[down : height - down, across : width - across]
    alike = cv2.matchTemplate(then, middle, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(alike)
    found = best >= _ALIKE and best >= float(alike[down, across]) + _BETTER
    return float(np.hypot(x - across, y - down)) / width, found


def _same_shades(look: Look, normal: Normal) -> bool:
    """Whether light and shade lie where they normally do."""
    now, then = look.light[look.seen], normal.light[look.seen]
    contrast = float(now.std() / (now.mean() + 1)), float(then.std() / (then.mean() + 1))
    now, then = now - now.mean(), then - then.mean()
    alike = float((now * then).sum() / np.sqrt((now * now).sum() * (then * then).sum() + 1e-6))
    return alike > _SAME_LIGHT and contrast[0] > _SAME_CONTRAST * contrast[1]
