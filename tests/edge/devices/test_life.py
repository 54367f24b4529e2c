from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.devices.reading import Sign
from edge.devices.life import Habit, Life, Vital, behind, life, lives

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HABIT = Habit(timedelta(minutes=5))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("vital", "expected"),
    [
        (Vital(ago(1)), Life.UNKNOWN),
        (Vital(ago(16)), Life.STALE),
        (Vital(ago(99), heard_at=ago(14)), Life.ONLINE),
        (Vital(ago(99), heard_at=ago(16)), Life.STALE),
        (Vital(ago(99), heard_at=ago(16), will=Sign.ONLINE, will_at=ago(90)), Life.STALE),
        (Vital(ago(99), will=Sign.ONLINE, will_at=ago(2)), Life.ONLINE),
        (Vital(ago(99), will=Sign.SLEEPING, will_at=ago(2)), Life.ONLINE),
        (Vital(ago(99), heard_at=ago(3), will=Sign.OFFLINE, will_at=ago(2)), Life.OFFLINE),
        (Vital(ago(99), heard_at=ago(1), will=Sign.OFFLINE, will_at=ago(2)), Life.ONLINE),
        (Vital(ago(99), heard_at=ago(-60)), Life.ONLINE),
    ],
)
def test_a_device_without_a_gateway(vital: Vital, expected: Life) -> None:
    assert life(HABIT, vital, None, NOW) is expected


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        (Life.ONLINE, Life.STALE),
        (Life.UNKNOWN, Life.STALE),
        (Life.STALE, Life.UNKNOWN),
        (Life.OFFLINE, Life.UNKNOWN),
    ],
)
def test_behind_a_dead_gateway_nothing_is_known(gateway: Life, expected: Life) -> None:
    assert life(HABIT, Vital(ago(99), heard_at=ago(20)), gateway, NOW) is expected


def test_a_dead_gateway_is_one_fault_and_not_forty() -> None:
    habits = {"gw": HABIT, "lan": HABIT, **{f"khoi-{n}": Habit(timedelta(minutes=1), "gw") for n in range(40)}}
    vitals = {name: Vital(ago(99), heard_at=ago(30)) for name in habits}
    vitals["lan"] = Vital(ago(99), heard_at=ago(1))
    known = lives(habits, vitals, NOW)
    assert known["gw"] is Life.STALE
    assert known["lan"] is Life.ONLINE
    assert {known[f"khoi-{n}"] for n in range(40)} == {Life.UNKNOWN}


def test_gateways_that_name_each_other_do_not_run_in_circles() -> None:
    habits = {"a": Habit(HABIT.period, "b"), "b": Habit(HABIT.period, "a"), "c": Habit(HABIT.period, "c")}
    known = lives(habits, {name: Vital(ago(99), heard_at=ago(1)) for name in habits}, NOW)
    assert set(known.values()) == {Life.ONLINE}


def test_a_gateway_that_nobody_declared_hides_nothing() -> None:
    assert lives({"a": Habit(HABIT.period, "none")}, {"a": Vital(ago(99), heard_at=ago(99))}, NOW) == {"a": Life.STALE}


def test_a_device_that_falls_silent_before_its_gateway_is_not_missed() -> None:
    habits = {"gw": Habit(timedelta(minutes=10)), **{f"loa-{n}": Habit(timedelta(minutes=1), "gw") for n in range(40)}}
    vitals = {"gw": Vital(ago(99), heard_at=ago(0)), **{f"loa-{n}": Vital(ago(99), heard_at=ago(0)) for n in range(40)}}
    missed = [lives(habits, vitals, NOW + timedelta(minutes=minute)) for minute in range(60)]
    assert all(Life.STALE not in {known[f"loa-{n}"] for n in range(40)} for known in missed)
    assert missed[-1]["gw"] is Life.STALE


@pytest.mark.parametrize("gateway_heard", [3.5, 1])
def test_a_device_is_missed_once_its_gateway_has_spoken_since(gateway_heard: float) -> None:
    habits = {"gw": Habit(timedelta(minutes=10)), "loa": Habit(timedelta(minutes=1), "gw")}
    vitals = {"gw": Vital(ago(99), heard_at=ago(gateway_heard)), "loa": Vital(ago(99), heard_at=ago(6))}
    expected = Life.STALE if gateway_heard < 3 else Life.UNKNOWN
    assert lives(habits, vitals, NOW)["loa"] is expected


def test_a_will_behind_a_gateway_counts_once_the_gateway_has_spoken_since() -> None:
    habits = {"gw": Habit(timedelta(minutes=10)), "loa": Habit(timedelta(minutes=1), "gw")}
    gone = Vital(ago(99), heard_at=ago(2), will=Sign.OFFLINE, will_at=ago(1))
    assert lives(habits, {"gw": Vital(ago(99), heard_at=ago(2)), "loa": gone}, NOW)["loa"] is Life.UNKNOWN
    assert lives(habits, {"gw": Vital(ago(99), heard_at=ago(0.5)), "loa": gone}, NOW)["loa"] is Life.OFFLINE


def test_what_is_behind_a_gateway_is_found_over_others_too() -> None:
    habits = {"gw": HABIT, "sub": Habit(HABIT.period, "gw"), "a": Habit(HABIT.period, "sub"), "b": HABIT}
    assert behind("gw", habits) == {"sub", "a"}
    assert behind("b", habits) == frozenset()
