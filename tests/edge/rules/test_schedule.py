from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from edge.rules.schedule import DAYS, Schedule, Window

VIETNAM = "Asia/Ho_Chi_Minh"
NIGHT = Window(frozenset(DAYS), time(22), time(5))
FRIDAY_NIGHT = Window(frozenset({"fri"}), time(22), time(5))
OFFICE = Window(frozenset({"mon", "tue", "wed", "thu", "fri"}), time(7, 30), time(17))
ALL_SUNDAY = Window(frozenset({"sun"}), time(0), time(0))


def local(day: int, clock: str) -> datetime:
    """A moment of the week of Monday 2 February 2026, in Vietnam (UTC+7)."""
    hour, minute = clock.split(":")
    return datetime(2026, 2, day, int(hour), int(minute), tzinfo=timezone(timedelta(hours=7)))


@pytest.mark.parametrize(
    ("window", "at", "active"),
    [
        (NIGHT, local(2, "21:59"), False),
        (NIGHT, local(2, "22:00"), True),
        (NIGHT, local(2, "23:59"), True),
        (NIGHT, local(3, "00:00"), True),
        (NIGHT, local(3, "04:59"), True),
        (NIGHT, local(3, "05:00"), False),
        (FRIDAY_NIGHT, local(6, "04:00"), False),
        (FRIDAY_NIGHT, local(6, "23:00"), True),
        (FRIDAY_NIGHT, local(7, "04:00"), True),
        (FRIDAY_NIGHT, local(7, "22:30"), False),
        (OFFICE, local(2, "07:29"), False),
        (OFFICE, local(2, "07:30"), True),
        (OFFICE, local(6, "16:59"), True),
        (OFFICE, local(6, "17:00"), False),
        (OFFICE, local(7, "12:00"), False),
        (ALL_SUNDAY, local(7, "23:59"), False),
        (ALL_SUNDAY, local(8, "00:00"), True),
        (ALL_SUNDAY, local(8, "23:59"), True),
        (ALL_SUNDAY, local(9, "00:00"), False),
    ],
)
def test_a_window_holds_from_its_start_to_before_its_end(window: Window, at: datetime, active: bool) -> None:
    assert Schedule(VIETNAM, (window,)).active(at) is active


def test_any_of_several_windows_is_enough() -> None:
    schedule = Schedule(VIETNAM, (OFFICE, FRIDAY_NIGHT))
    assert [schedule.active(local(6, clock)) for clock in ("12:00", "19:00", "23:00")] == [True, False, True]


def test_hours_are_those_of_the_time_zone() -> None:
    evening_in_utc = datetime(2026, 2, 2, 16, 0, tzinfo=UTC)
    assert Schedule(VIETNAM, (NIGHT,)).active(evening_in_utc)
    assert not Schedule("UTC", (NIGHT,)).active(evening_in_utc)


def test_without_windows_a_rule_always_watches_and_with_none_of_them_never() -> None:
    assert Schedule(VIETNAM, None).active(local(2, "12:00"))
    assert not Schedule(VIETNAM, ()).active(local(2, "12:00"))


@pytest.mark.parametrize("name", ["Asia/Ha_Noi", "", "../../etc/passwd", "Asia"])
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        Schedule(name, None)


def spring(month: int, day: int, clock: str) -> datetime:
    """A moment of 2026, in Vietnam; Tết is on 17 February, a Tuesday."""
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=timezone(timedelta(hours=7)))


WORKING_DAYS = Window(frozenset(DAYS[:5]), time(7), time(17), not_on=frozenset({"holiday"}))
TET_NIGHTS = Window(frozenset({"tet"}), time(22), time(5))
SUNDAYS_AND_HOLIDAYS = Window(frozenset({"sun", "holiday"}), time(0), time(0))


@pytest.mark.parametrize(
    ("window", "at", "active"),
    [
        (WORKING_DAYS, spring(2, 13, "12:00"), True),
        (WORKING_DAYS, spring(2, 17, "12:00"), False),
        (WORKING_DAYS, spring(2, 23, "12:00"), True),
        (WORKING_DAYS, spring(5, 1, "12:00"), False),
        (TET_NIGHTS, spring(2, 15, "23:00"), False),
        (TET_NIGHTS, spring(2, 16, "04:00"), False),
        (TET_NIGHTS, spring(2, 16, "23:00"), True),  # the eve
        (TET_NIGHTS, spring(2, 21, "04:00"), True),  # the night that began on the last day
        (TET_NIGHTS, spring(2, 21, "23:00"), False),
        (SUNDAYS_AND_HOLIDAYS, spring(2, 18, "12:00"), True),
        (SUNDAYS_AND_HOLIDAYS, spring(2, 25, "12:00"), False),
        (SUNDAYS_AND_HOLIDAYS, spring(3, 1, "12:00"), True),
    ],
)
def test_a_window_may_name_holidays_and_leave_them_out(window: Window, at: datetime, active: bool) -> None:
    assert Schedule(VIETNAM, (window,)).active(at) is active


def test_holidays_begin_at_midnight_in_vietnam() -> None:
    schedule = Schedule(VIETNAM, (Window(frozenset({"tet"}), time(0), time(0)),))
    eve = datetime(2026, 2, 15, 17, 0, tzinfo=UTC)
    assert schedule.active(eve)
    assert not schedule.active(eve - timedelta(seconds=1))
