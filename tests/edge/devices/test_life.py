from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.devices.reading import Sign
from edge.devices.life import Habit, Life, Vital, life, lives

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
