from __future__ import annotations

from datetime import date, timedelta

import pytest

from edge.rules.calendar import Calendar, Fixed, Holiday, Lunar, Once

OWN = Calendar(
    {
        "bridge": Holiday(Once(date(2026, 9, 1))),
        "village": Holiday(Lunar(2, 14), timedelta(days=3), day_off=False),
        "leap_day": Holiday(Fixed(2, 29)),
    }
)


def days_of(name: str, year: int, calendar: Calendar = OWN) -> list[str]:
    """Every day of a year that has the name, as 02-16."""
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and name in calendar.names(day)]


@pytest.mark.parametrize(
    ("name", "year", "days"),
    [
        ("new_year", 2026, ["01-01"]),
        ("tet", 2026, ["02-16", "02-17", "02-18", "02-19", "02-20"]),
        ("tet", 2030, ["02-01", "02-02", "02-03", "02-04", "02-05"]),
        ("hung_kings", 2026, ["04-26"]),
        ("national", 2026, ["09-02"]),
        ("mid_autumn", 2025, ["10-06"]),
        ("tet_market", 2026, [f"02-{day:02}" for day in range(7, 17)]),
        ("bridge", 2026, ["09-01"]),
        ("bridge", 2027, []),
        ("village", 2023, ["03-05", "03-06", "03-07"]),  # and not again in that year's second month 2
        ("leap_day", 2028, ["02-29"]),
        ("leap_day", 2027, []),
    ],
)
def test_when_a_holiday_is(name: str, year: int, days: list[str]) -> None:
    assert days_of(name, year) == days


def test_holiday_means_the_days_off_and_those_of_the_place() -> None:
    built_in = days_of("holiday", 2026, Calendar())
    assert built_in == [
        "01-01", "02-16", "02-17", "02-18", "02-19", "02-20", "04-26", "04-30", "05-01", "09-02",
    ]  # fmt: skip
    assert days_of("holiday", 2026) == sorted([*built_in, "09-01"])


def test_every_name_that_a_day_can_have_is_known() -> None:
    names = {name for number in range(366) for name in OWN.names(date(2028, 1, 1) + timedelta(days=number))}
    assert names <= OWN.known()
    assert {"tet", "holiday", "village"} <= names
