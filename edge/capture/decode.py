"""Which packets of a camera are worth decoding. Pure: packets' times and what decoding cost go in, an effort comes out.

A decoder needs every picture that others refer to, so only three things can be left out: pictures that nobody refers
to, while a fresh one is at hand; everything but key frames, while nothing moves and the settings allow it; and
everything but key frames, when decoding falls behind: a late picture is worth less than a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LONGEST_QUIET_GAP_S: Final = 4.0
"""A camera whose key frames come more rarely is decoded in full though it is quiet: nobody may pass unseen."""

BEHIND_LOAD: Final = 0.95
RECOVERED_LOAD: Final = 0.7
"""Share of the time that decoding takes: above the one for BEHIND_S the camera is behind, below the other it is not."""

BEHIND_S: Final = 2.0
_SMOOTH: Final = 0.1


class Effort(StrEnum):
    """What to do with a packet."""

    NOTHING = "nothing"
    REFERENCES = "references"  # decode it if other pictures refer to it
    EVERYTHING = "everything"
    ALONE = "alone"  # a key frame whose successors will be left out: have its picture out at once


@dataclass(frozen=True, slots=True)
class Economy:
    """How often analysis takes a picture, and whether key frames are enough for it while nothing moves."""

    period_s: float
    quiet_keyframes: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How one connection has gone so far. Times are of one monotonic clock; None is not known yet."""

    arrived_at: float | None = None
    key_at: float | None = None
    key_every_s: float | None = None
    picture_at: float | None = None
    interval_s: float | None = None
    cost_s: float | None = None
    loaded_since: float | None = None
    behind: bool = False
    torn: bool = False  # a picture that others may refer to was left out since the last key frame
    alone_fails: bool = False  # this camera's key frames give no picture without those that follow

    @property
    def load(self) -> float:
        """Share of the time that decoding every picture takes."""
        return self.cost_s / self.interval_s if self.cost_s and self.interval_s else 0.0


def decide(economy: Economy, pace: Pace, *, keyframe: bool, at: float, quiet: bool) -> tuple[Pace, Effort]:
    """What to do with the packet that arrived at `at`."""
    pace = _arrived(pace, keyframe, at)
    pace = replace(pace, behind=_behind(pace, at))
    if keyframe:
        alone = _sparing(economy, pace, quiet)
        return replace(pace, torn=alone), Effort.ALONE if alone else Effort.EVERYTHING
    if pace.torn or _sparing(economy, pace, quiet):
        return replace(pace, torn=True), Effort.NOTHING
    fresh = pace.picture_at is not None and at - pace.picture_at < economy.period_s / 2
    return pace, Effort.REFERENCES if fresh else Effort.EVERYTHING


def decoded(pace: Pace, effort: Effort, *, pictures: int, took_s: float, at: float) -> Pace:
    """The pace after a packet that came at `at` was decoded with `effort`."""
    if effort is Effort.ALONE and not pictures:
        return replace(pace, alone_fails=True)
    if not pictures:
        return pace
    return replace(pace, picture_at=at, cost_s=_smooth(pace.cost_s, took_s))


def _arrived(pace: Pace, keyframe: bool, at: float) -> Pace:
    if pace.arrived_at is not None:
        pace = replace(pace, interval_s=_smooth(pace.interval_s, at - pace.arrived_at))
    if keyframe:
        gap = None if pace.key_at is None else at - pace.key_at
        pace = replace(pace, key_at=at, key_every_s=gap)
    pace = replace(pace, arrived_at=at)
    loaded = pace.load > BEHIND_LOAD
    return replace(pace, loaded_since=(pace.loaded_since if pace.loaded_since is not None else at) if loaded else None)


def _behind(pace: Pace, at: float) -> bool:
    if pace.behind:
        return pace.load > RECOVERED_LOAD
    return pace.loaded_since is not None and at - pace.loaded_since >= BEHIND_S


def _sparing(economy: Economy, pace: Pace, quiet: bool) -> bool:
    """Whether key frames are enough now."""
    if pace.alone_fails:
        return False
    often = pace.key_every_s is not None and pace.key_every_s <= LONGEST_QUIET_GAP_S
    return pace.behind or (economy.quiet_keyframes and quiet and often)


def _smooth(mean: float | None, value: float) -> float:
    return value if mean is None else mean + _SMOOTH * (value - mean)
