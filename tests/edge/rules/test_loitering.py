from __future__ import annotations

from datetime import time, timedelta

import pytest

from edge.rules.episode import Patience
from edge.rules.loitering import Loitering, LoiteringState, decide
from edge.rules.schedule import DAYS, Schedule, Window
from tests.edge.rules.frames import frame, frames, last_why, replay, track

PATIENCE = Patience(timedelta(seconds=2), timedelta(seconds=10))
RULE = Loitering(Schedule("UTC", None), 4.0, PATIENCE)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("a a a a", []),
        ("a a a a a", ["4: open 1"]),
        ("a b a b a", ["4: open 1"]),  # b came later
        ("a b c d e f g h", []),  # many pass, nobody stays
        ("ab ab ab ab ab", ["4: open 2"]),
        ("a ab ab ab ab ab", ["4: open 1", "5: update 2"]),
        ("a a - - - a a a a", []),  # gone for too long: anew
        ("a a a a - -", []),  # hidden when the time is up: there is no picture of it
        ("a a a a - a", ["5: open 1"]),
        ("a a a a a - - - - - -", ["4: open 1", "9: close cleared"]),
        ("a a a a a - - - - - b b b b b b", ["4: open 1", "9: close cleared"]),  # rests
        ("a a a a a - - - - - bc bc bc bc bc bc", ["4: open 1", "9: close cleared", "14: open 2"]),
    ],
)
def test_who_stays_and_what_follows(seen: str, said: list[str]) -> None:
    assert replay(decide, RULE, LoiteringState(), frames(seen)) == said


def test_why_names_the_track_that_stayed_longest_and_for_how_long() -> None:
    assert last_why(decide, RULE, LoiteringState(), frames("a ab ab ab ab ab")) == {
        "track": str(track("a")), "seconds_in_zone": 5.0, "threshold_s": 4.0,
    }  # fmt: skip


def test_time_before_the_hours_begin_does_not_count() -> None:
    schedule = Schedule("UTC", (Window(frozenset(DAYS), time(5, 0, 3), time(6)),))
    seen = frames("a " * 8)
    assert replay(decide, Loitering(schedule, 4.0, PATIENCE), LoiteringState(), seen) == ["7: open 1"]


def test_a_clock_that_is_set_back_does_not_hold_it_open() -> None:
    seen = [*frames("a a a a a"), *(frame(second - 3600, "") for second in range(4))]
    assert replay(decide, RULE, LoiteringState(), seen)[-1].endswith("close cleared")
