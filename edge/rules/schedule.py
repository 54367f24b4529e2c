"""When a rule watches: windows of local time on days of the week and holidays, over midnight where need be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from edge.rules.calendar import Calendar

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to before `end`; if `end` is not after `start`, until `end` of the following day. A day has several
    names: `fri`, and on Tết also `tet` and `holiday`. One of `days` must be among them, and none of `not_on`.
    """

    days: frozenset[str]
    start: time
    end: time
    not_on: frozenset[str] = frozenset()

    def begins_on(self, names: frozenset[str]) -> bool:
        """Whether the window opens on a day of these names."""
        return bool(names & self.days) and not names & self.not_on


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows in one time zone; None means always. Raises ValueError for a time zone that does not exist."""

    time_zone: str
    windows: tuple[Window, ...] | None
    calendar: Calendar = field(default_factory=Calendar)
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "_zone", ZoneInfo(self.time_zone))
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.time_zone!r}") from None

    def active(self, at: datetime) -> bool:
        """Whether the rule watches at this moment."""
        if self.windows is None:
            return True
        local = at.astimezone(self._zone)
        return any(self._holds(window, local) for window in self.windows)

    def _holds(self, window: Window, local: datetime) -> bool:
        clock, today = local.time(), local.date()
        if window.start < window.end:
            return window.start <= clock < window.end and window.begins_on(self._names(today))
        if clock >= window.start and window.begins_on(self._names(today)):
            return True
        return clock < window.end and window.begins_on(self._names(today - timedelta(days=1)))

    def _names(self, day: date) -> frozenset[str]:
        return self.calendar.names(day) | {DAYS[day.weekday()]}
