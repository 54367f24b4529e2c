from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.notify.ladder import Planned, escalate, heard_at, plan
from ingest.notify.settings import WardSettings
from tests.support.samples import NOON

LADDER = WardSettings.model_validate(
    {
        "steps": [
            {"after_s": 0, "channels": ["truc", "nhom"]},
            {"after_s": 120, "channels": ["chi-huy"], "min_severity": "high"},
            {"after_s": 600, "channels": ["cong-an"], "min_severity": "critical"},
        ],
        "quiet": {"start": "22:00", "end": "05:30"},
    }
)
STEPS = {"truc": (0, 0), "nhom": (0, 0), "chi-huy": (1, 120), "cong-an": (2, 600)}


@pytest.mark.parametrize(
    ("severity", "channels"),
    [
        ("low", []),
        ("medium", ["truc", "nhom"]),
        ("high", ["truc", "nhom", "chi-huy"]),
        ("critical", ["truc", "nhom", "chi-huy", "cong-an"]),
    ],
)
def test_the_more_severe_the_more_are_told_one_after_the_other(severity: str, channels: list[str]) -> None:
    expected = [Planned(STEPS[name][0], name, NOON + timedelta(seconds=STEPS[name][1])) for name in channels]
    assert plan(LADDER, severity, NOON) == expected


def vietnam(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("severity", "at", "heard"),
    [
        ("high", "2026-02-10T21:59", "2026-02-10T21:59"),
        ("high", "2026-02-10T22:00", "2026-02-11T05:30"),
        ("high", "2026-02-11T03:00", "2026-02-11T05:30"),
        ("high", "2026-02-11T05:30", "2026-02-11T05:30"),
        ("critical", "2026-02-11T03:00", "2026-02-11T03:00"),
    ],
)
def test_at_night_only_what_is_critical_is_told(severity: str, at: str, heard: str) -> None:
    assert heard_at(LADDER, severity, vietnam(at)) == vietnam(heard)


def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all() -> None:
    midday = LADDER.model_copy(update={"quiet": None})
    assert heard_at(midday, "low", vietnam("2026-02-10T23:00")) == vietnam("2026-02-10T23:00")
    nap = WardSettings.model_validate({"steps": [{"channels": ["a"]}], "quiet": {"start": "12:00", "end": "13:00"}})
    assert heard_at(nap, "high", vietnam("2026-02-10T12:20")) == vietnam("2026-02-10T13:00")
    assert heard_at(nap, "high", vietnam("2026-02-10T22:20")) == vietnam("2026-02-10T22:20")


@pytest.mark.parametrize(
    ("told", "last"),
    [([], "chi-huy"), ([0], "chi-huy"), ([0, 1], "cong-an"), ([0, 1, 2], "cong-an")],
)
def test_an_officer_who_calls_for_help_reaches_the_next_ones_at_once_at_any_hour(told: list[int], last: str) -> None:
    night = vietnam("2026-02-11T03:00")
    planned = escalate(LADDER, told, night)
    assert planned[-1] == Planned(STEPS[last][0], last, night, forced=True)
    assert {one.due_at for one in planned} == {night}


def test_a_ladder_of_one_step_is_told_again_to_the_same() -> None:
    only = WardSettings.model_validate({"steps": [{"channels": ["truc"]}]})
    assert escalate(only, [0], NOON) == [Planned(0, "truc", NOON, forced=True)]
