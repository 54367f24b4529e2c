"""Whether a configuration on trial may stay: the box must be no worse than it was before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SETTLED_S: Final = 5.0
"""Where everything works that worked before, a trial is over after this long, or after a quarter of its time."""


class Verdict(StrEnum):
    GOES_ON = "goes_on"
    GOOD = "good"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Before:
    """How the box was: whether it had its link and the change may cost it that, and which of the changed cameras
    brought pictures.
    """

    linked: bool
    worked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Now:
    """How it is, so many seconds later: `works` says of each camera whether it brings pictures."""

    seconds: float
    linked: bool
    works: Mapping[str, bool]


def judge(before: Before, now: Now, trial_s: float) -> tuple[Verdict, str]:
    """What becomes of the configuration, and why when it goes."""
    lost = sorted(camera for camera in before.worked if not now.works.get(camera, False))
    unlinked = before.linked and not now.linked
    if not lost and not unlinked:
        return (Verdict.GOOD if now.seconds >= min(SETTLED_S, trial_s / 4) else Verdict.GOES_ON), ""
    if now.seconds < trial_s:
        return Verdict.GOES_ON, ""
    if unlinked:
        return Verdict.WORSE, f"the box did not reach the broker any more for {trial_s:.0f} s"
    if len(lost) == len(before.worked):
        return Verdict.WORSE, f"no picture came any more of {', '.join(lost)} for {trial_s:.0f} s"
    return Verdict.GOOD, ""
