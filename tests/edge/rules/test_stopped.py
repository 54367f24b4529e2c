from __future__ import annotations

import random
from datetime import timedelta

import pytest

from edge.geometry import Box
from edge.rules.episode import Patience
from edge.rules.presence import Observation
from edge.rules.schedule import Schedule
from edge.rules.stopped import Stopped, StoppedState, decide
from tests.edge.rules.frames import at, last_why, replay, sighting, standing, track

RULE = Stopped(Schedule("UTC", None), 5.0, 0.25, Patience(timedelta(seconds=2)))
CAR = standing((0.5, 0.5), 0.2, 0.12)
ASIDE = standing((0.54, 0.51), 0.2, 0.12)
"""Within the radius of CAR, which is 0.05 to the side."""
FURTHER = standing((0.6, 0.5), 0.2, 0.12)
BESIDE = standing((0.75, 0.5), 0.2, 0.12)


def seen(*frames: dict[str, Box]) -> list[Observation]:
    """A frame a second: which vehicles, and where."""
    return [
        Observation(at(second), tuple(sighting(name, box, "car") for name, box in shown.items()))
        for second, shown in enumerate(frames)
    ]


HERE: dict[str, Box] = {"a": CAR}
NOTHING: dict[str, Box] = {}


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([HERE] * 5, []),
        ([HERE] * 6, ["5: open 1"]),
        ([HERE, {"a": ASIDE}] * 3, ["5: open 1"]),
        ([{"a": standing((0.1 + 0.1 * second, 0.5), 0.2, 0.12)} for second in range(9)], []),
        ([HERE, HERE, {"a": FURTHER}, *[HERE] * 3], ["5: open 1"]),  # one box that was off
        ([HERE, HERE, *[{"a": FURTHER}] * 4], []),  # it drove on a little
        ([*[HERE] * 3, *[{"b": CAR}] * 3], ["5: open 1"]),  # the tracker took it for another
        ([*[HERE] * 3, *[{"b": BESIDE}] * 3], []),  # another
        ([HERE, *[NOTHING] * 4, {"b": ASIDE}], ["5: open 1"]),  # a bus passed in front of it
        ([HERE, *[NOTHING] * 11, HERE], []),  # it was gone
        ([{"a": CAR, "b": BESIDE}] * 6, ["5: open 2"]),
        ([*[HERE] * 6, *[NOTHING] * 14], ["5: open 1", "18: close cleared"]),
        ([*[HERE] * 6, *[{"a": FURTHER}] * 5], ["5: open 1", "9: close cleared"]),
        # A newcomer drives up to where the first stood a moment ago: the first kept its id and its stay.
        ([*[HERE] * 3, *[{"b": CAR, "a": ASIDE}] * 3], ["5: open 1"]),
    ],
)
def test_what_stands_and_what_follows(frames: list[dict[str, Box]], said: list[str]) -> None:
    assert replay(decide, RULE, StoppedState(), seen(*frames)) == said


def test_a_trembling_box_stands_all_the_same() -> None:
    dice = random.Random(3)
    frames = [
        {"a": standing((0.5 + dice.uniform(-0.02, 0.02), 0.5 + dice.uniform(-0.01, 0.01)), 0.2, 0.12)}
        for _ in range(20)
    ]
    assert replay(decide, RULE, StoppedState(), seen(*frames)) == ["5: open 1"]


def test_why_says_what_stands_and_for_how_long() -> None:
    assert last_why(decide, RULE, StoppedState(), seen(*[HERE] * 6)) == {
        "track": str(track("a")), "label": "car", "seconds_stopped": 5.0, "threshold_s": 5.0, "radius": 0.25,
    }  # fmt: skip


def test_a_clock_that_is_set_back_does_not_hold_it_open() -> None:
    frames = [*seen(*[HERE] * 6), *(Observation(at(second - 3600), ()) for second in range(5))]
    assert replay(decide, RULE, StoppedState(), frames)[-1].endswith("close cleared")
