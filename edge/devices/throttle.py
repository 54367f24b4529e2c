"""Which readings become samples: some devices speak every second, and the centre asks for the course of things. Pure.

A first value goes at once, a yes or no when it changes, a number when it moved beyond a deadband, and each at least
every so often. What came too soon waits, and the last of it goes when its time has come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts.devices.metric import METRICS, YES_OR_NO

SHARE: Final = 0.05
"""Of the last value: a smaller change is no news."""

LEAST: Final = {
    "temperature": 0.5,
    "humidity": 2.0,
    "power_w": 5.0,
    "voltage_v": 2.0,
    "current_a": 0.05,
    "battery_pct": 2.0,
    "ups_pct": 2.0,
    "water_cm": 1.0,
    "co_ppm": 2.0,
    "pm25": 5.0,
    "gas_lel": 1.0,
}
"""A smaller change than this is no news either."""

PAUSE: Final = timedelta(seconds=1)
MOVED_PAUSE: Final = timedelta(seconds=10)
"""Between two samples of one quantity at the least: of a yes or no, and of a number that moves."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and when it was measured."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Course:
    """What the centre has of one quantity of one device: the value, and when it was sent. `held` waits."""

    sent: Measured
    sent_at: datetime
    held: Measured | None = None


def take(course: Course | None, metric: str, news: Measured, now: datetime, every: timedelta) -> tuple[Course, bool]:
    """After a reading: whether it is to be sent now."""
    if course is None:
        return Course(news, now), True
    if news.at < course.sent.at:
        return course, False
    if now - course.sent_at >= _pause(course, metric, news.value, every):
        return Course(news, now), True
    return replace(course, held=news), False


def due(course: Course, metric: str, now: datetime, every: timedelta) -> tuple[Course, Measured | None]:
    """What waits and is to be sent by now."""
    held = course.held
    if held is None or now - course.sent_at < _pause(course, metric, held.value, every):
        return course, None
    return Course(held, now), held


def _pause(course: Course, metric: str, value: float, every: timedelta) -> timedelta:
    """How long after the last sample this value goes. A clock that was set back holds nothing up for ever."""
    if METRICS[metric].unit == YES_OR_NO:
        return PAUSE if value != course.sent.value else every
    moved = abs(value - course.sent.value) > max(LEAST.get(metric, 0.0), SHARE * abs(course.sent.value))
    return min(MOVED_PAUSE, every) if moved else every
