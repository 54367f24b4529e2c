from __future__ import annotations

from datetime import time, timedelta

import pytest

from edge.rules.command import Open
from edge.rules.episode import Patience
from edge.rules.intrusion import Intrusion, IntrusionState, decide
from edge.rules.presence import Observation
from edge.rules.schedule import DAYS, Schedule, Window
from tests.edge.rules.frames import frame, frames, short, track

ALWAYS = Schedule("UTC", None)
UNTIL_FIVE_PAST_FIVE = Schedule("UTC", (Window(frozenset(DAYS), time(0), time(5, 0, 5)),))
"""The tables' second 0 is 05:00 UTC."""


def replay(seen: list[Observation], schedule: Schedule = ALWAYS) -> list[str]:
    """What the rule (2 s in the zone, over after 3 s) asks for, frame by frame: `second: command`."""
    rule = Intrusion(schedule, min_seconds=2.0, patience=Patience(timedelta(seconds=3)))
    state = IntrusionState()
    said = []
    for observation in seen:
        state, commands = decide(rule, state, observation)
        second = (observation.at - seen[0].at).total_seconds()
        said += [f"{second:g}: {short(command)}" for command in commands]
    return said


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("- - - - - -", []),
        ("a a - - - - - -", []),
        ("a b c d e f", []),
        ("a a a", ["2: open 1"]),
        ("a a a a a a a a", ["2: open 1"]),
        ("a a ab ab a a", ["2: open 2"]),
        ("a a a ab abc ab a", ["2: open 1", "3: update 2", "4: update 3"]),
        ("a - a a", ["2: open 1"]),
        ("a a - - - a a a", ["7: open 1"]),
        ("a a a - - - - - - -", ["2: open 1", "8: close cleared"]),
        ("a a a - - - - a a a a", ["2: open 1"]),
        ("a a a b b b b b b b", ["2: open 1", "3: update 2"]),
        ("a a a - - - - - - - b b b b", ["2: open 1", "8: close cleared", "12: open 1"]),
    ],
)
def test_what_is_seen_and_what_follows(seen: str, said: list[str]) -> None:
    assert replay(frames(seen)) == said


def test_the_deciding_frame_shows_somebody() -> None:
    assert replay([frame(0, "a"), frame(1.9, "a"), frame(2.1, ""), frame(2.3, "a")]) == ["2.3: open 1"]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("a a a a a a a a", ["2: open 1", "5: close schedule"]),
        ("- - - - a a a a a", []),
        ("a a - - - - - -", []),
    ],
)
def test_an_open_intrusion_ends_with_the_hours_of_the_rule(seen: str, said: list[str]) -> None:
    assert replay(frames(seen), UNTIL_FIVE_PAST_FIVE) == said


def test_time_spent_before_the_hours_begin_does_not_count() -> None:
    from_two_past_five = Schedule("UTC", (Window(frozenset(DAYS), time(5, 0, 2), time(6)),))
    assert replay(frames("a a a a a a"), from_two_past_five) == ["4: open 1"]


def test_why_says_the_numbers_that_decided() -> None:
    rule = Intrusion(UNTIL_FIVE_PAST_FIVE, 2.0, Patience(timedelta(seconds=3)))
    state, _ = decide(rule, IntrusionState(), frame(0, "a"))
    _, (command,) = decide(rule, state, frame(2, "a"))
    assert isinstance(command, Open)
    assert command.why == {
        "track": str(track("a")),
        "seconds_in_zone": 2.0,
        "threshold_s": 2.0,
        "schedule": "closed_hours",
    }
    assert command.sightings == frame(2, "a").inside


def test_a_clock_that_is_set_back_does_not_hold_an_intrusion_open() -> None:
    seen = [*frames("a a a - - - -"), *(frame(second - 3600, "") for second in range(6))]
    assert replay(seen)[-1].endswith("close cleared")
