"""When a rule watches: windows of local time on days of the week, over midnight where need be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to before `end`; if `end` is not after `start`, until `end` of the following day."""

    days: frozenset[Day]
    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        clock = local.time()
        today = DAYS[local.weekday()]
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = DAYS[(local - timedelta(days=1)).weekday()]
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows in one time zone; None means always. Raises ValueError for a time zone that does not exist."""

    time_zone: str
    windows: tuple[Window, ...] | None
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
        return any(window.holds(local) for window in self.windows)
