"""Alarms of single sensors: smoke, heat, gas, a load after hours, mains lost, a door opened, water, bad air. Pure.

One machine for all: a value beyond a limit for a while raises, a value back behind a second limit for a while clears.
The gap between the limits keeps a value that trembles at the first one from ringing all night. A sensor alone raises;
what a camera saw of it comes later, as a picture of the same event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from contracts.devices.reading import Quality
from edge.rules.command import Why
from edge.rules.presence import begun
from edge.rules.schedule import Schedule

UNTRUSTED: Final = frozenset({Quality.SUSPECT, Quality.OLD})
"""Readings that neither raise nor clear: nobody knows what, or when, they measured."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond `raises` is wrong, behind `clears` is well again. `above`: which side is wrong.

    Raises ValueError where the limits lie the wrong way round.
    """

    raises: float
    clears: float
    above: bool = True

    def __post_init__(self) -> None:
        if (self.clears > self.raises) if self.above else (self.clears < self.raises):
            raise ValueError("what clears an alarm must lie on the good side of what raises it")

    def wrong(self, value: float) -> bool:
        return value >= self.raises if self.above else value <= self.raises

    def well(self, value: float) -> bool:
        return value < self.clears if self.above else value > self.clears


YES: Final = Limit(1, 1)
"""A sensor that says yes, such as smoke."""

NO: Final = Limit(0, 0, above=False)
"""A sensor that should say yes and says no, such as mains power."""


class Hours(Protocol):
    """When a rule watches."""

    def active(self, at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class Closed:
    """All hours but those in which a place is open."""

    opening: Schedule

    def active(self, at: datetime) -> bool:
        return not self.opening.active(at)


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """It raises after `hold` of wrong values within its hours, and clears after `calm` of good ones."""

    metric: str
    limit: Limit
    schedule: Hours
    hold: timedelta = timedelta(0)
    calm: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class AlarmState:
    """`wrong_since` while quiet, `calm_since` while `ringing`; `worst` is the value furthest beyond the limit."""

    ringing: bool = False
    wrong_since: datetime | None = None
    calm_since: datetime | None = None
    worst: float = 0.0


QUIET: Final = AlarmState()


@dataclass(frozen=True, slots=True)
class Ring:
    """An alarm begins; what it tells of began at `since`."""

    since: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Worse:
    """It goes on, and the value went a good deal further: by a fifth of the limit."""

    why: Why


@dataclass(frozen=True, slots=True)
class Still:
    """It is over. `reason` is `cleared`, or `schedule` when the rule's hours ended."""

    reason: str


Told = Ring | Worse | Still

WORSE: Final = 0.2


def decide(
    rule: AlarmRule, state: AlarmState, value: float, at: datetime, quality: Quality = Quality.GOOD
) -> tuple[AlarmState, tuple[Told, ...]]:
    """The state after a reading of the rule's metric, and what follows from it."""
    if not rule.schedule.active(at):
        return QUIET, (Still("schedule"),) if state.ringing else ()
    if quality in UNTRUSTED:
        return state, ()
    return _ringing(rule, state, value, at) if state.ringing else _quiet(rule, state, value, at)


def pass_time(
    rule: AlarmRule, state: AlarmState, value: float | None, at: datetime
) -> tuple[AlarmState, tuple[Told, ...]]:
    """The state at a moment at which nothing was heard: what was measured last holds on, as sensors speak only when
    something changes. None where that is not known, or no longer true.
    """
    if value is not None:
        return decide(rule, state, value, at)
    if state.ringing and not rule.schedule.active(at):
        return QUIET, (Still("schedule"),)
    return state, ()


def _quiet(rule: AlarmRule, state: AlarmState, value: float, at: datetime) -> tuple[AlarmState, tuple[Told, ...]]:
    if not rule.limit.wrong(value):
        return QUIET, ()
    since = begun(state.wrong_since, at)
    if at - since < rule.hold:
        return AlarmState(wrong_since=since), ()
    why = _why(rule, value, (at - since).total_seconds())
    return AlarmState(ringing=True, worst=value), (Ring(since, why),)


def _ringing(rule: AlarmRule, state: AlarmState, value: float, at: datetime) -> tuple[AlarmState, tuple[Told, ...]]:
    if rule.limit.well(value):
        since = begun(state.calm_since, at)
        if at - since >= rule.calm:
            return QUIET, (Still("cleared"),)
        return replace(state, calm_since=since), ()
    state = replace(state, calm_since=None)
    further = value - state.worst if rule.limit.above else state.worst - value
    if further <= abs(rule.limit.raises) * WORSE:
        return state, ()
    return replace(state, worst=value), (Worse(_why(rule, value)),)


def _why(rule: AlarmRule, value: float, seconds: float | None = None) -> Why:
    why: dict[str, float | str] = {"metric": rule.metric, "value": round(value, 3), "bound": rule.limit.raises}
    if rule.hold and seconds is not None:
        why |= {"seconds": round(seconds, 1), "threshold_s": rule.hold.total_seconds()}
    return why
