from __future__ import annotations

import random
from datetime import timedelta

import pytest

from edge.geometry import Point
from edge.rules.episode import Patience
from edge.rules.schedule import Schedule
from edge.rules.wrong_way import WrongWay, WrongWayState, decide
from tests.edge.rules.frames import last_why, path, replay, track

TO_THE_RIGHT = WrongWay(
    Schedule("UTC", None),
    direction=(1.0, 0.0),
    min_distance=0.1,
    min_seconds=1.0,
    min_cosine=0.5,
    patience=Patience(timedelta(seconds=2)),
)


def way(*feet: Point | None) -> list[str]:
    return replay(decide, TO_THE_RIGHT, WrongWayState(), path(feet))


def columns(*xs: float) -> list[Point | None]:
    return [(x, 0.5) for x in xs]


@pytest.mark.parametrize(
    ("feet", "said"),
    [
        (columns(0.1, 0.2, 0.3, 0.4, 0.5), []),
        (columns(0.5, 0.46, 0.42, 0.39), ["1.5: open 1"]),
        (columns(0.5, 0.46, 0.43, 0.41, 0.41), []),  # not far enough
        (columns(0.9, 0.5), []),  # too quick to be one track: a mistake of the tracker
        (columns(0.2, 0.3, 0.4, 0.36, 0.32, 0.28), ["2.5: open 1"]),  # turns round
        (columns(0.5, 0.46, 0.47, 0.43, 0.44, 0.39), ["2.5: open 1"]),  # trembles on its way
        ([(0.5, 0.1), (0.46, 0.2), (0.43, 0.3), (0.39, 0.4)], []),  # walks across, a little back
        ([(0.5, 0.5), (0.46, 0.5), None, None, (0.39, 0.5)], ["2: open 1"]),
        ([(0.5, 0.5), (0.46, 0.5), *[None] * 5, (0.39, 0.5)], []),
        ([*columns(0.5, 0.46, 0.42, 0.39), *[None] * 12], ["1.5: open 1", "6: close cleared"]),
    ],
)
def test_where_it_goes_and_what_follows(feet: list[Point | None], said: list[str]) -> None:
    assert way(*feet) == said


def test_who_stands_and_trembles_never_goes_the_wrong_way() -> None:
    dice = random.Random(7)
    feet = [(0.5 + dice.uniform(-0.03, 0.03), 0.5 + dice.uniform(-0.03, 0.03)) for _ in range(2000)]
    assert way(*feet) == []


def test_why_says_how_far_and_for_how_long() -> None:
    seen = path(columns(0.5, 0.46, 0.42, 0.38), label="motorcycle")
    assert last_why(decide, TO_THE_RIGHT, WrongWayState(), seen) == {
        "track": str(track("a")), "label": "motorcycle", "distance": 0.12, "threshold_distance": 0.1,
        "seconds_against": 1.5, "threshold_s": 1.0,
    }  # fmt: skip
