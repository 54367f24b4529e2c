"""When a rule watches, as written in the box's file: windows of hours, and the holidays of the place.

What the words mean is in `edge.rules.schedule` and `edge.rules.calendar`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from datetime import time, timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError

from contracts.settings import Settings
from edge.rules.calendar import BUILT_IN, Calendar, Fixed, Holiday, Lunar, Once
from edge.rules.schedule import DAYS, Schedule, Window


def _in_quotes(value: object) -> object:
    if isinstance(value, int | float):
        raise PydanticCustomError("unquoted", 'must be a time in quotes, as "22:00": without them YAML reads a number')
    return value


Clock = Annotated[
    time, BeforeValidator(_in_quotes), PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str)
]
DayName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]


class WindowSettings(Settings):
    """Hours of a day, `from` to `to` local time; over midnight when `to` is not after `from`."""

    days: tuple[DayName, ...] = Field(default=DAYS, description="mon to sun, `holiday`, or the name of a holiday")
    not_on: tuple[DayName, ...] = Field(default=(), description="days on which the window does not hold")
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")

    def names(self) -> frozenset[str]:
        """Every day that the window names."""
        return frozenset((*self.days, *self.not_on))


def hours(windows: Iterable[WindowSettings] | None, time_zone: str, calendar: Calendar) -> Schedule:
    """The windows as a schedule in a time zone; None is always."""
    if windows is None:
        return Schedule(time_zone, None)
    parts = tuple(Window(frozenset(part.days), part.start, part.end, frozenset(part.not_on)) for part in windows)
    return Schedule(time_zone, parts, calendar)


def days_named(windows: Iterable[WindowSettings] | None) -> frozenset[str]:
    """Every day that the windows name."""
    return frozenset[str]().union(*(part.names() for part in windows or ()))


class LunarDaySettings(Settings):
    """A day of the Vietnamese lunar year; leap months have no holidays."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=30)


class HolidaySettings(Settings):
    """A holiday of the place: on one date, each year on a date, or each year on a lunar date."""

    id: DayName
    date: datetime.date | None = Field(default=None, description="once, as 2026-09-01")
    every_year: str | None = Field(default=None, pattern=r"^\d\d-\d\d$", description="month and day, as 03-26")
    lunar: LunarDaySettings | None = None
    length_days: int = Field(default=1, ge=1, le=31)
    day_off: bool = Field(default=True, description="whether `holiday` means it too")

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if sum(given is not None for given in (self.date, self.every_year, self.lunar)) != 1:
            raise ValueError(f"holiday {self.id} needs one of date, every_year and lunar")
        if self.id in BUILT_IN or self.id in (*DAYS, "holiday"):
            raise ValueError(f"holiday {self.id} has the name of a day that is known already")
        self.holiday()
        return self

    def holiday(self) -> Holiday:
        """The same as the calendar has it. Raises ValueError for a date that no year has."""
        length = timedelta(days=self.length_days)
        if self.lunar:
            return Holiday(Lunar(self.lunar.month, self.lunar.day), length, self.day_off)
        if self.every_year:
            month, day = map(int, self.every_year.split("-"))
            datetime.date(2024, month, day)  # a leap year: 29 February is a date
            return Holiday(Fixed(month, day), length, self.day_off)
        assert self.date is not None
        return Holiday(Once(self.date), length, self.day_off)
