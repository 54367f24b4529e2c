from __future__ import annotations

from datetime import time, timedelta

import pytest

from edge.rules.command import Open
from edge.rules.episode import Patience
from edge.rules.occupancy import Occupancy, OccupancyState, decide
from edge.rules.presence import Observation
from edge.rules.schedule import DAYS, Schedule, Window
from tests.edge.rules.frames import frame, frames, short

ALWAYS = Schedule("UTC", None)
UNTIL_FIVE_PAST_FIVE = Schedule("UTC", (Window(frozenset(DAYS), time(0), time(5, 0, 5)),))
"""The tables' second 0 is 05:00 UTC."""


def replay(
    seen: list[Observation], schedule: Schedule = ALWAYS, *, threshold: int = 3, hysteresis: int = 1
) -> list[str]:
    """What the rule (too many for 2 s, calm for 3 s) asks for, frame by frame: `second: command`."""
    rule = Occupancy(schedule, threshold, hysteresis, timedelta(seconds=2), Patience(timedelta(seconds=3)))
    state = OccupancyState()
    said = []
    for observation in seen:
        state, commands = decide(rule, state, observation)
        second = (observation.at - seen[0].at).total_seconds()
        said += [f"{second:g}: {short(command)}" for command in commands]
    return said


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("- - - -", []),
        ("ab ab ab ab ab", []),
        ("abc abc ab ab ab ab", ["2: open 3"]),  # c is only out of sight until GAP has passed
        ("abc a a a a a a", ["2: open 3", "6: close cleared"]),
        ("abc abc abc abc", ["2: open 3"]),
        ("abc abc abc abcd abcde abc", ["2: open 3", "3: update 4", "4: update 5"]),
        ("abc abc abc - - - - - - - -", ["2: open 3", "8: close cleared"]),
        ("abc abc abc - - - - abc abc abc", ["2: open 3"]),
    ],
)
def test_what_is_seen_and_what_follows(seen: str, said: list[str]) -> None:
    assert replay(frames(seen)) == said


def test_too_many_for_too_short_a_time_is_nothing() -> None:
    seen = [frame(0, "abc"), frame(0.5, "ab"), *(frame(second, "a") for second in (2.6, 3, 4, 5, 6))]
    assert replay(seen) == []


def test_one_step_below_the_threshold_does_not_flap() -> None:
    wavering = "abc abc abc " + "ab ab ab ab abc abc " * 5
    assert replay(frames(wavering)) == ["2: open 3"]
    assert len(replay(frames(wavering), hysteresis=0)) == 1  # a calm shorter than clear_after is none either
    long_calm = "abc abc abc " + "ab ab ab ab ab ab ab abc abc abc " * 3
    assert replay(frames(long_calm)) == ["2: open 3"]
    assert len(replay(frames(long_calm), hysteresis=0)) == 7


def test_a_hysteresis_as_large_as_the_threshold_still_ends_with_an_empty_zone() -> None:
    assert replay(frames("a a a - - - - - - -"), threshold=1, hysteresis=5) == ["2: open 1", "8: close cleared"]


def test_open_crowding_ends_with_the_hours_of_the_rule() -> None:
    assert replay(frames("abc " * 8), UNTIL_FIVE_PAST_FIVE) == ["2: open 3", "5: close schedule"]


def test_why_says_the_numbers_that_decided() -> None:
    rule = Occupancy(ALWAYS, 2, 1, timedelta(seconds=2), Patience(timedelta(seconds=3)))
    state, _ = decide(rule, OccupancyState(), frame(0, "ab"))
    _, (command,) = decide(rule, state, frame(2, "ab"))
    assert isinstance(command, Open)
    assert command.why == {"count": 2.0, "threshold": 2.0, "seconds_in_zone": 2.0}


def test_a_clock_that_is_set_back_neither_holds_it_open_nor_keeps_it_from_opening() -> None:
    calm = [*frames("abc abc abc - - - -"), *(frame(second - 3600, "") for second in range(6))]
    assert replay(calm)[-1].endswith("close cleared")
    crowd = [frame(0, "abc"), *(frame(second - 3600, "abc") for second in range(4))]
    assert replay(crowd) == ["-3598: open 3"]
