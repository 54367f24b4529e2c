"""Which days are holidays in Vietnam: by date, by the lunar year, and what a box's file adds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from edge.rules.lunar import LunarDay, lunar_day

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Once:
    """One date."""

    day: date

    def begins(self, day: date) -> bool:
        return day == self.day


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same date every year."""

    month: int
    day: int

    def begins(self, day: date) -> bool:
        return (day.month, day.day) == (self.month, self.day)


@dataclass(frozen=True, slots=True)
class Lunar:
    """The same lunar date every lunar year, and none in a leap month."""

    month: int
    day: int

    def begins(self, day: date) -> bool:
        lunar = _lunar(day)
        return not lunar.leap and (lunar.month, lunar.day) == (self.month, self.day)


@dataclass(frozen=True, slots=True)
class YearsEnd:
    """The eve of Tết: the last day of the lunar year, the 29th or the 30th of its last month."""

    def begins(self, day: date) -> bool:
        return _lunar(day).last and (_lunar(day + ONE_DAY).month, _lunar(day + ONE_DAY).leap) == (1, False)


@dataclass(frozen=True, slots=True)
class Holiday:
    """`length` of days from each day on which it begins. `day_off` days are meant by the word `holiday`."""

    start: Once | Fixed | Lunar | YearsEnd
    length: timedelta = ONE_DAY
    day_off: bool = True

    def holds(self, day: date) -> bool:
        return any(self.start.begins(day - timedelta(days=back)) for back in range(self.length.days))


BUILT_IN: Final[Mapping[str, Holiday]] = MappingProxyType(
    {
        "new_year": Holiday(Fixed(1, 1)),
        "tet": Holiday(YearsEnd(), timedelta(days=5)),  # the eve and the first four days, as most years' decree has it
        "hung_kings": Holiday(Lunar(3, 10)),
        "reunification": Holiday(Fixed(4, 30)),
        "labour": Holiday(Fixed(5, 1)),
        "national": Holiday(Fixed(9, 2)),
        "tet_market": Holiday(Lunar(12, 20), timedelta(days=10), day_off=False),  # to the 29th, when stalls pack up
        "mid_autumn": Holiday(Lunar(8, 15), day_off=False),
    }
)
"""Days off by the labour code, and days on which markets are full. The day beside 2 September changes from year to
year, as do the days that a decree moves for long weekends: those are for the box's file.
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The built-in holidays and those of the place."""

    own: Mapping[str, Holiday] = field(default_factory=lambda: MappingProxyType({}))

    def names(self, day: date) -> frozenset[str]:
        """Every holiday that the day is part of, and `holiday` if it is a day off."""
        return _built_in(day) | _among(self.own, day)

    def known(self) -> frozenset[str]:
        """Every name that a schedule may use beside the days of the week."""
        return frozenset((*BUILT_IN, *self.own, "holiday"))


def _among(holidays: Mapping[str, Holiday], day: date) -> frozenset[str]:
    found = {name: holiday for name, holiday in holidays.items() if holiday.holds(day)}
    off = any(holiday.day_off for holiday in found.values())
    return frozenset((*found, "holiday")) if off else frozenset(found)


@lru_cache(maxsize=16)
def _built_in(day: date) -> frozenset[str]:
    return _among(BUILT_IN, day)


@lru_cache(maxsize=1024)
def _lunar(day: date) -> LunarDay:
    return lunar_day(day)
