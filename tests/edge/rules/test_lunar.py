from __future__ import annotations

from datetime import date, timedelta

import pytest

from edge.rules.lunar import lunar_day

TET = [
    date(1985, 1, 21),  # 20 February in China
    date(2007, 2, 17),  # 18 February in China
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 2),  # 3 February in China
]

OTHER_DAYS = [
    (date(2023, 3, 22), (2, 1, True)),  # 2023 has a second month 2
    (date(2025, 7, 25), (6, 1, True)),  # 2025 a second month 6
    (date(2024, 4, 18), (3, 10, False)),
    (date(2025, 4, 7), (3, 10, False)),
    (date(2026, 4, 26), (3, 10, False)),
    (date(2025, 10, 6), (8, 15, False)),
    (date(2026, 9, 25), (8, 15, False)),
    (date(2026, 2, 16), (12, 29, False)),  # a year without a 30th of its last month
    (date(2024, 2, 9), (12, 30, False)),
]


@pytest.mark.parametrize("day", TET, ids=str)
def test_tet_is_the_first_day_of_the_vietnamese_year(day: date) -> None:
    first, eve = lunar_day(day), lunar_day(day - timedelta(days=1))
    assert (first.year, first.month, first.day, first.leap) == (day.year, 1, 1, False)
    assert (eve.year, eve.month, eve.last) == (day.year - 1, 12, True)


@pytest.mark.parametrize(("day", "lunar"), OTHER_DAYS, ids=[str(day) for day, _ in OTHER_DAYS])
def test_days_of_printed_calendars(day: date, lunar: tuple[int, int, bool]) -> None:
    found = lunar_day(day)
    assert (found.month, found.day, found.leap) == lunar


def test_days_follow_one_another_without_a_gap_for_a_century() -> None:
    day, before = date(2000, 1, 2), lunar_day(date(2000, 1, 1))
    while day < date(2100, 1, 1):
        now = lunar_day(day)
        if before.last:
            assert now.day == 1
            assert before.day in (29, 30)
            assert now.month == before.month % 12 + 1 or (now.leap and now.month == before.month)
            assert now.year == before.year + (before.month == 12 and now.month == 1)
        else:
            assert (now.year, now.month, now.leap, now.day) == (before.year, before.month, before.leap, before.day + 1)
        day, before = day + timedelta(days=1), now
