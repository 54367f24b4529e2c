"""Whether a picture stands still as no live picture does: a real sensor is never without noise, people pass, and
daylight drifts.

A frozen picture that is compressed again changes a little at every key frame, and a clock may be burnt into it. So a
small part, always the same, may change at any time, and most moments must change next to nothing. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import cv2
import numpy as np

from edge.health.condition import Reading, Verdict
from edge.health.look import CELL, Look, Seen
from edge.health.settings import FrozenSettings

_MOMENTS: Final = 9
"""Of so many moments the third quietest tells: every second one may lie across a key frame."""

_LIVE: Final = 0.05
"""In a second of a live picture more of its pixels than this change, if only by one level of grey."""

_SHAKEN: Final = 2
"""Levels of grey by which compression may change a pixel of the small picture at a key frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """Since `anchor` the picture has stood still, as far as is known, but for the cells in `stirred`. `shares` says of
    the last moments which share of the pixels changed at all.
    """

    anchor: Look
    last: Look
    stirred: Seen
    shares: tuple[float, ...] = ()

    def after(self, look: Look, settings: FrozenSettings) -> Stillness:
        """With one more look taken in."""
        if look.grey.shape != self.last.grey.shape:
            return beginning(look)
        shares = (*self.shares, _any_change(self.last, look))[-_MOMENTS:]
        stirred = self.stirred | changed(self.anchor, look, _SHAKEN)
        if float(stirred[look.seen].mean()) > settings.share:
            return Stillness(look, look, np.zeros_like(stirred), shares)
        return Stillness(self.anchor, look, stirred, shares)

    def reading(self, at: datetime) -> Reading:
        """What that says of the moment of the last look."""
        if len(self.shares) < _MOMENTS:
            return Reading(at, Verdict.UNCLEAR, 0.0, {})
        usual = sorted(self.shares)[_MOMENTS // 4]
        live = usual > _LIVE or self.anchor is self.last
        why = {"changed": round(usual, 3), "limit": _LIVE}
        return Reading(at, Verdict.GOOD if live else Verdict.BAD, 0.0, why)


def beginning(look: Look) -> Stillness:
    """Nothing is known but one look."""
    return Stillness(look, look, np.zeros_like(look.seen))


def changed(one: Look, other: Look, tolerance: int) -> Seen:
    """The cells in which a pixel differs by more than `tolerance` levels of grey between two looks."""
    differs = cv2.absdiff(one.grey, other.grey) > tolerance
    rows, columns = differs.shape[0] // CELL, differs.shape[1] // CELL
    cells = differs[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    return np.asarray(cells.any(axis=(1, 3)), np.bool_)


def _any_change(one: Look, other: Look) -> float:
    """The share of pixels that differ at all, as if all were seen: what a mask hides never changes."""
    return float(np.not_equal(one.grey, other.grey).mean() / other.seen.mean())
