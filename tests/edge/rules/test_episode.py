from __future__ import annotations

from datetime import timedelta

import pytest

from edge.rules.episode import QUIET, Episode, Finding, Patience
from tests.edge.rules.frames import at, short

CALM_3_REST_10 = Patience(timedelta(seconds=3), timedelta(seconds=10))


def replay(counts: str, patience: Patience = CALM_3_REST_10, seconds: list[float] | None = None) -> list[str]:
    """A digit a second says how many are found; `.` is nothing."""
    episode, said = QUIET, []
    for index, word in enumerate(counts):
        second = seconds[index] if seconds else index
        finding = None if word == "." else Finding(int(word), (), {})
        episode, commands = episode.after(patience, at(second), opens=finding, holds=finding)
        said += [f"{second:g}: {short(command)}" for command in commands]
    return said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("...", []),
        ("111", ["0: open 1"]),
        ("121", ["0: open 1", "1: update 2"]),
        ("1..1", ["0: open 1"]),
        ("1....", ["0: open 1", "4: close cleared"]),
        ("1....1.....", ["0: open 1", "4: close cleared"]),  # it rests
        ("1....2", ["0: open 1", "4: close cleared", "5: open 2"]),  # but it grew worse
        ("13....3", ["0: open 1", "1: update 3", "5: close cleared"]),
        ("1............1.1", ["0: open 1", "4: close cleared", "15: open 1"]),
        ("1.............1", ["0: open 1", "4: close cleared", "14: open 1"]),
    ],
)
def test_it_opens_grows_closes_after_a_calm_and_rests(found: str, said: list[str]) -> None:
    assert replay(found) == said


def test_a_clock_that_is_set_back_ends_the_rest() -> None:
    assert replay("1....1", seconds=[0, 1, 2, 3, 4, -3600])[-1] == "-3600: open 1"


def test_the_end_of_the_hours_ends_it_at_once_and_without_a_rest() -> None:
    finding = Finding(1, (), {})
    episode, _ = QUIET.after(CALM_3_REST_10, at(0), opens=finding, holds=finding)
    episode, commands = episode.ended("schedule")
    assert [short(command) for command in commands] == ["close schedule"]
    assert episode == Episode()
    assert episode.ended("schedule") == (Episode(), ())


def test_what_holds_need_not_be_enough_to_open() -> None:
    episode, commands = QUIET.after(CALM_3_REST_10, at(0), opens=None, holds=Finding(1, (), {}))
    assert (episode, commands) == (QUIET, ())
