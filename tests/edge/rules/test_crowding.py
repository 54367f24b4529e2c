from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.rules.crowding import Crowding, CrowdingState, decide
from edge.rules.episode import Patience
from edge.rules.schedule import Schedule
from tests.edge.rules.frames import frames, last_why, replay

RULE = Crowding(
    Schedule("UTC", None),
    density=2.0,
    area=2.0,
    unit="m2",
    at_least=3,
    hysteresis=0.25,
    min_time=timedelta(seconds=2),
    patience=Patience(timedelta(seconds=2)),
)
"""Four are too dense; three still hold it open."""


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("abc abc abc abc", []),
        ("abcd abcd", []),
        ("abcd abcd abcd", ["2: open 4"]),
        ("abcd abcd abcd abcde", ["2: open 4", "3: update 5"]),
        ("abcd abcd abcd " + "abc " * 9, ["2: open 4"]),
        ("abcd abcd abcd " + "ab " * 7, ["2: open 4", "7: close cleared"]),
        ("abcd - - - - abcd abcd", []),  # dense twice, each time too shortly
    ],
)
def test_how_dense_and_what_follows(seen: str, said: list[str]) -> None:
    assert replay(decide, RULE, CrowdingState(), frames(seen)) == said


def test_few_people_are_no_crowd_however_small_the_zone() -> None:
    tiny = replace(RULE, area=0.1)
    assert replay(decide, tiny, CrowdingState(), frames("ab " * 6)) == []
    assert replay(decide, tiny, CrowdingState(), frames("abc " * 6)) == ["2: open 3"]


@pytest.mark.parametrize("unit", ["m2", "picture"])
def test_why_says_the_density_in_its_unit(unit: str) -> None:
    rule = replace(RULE, unit=unit)  # type: ignore[arg-type]
    assert last_why(decide, rule, CrowdingState(), frames("abcde " * 3)) == {
        "count": 5.0, f"density_{unit}": 2.5, f"threshold_{unit}": 2.0, "seconds_in_zone": 2.0, "threshold_s": 2.0,
    }  # fmt: skip
