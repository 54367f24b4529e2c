from __future__ import annotations

from datetime import time, timedelta

import pytest

from edge.rules.crossing import Crossing, Direction
from edge.rules.episode import Patience
from edge.rules.line_crossing import Crossed, LineCrossing, LineCrossingState, decide
from edge.rules.schedule import DAYS, Schedule, Window
from tests.edge.rules.frames import at, last_why, replay, sighting, track

ALWAYS = Schedule("UTC", None)
MORNING = Schedule("UTC", (Window(frozenset(DAYS), time(0), time(5, 0, 3)),))
"""The tables' second 0 is 05:00 UTC."""


def rule(direction: str = "both", threshold: int = 1, schedule: Schedule = ALWAYS) -> LineCrossing:
    patience = Patience(timedelta(seconds=4))
    return LineCrossing(schedule, direction, frozenset({"person"}), threshold, timedelta(seconds=10), patience)  # type: ignore[arg-type]


def seen(text: str, label: str = "person") -> list[Crossed]:
    """A word a second: `i` and `o` for those who cross, `-` for nobody."""
    return [
        Crossed(
            at(second),
            tuple(
                Crossing(Direction.IN if letter == "i" else Direction.OUT, sighting("a", label=label))
                for letter in word.strip("-")
            ),
        )
        for second, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("rule", "crossings", "said"),
    [
        (rule(), "- i - - - - -", ["1: open 1", "6: close cleared"]),
        (rule("in"), "o o - i - -", ["3: open 1"]),
        (rule("out"), "i i o", ["2: open 1"]),
        (rule(), "i - o - -", ["0: open 1", "2: update 2"]),
        (rule(threshold=3), "i - o - i", ["4: open 3"]),
        (rule(threshold=3), "io - i", ["2: open 3"]),
        (rule(threshold=3), "i - o - - - - - - - - i", []),  # the first has left the window
        (rule(schedule=MORNING), "i - - - i", ["0: open 1", "3: close schedule"]),
    ],
)
def test_who_crosses_and_what_follows(rule: LineCrossing, crossings: str, said: list[str]) -> None:
    assert replay(decide, rule, LineCrossingState(), seen(crossings)) == said


def test_only_the_labels_of_the_rule_count() -> None:
    assert replay(decide, rule(), LineCrossingState(), seen("i i i", "dog")) == []


def test_why_says_who_in_which_direction_and_how_many() -> None:
    assert last_why(decide, rule(threshold=2), LineCrossingState(), seen("i o")) == {
        "track": str(track("a")), "label": "person", "direction": "out",
        "crossings": 2.0, "threshold_crossings": 2.0, "window_s": 10.0,
    }  # fmt: skip
