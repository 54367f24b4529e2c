from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from contracts.devices.reading import Quality
from edge.devices.alarm import (
    NO,
    QUIET,
    YES,
    AlarmRule,
    AlarmState,
    Closed,
    Limit,
    Ring,
    Still,
    Told,
    Worse,
    decide,
    pass_time,
)
from edge.rules.schedule import DAYS, Schedule, Window

ALWAYS = Schedule("Asia/Ho_Chi_Minh", None)
NIGHT = Schedule("Asia/Ho_Chi_Minh", (Window(frozenset(DAYS), time(20), time(5)),))
EVENING = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # 19:30 in Việt Nam
SMOKE = AlarmRule("smoke", YES, ALWAYS)
HEAT = AlarmRule("temperature", Limit(57, 50), ALWAYS, hold=timedelta(seconds=20))
LOAD = AlarmRule("current_a", Limit(2.0, 1.5), NIGHT, hold=timedelta(minutes=5), calm=timedelta(minutes=2))


def told(rule: AlarmRule, *readings: tuple[float, float], start: datetime = EVENING) -> list[Told]:
    """What follows from readings, each of seconds since the start and a value."""
    state, said = QUIET, list[Told]()
    for seconds, value in readings:
        state, now = decide(rule, state, value, start + timedelta(seconds=seconds))
        said += now
    return said


def test_smoke_raises_at_once_and_says_why() -> None:
    assert told(SMOKE, (0, 0), (10, 1)) == [
        Ring(EVENING + timedelta(seconds=10), {"metric": "smoke", "value": 1, "bound": 1})
    ]


def test_an_alarm_clears_after_a_calm_and_not_at_the_first_good_value() -> None:
    assert told(SMOKE, (0, 1), (10, 0), (35, 1), (40, 0), (69, 0))[1:] == []
    assert told(SMOKE, (0, 1), (10, 0), (40, 0))[1:] == [Still("cleared")]


def test_a_value_must_be_wrong_for_a_while() -> None:
    assert told(HEAT, (0, 60), (19, 60), (20, 20), (21, 60), (40, 60)) == []
    (ring,) = told(HEAT, (0, 60), (20, 60))
    assert ring == Ring(EVENING, {"metric": "temperature", "value": 60, "bound": 57, "seconds": 20, "threshold_s": 20})


def test_a_value_that_trembles_at_its_limit_rings_once() -> None:
    trembling = [(second, 58.0 if second % 2 else 56.0) for second in range(30, 300)]
    assert len(told(HEAT, (0, 58), (20, 58), *trembling)) == 1


def test_worse_is_told_by_fifths_of_the_limit() -> None:
    said = told(HEAT, (0, 60), (20, 60), (21, 65), (22, 72), (23, 73), (24, 90))
    assert [type(one) for one in said] == [Ring, Worse, Worse]


def test_mains_lost_is_a_no_where_a_yes_should_be() -> None:
    said = told(AlarmRule("power.mains", NO, ALWAYS), (0, 1), (1, 0), (2, 1), (32, 1))
    assert [type(one) for one in said] == [Ring, Still]


def test_a_load_counts_after_hours_only_and_its_time_begins_with_them() -> None:
    half_past_seven_to_nine = [(60 * minute, 3.0) for minute in range(91)]
    (ring,) = told(LOAD, *half_past_seven_to_nine)
    assert isinstance(ring, Ring)
    assert ring.since == EVENING + timedelta(minutes=30)


def test_the_end_of_the_hours_ends_an_alarm() -> None:
    all_night = [(60 * minute, 3.0) for minute in range(0, 600, 5)]
    assert told(LOAD, *all_night)[-1] == Still("schedule")


@pytest.mark.parametrize("quality", [Quality.SUSPECT, Quality.OLD])
def test_what_cannot_be_trusted_neither_raises_nor_clears(quality: Quality) -> None:
    assert decide(SMOKE, QUIET, 1, EVENING, quality) == (QUIET, ())
    ringing = AlarmState(ringing=True, worst=1)
    assert decide(SMOKE, ringing, 0, EVENING + timedelta(hours=1), quality) == (ringing, ())


def test_a_wrong_clock_of_the_device_hides_no_smoke() -> None:
    _, said = decide(SMOKE, QUIET, 1, EVENING, Quality.CLOCK)
    assert len(said) == 1


@pytest.mark.parametrize("limits", [(50, 57, True), (2, 1, False)])
def test_limits_the_wrong_way_round_are_refused(limits: tuple[float, float, bool]) -> None:
    raises, clears, above = limits
    with pytest.raises(ValueError, match="good side"):
        Limit(raises, clears, above)


def test_what_was_measured_last_holds_on_while_a_sensor_is_silent() -> None:
    state, _ = decide(HEAT, QUIET, 60, EVENING)
    state, said = pass_time(HEAT, state, 60, EVENING + timedelta(seconds=21))
    assert [type(one) for one in said] == [Ring]
    state, _ = decide(HEAT, state, 20, EVENING + timedelta(seconds=30))
    _, said = pass_time(HEAT, state, 20, EVENING + timedelta(seconds=61))
    assert said == (Still("cleared"),)


def test_of_what_is_not_known_any_more_nothing_follows_but_the_end_of_the_hours() -> None:
    ringing = AlarmState(ringing=True, worst=3)
    night = EVENING + timedelta(hours=1)
    assert pass_time(LOAD, ringing, None, night) == (ringing, ())
    assert pass_time(LOAD, ringing, None, night + timedelta(hours=10)) == (QUIET, (Still("schedule"),))


def test_a_door_that_is_left_open_rings_when_the_place_closes() -> None:
    opening = Schedule("Asia/Ho_Chi_Minh", (Window(frozenset(DAYS), time(5), time(20)),))
    door = AlarmRule("contact_open", YES, Closed(opening))
    state, said = decide(door, QUIET, 1, EVENING)
    assert said == ()
    _, said = pass_time(door, state, 1, EVENING + timedelta(minutes=31))
    assert [type(one) for one in said] == [Ring]
