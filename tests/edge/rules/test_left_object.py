from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from edge.geometry import Box
from edge.rules.episode import Patience
from edge.rules.left_object import LeftObject, LeftObjectState, Things, decide
from edge.rules.schedule import DAYS, Schedule, Window
from tests.edge.rules.frames import at, last_why, replay, sighting, standing, track

RULE = LeftObject(Schedule("UTC", None), 5.0, 0.5, Patience(timedelta(seconds=2)))
BAG = standing((0.5, 0.5), 0.04, 0.04)
NEAR = standing((0.56, 0.5), 0.05, 0.15)
FAR = standing((0.8, 0.5), 0.05, 0.15)


def seen(text: str, settled: bool = True, label: str = "object") -> list[Things]:
    """A letter a second: `b` a bag alone, `n` with somebody near, `f` with somebody far, `p` a person, `-` nothing. The
    rule has been watching for 20 s before, unless it is not `settled`.
    """
    frames = [Things(at(-20), (), ())] if settled else []
    for second, letter in enumerate(text):
        things: dict[str, tuple[Box, ...]] = {"b": (BAG,), "n": (BAG,), "f": (BAG,)}
        people: dict[str, tuple[Box, ...]] = {"n": (NEAR,), "f": (FAR,), "p": (NEAR,)}
        frames.append(
            Things(
                at(second),
                tuple(sighting("t", box, label) for box in things.get(letter, ())),
                tuple(sighting("m", box) for box in people.get(letter, ())),
            )
        )
    return frames


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ("ppp---", []),
        ("bbbbb", []),
        ("bbbbbb", ["5: open 1"]),
        ("ffffff", ["5: open 1"]),
        ("nnnnnnnnnn", []),  # its owner stands beside it
        ("nnnbbbbbb", ["7: open 1"]),  # and leaves
        ("bbbnbbbbbb", ["8: open 1"]),
        ("bbbbbbnnnnnnnn", ["5: open 1"]),  # whoever looks at it now, it was left
        ("bb---bbbb", ["5: open 1"]),  # somebody hides it
        ("bbbbbb--------------", ["5: open 1", "18: close cleared"]),
    ],
)
def test_what_is_there_and_what_follows(frames: str, said: list[str]) -> None:
    assert replay(decide, RULE, LeftObjectState(), seen(frames)) == said


def test_what_was_there_when_the_box_started_is_not_left() -> None:
    assert replay(decide, RULE, LeftObjectState(), seen("b" * 40, settled=False, label="bag")) == []
    assert replay(decide, RULE, LeftObjectState(), seen("b" * 40, label="bag")) == ["5: open 1"]


def test_what_differs_from_how_the_scene_looked_is_new_however_early_it_is_found() -> None:
    assert replay(decide, RULE, LeftObjectState(), seen("b" * 10, settled=False)) == ["5: open 1"]


def test_what_was_there_before_the_hours_began_is_not_left() -> None:
    rule = replace(RULE, schedule=Schedule("UTC", (Window(frozenset(DAYS), time(5, 0, 10), time(6)),)))
    assert replay(decide, rule, LeftObjectState(), seen("b" * 30)) == []
    assert replay(decide, rule, LeftObjectState(), seen("-" * 12 + "b" * 10)) == ["17: open 1"]


def test_a_bag_that_is_carried_on_is_not_left() -> None:
    carried = [
        Things(at(second), (sighting("t", standing((0.1 + 0.05 * second, 0.5), 0.04, 0.04), "bag"),), ())
        for second in range(16)
    ]
    assert replay(decide, RULE, LeftObjectState(), [Things(at(-20), (), ()), *carried]) == []


def test_why_says_how_long_it_was_there_and_alone() -> None:
    assert last_why(decide, RULE, LeftObjectState(), seen("nnbbbbbb")) == {
        "track": str(track("t")), "label": "object", "seconds_there": 6.0, "seconds_alone": 5.0, "threshold_s": 5.0,
    }  # fmt: skip
