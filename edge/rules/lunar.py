"""The Vietnamese lunar calendar, from where the moon and the sun stand. Pure.

A month begins on the day of the new moon in Vietnam (UTC+7; China counts in UTC+8, so the two differ now and then: Tết
2007 and 2030 are a day apart). Month 11 holds the winter solstice. Where thirteen months lie between two of them, the
first one in which the sun enters no new twelfth of its path is the leap month. Positions after Meeus, Astronomical
Algorithms, chapters 25 and 49: within a minute, from 1970 to 2100.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import floor, radians, sin
from typing import Final

EPOCH: Final = 2451544.5
"""The Julian day on which 1 January 2000 began in Greenwich."""

FIRST_DAY: Final = date(2000, 1, 1)
AHEAD: Final = 7 / 24
"""Vietnam's clocks are ahead of Greenwich by this part of a day."""

DYNAMICAL: Final = 70 / 86_400
"""How far the even time of astronomy is ahead of clocks; 45 to 95 s in the years that matter."""

WINTER: Final = 9
"""The twelfth of the sun's path that begins with the winter solstice, counted from the spring equinox."""


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day as lunar calendars print it. `last` tells the last day of its month, the 29th or the 30th."""

    year: int
    month: int
    day: int
    leap: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Month:
    start: date
    end: date  # the first day that is no more of it
    year: int
    number: int
    leap: bool


def lunar_day(day: date) -> LunarDay:
    """The lunar date of a day."""
    for month in (*_months(day.year), *_months(day.year + 1)):
        if month.start <= day < month.end:
            number = (day - month.start).days + 1
            return LunarDay(month.year, month.number, number, month.leap, day + timedelta(days=1) == month.end)
    raise AssertionError(f"no lunar month holds {day}")


@lru_cache(maxsize=64)
def _months(year: int) -> tuple[Month, ...]:
    """From month 11 before the lunar `year` to before month 11 of it."""
    first, beyond = _solstice_month(year - 1), _solstice_month(year)
    leap = _leap_month(first, beyond)
    months = []
    number, of_year = 11, year - 1
    for moon in range(first, beyond):
        if moon not in (first, leap):
            number, of_year = (1, year) if number == 12 else (number + 1, of_year)
        months.append(Month(_new_moon_day(moon), _new_moon_day(moon + 1), of_year, number, moon == leap))
    return tuple(months)


def _leap_month(first: int, beyond: int) -> int | None:
    if beyond - first == 12:
        return None
    return next(
        moon for moon in range(first + 1, beyond) if _sector(_new_moon_day(moon)) == _sector(_new_moon_day(moon + 1))
    )


def _solstice_month(year: int) -> int:
    """The number of the new moon that begins the month of December's solstice."""
    solstice = next(
        day for day in (date(year, 12, 18) + timedelta(days=n) for n in range(8))
        if _sector(day + timedelta(days=1)) == WINTER
    )  # fmt: skip
    moon = floor((year - 2000 + 1) * 12.3685) + 1
    while _new_moon_day(moon) > solstice:
        moon -= 1
    return moon


@lru_cache(maxsize=1024)
def _new_moon_day(moon: int) -> date:
    """The Vietnamese day of a new moon; number 0 is that of 6 January 2000."""
    return FIRST_DAY + timedelta(days=floor(_new_moon(moon) - DYNAMICAL + AHEAD - EPOCH))


def _new_moon(moon: int) -> float:
    """The Julian day, in dynamical time, at which sun and moon stand in one direction."""
    t = moon / 1236.85
    e = 1 - 0.002516 * t
    sun = radians(2.5534 + 29.10535670 * moon - 0.0000014 * t**2)
    own = radians(201.5643 + 385.81693528 * moon + 0.0107582 * t**2)
    lat = radians(160.7108 + 390.67050284 * moon - 0.0016118 * t**2)
    node = radians(124.7746 - 1.56375588 * moon + 0.0020672 * t**2)
    mean = 2451550.09766 + 29.530588861 * moon + 0.00015437 * t**2
    return (
        mean
        - 0.40720 * sin(own) + 0.17241 * e * sin(sun) + 0.01608 * sin(2 * own) + 0.01039 * sin(2 * lat)
        + 0.00739 * e * sin(own - sun) - 0.00514 * e * sin(own + sun) + 0.00208 * e**2 * sin(2 * sun)
        - 0.00111 * sin(own - 2 * lat) - 0.00057 * sin(own + 2 * lat) + 0.00056 * e * sin(2 * own + sun)
        - 0.00042 * sin(3 * own) + 0.00042 * e * sin(sun + 2 * lat) + 0.00038 * e * sin(sun - 2 * lat)
        - 0.00024 * e * sin(2 * own - sun) - 0.00017 * sin(node)
        + 0.000325 * sin(radians(299.77 + 0.107408 * moon - 0.009173 * t**2))
    )  # fmt: skip


def _sector(day: date) -> int:
    """The twelfth of its path in which the sun stands when the day begins in Vietnam."""
    t = (EPOCH + (day - FIRST_DAY).days - AHEAD + DYNAMICAL - 2451545.0) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    anomaly = radians(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
        + (0.019993 - 0.000101 * t) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    apparent = mean + centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))
    return floor(apparent % 360 / 30)
