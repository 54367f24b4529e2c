"""How a camera's picture normally is, learnt from the camera itself and following it slowly. Pure.

Nobody needs to clear the scene: who walks is averaged away. One memory follows the picture; one more for each level of
light keeps what was learnt when it was last so bright, so that the night of today is compared with the one of
yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from edge.health.look import Grey, Look

ENOUGH: Final = 10
"""Looks after which a memory is worth comparing with."""

FOLLOW_S: Final = 300.0
"""A memory follows the picture within this time."""

_BEGINNING: Final = 30
"""Looks of which the first normal is the plain mean."""

_LEVELS: Final = (24.0, 56.0, 96.0, 150.0)
"""Levels of grey between which the light counts as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """The mean of what was looked at. `sharpness` is None while nothing could be sharp."""

    looks: int
    edges: Grey
    texture: Grey
    light: Grey
    sharpness: float | None

    def after(self, look: Look, every_s: float) -> Normal:
        """With one more look in it."""
        weight = 1 / (self.looks + 1) if self.looks < _BEGINNING else every_s / FOLLOW_S
        return Normal(
            self.looks + 1,
            self.edges + weight * (look.edges - self.edges),
            self.texture + weight * (look.texture - self.texture),
            self.light + weight * (look.light - self.light),
            _towards(self.sharpness, look.sharpness, weight),
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is known of one camera's normal."""

    now: Normal | None = None
    levels: Mapping[int, Normal] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, look: Look, every_s: float) -> Memory:
        """With one more look in it. A picture of another size is another picture: all else is forgotten."""
        if self.now is not None and self.now.edges.shape != look.edges.shape:
            return Memory().after(look, every_s)
        level = level_of(look)
        known = self.levels.get(level)
        learnt = known.after(look, every_s) if known else first(look)
        now = self.now.after(look, every_s) if self.now else first(look)
        return Memory(now, MappingProxyType({**self.levels, level: learnt}))

    def worth(self, look: Look) -> tuple[Normal, ...]:
        """What the look can be compared with: how it was lately, and how it was when it was as bright."""
        known = (self.now, self.levels.get(level_of(look)))
        return tuple(
            normal for normal in known if normal and normal.looks >= ENOUGH and normal.edges.shape == look.edges.shape
        )


def first(look: Look) -> Normal:
    return Normal(1, look.edges, look.texture, look.light, look.sharpness)


def level_of(look: Look) -> int:
    """Which level of light this is."""
    return int(np.searchsorted(_LEVELS, float(np.median(look.light[look.seen]))))


def latest(recent: Look, look: Look, weight: float) -> Look:
    """`look` with the contours of the last few looks in it, in which passers-by leave little."""
    if recent.edges.shape != look.edges.shape:
        return look
    return replace(look, edges=recent.edges + weight * (look.edges - recent.edges))


def sharpest(normals: Iterable[Normal]) -> list[float]:
    """The sharpness of each normal that has one."""
    return [normal.sharpness for normal in normals if normal.sharpness is not None]


def _towards(known: float | None, value: float | None, weight: float) -> float | None:
    if known is None or value is None:
        return known if value is None else value
    return known + weight * (value - known)
