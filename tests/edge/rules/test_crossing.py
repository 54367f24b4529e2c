from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.geometry import Point, crossed
from edge.rules.crossing import CrossingState, Line, cross
from edge.rules.presence import GAP, Observation
from tests.edge.rules.frames import at, path, sighting, standing

DOWN = Line(((0.5, 0.0), (0.5, 1.0)), margin=0.1)
"""From the top of the picture to its bottom: looking down it, `in` is towards the picture's left. A person of these
tests is 0.1 high, so that the margin is 0.01.
"""

GATE = Line(((0.5, 0.4), (0.5, 0.6)), margin=0.1)
CORNER = Line(((0.5, 0.0), (0.5, 0.5), (1.0, 0.5)), margin=0.1)


def counted(line: Line, seen: list[Observation]) -> str:
    """`i` for every crossing in, `o` for every crossing out."""
    state, said = CrossingState(), ""
    for observation in seen:
        state, crossings = cross(line, state, observation)
        said += "".join(crossing.direction.value[0] for crossing in crossings)
    return said


def row(*columns: float | None) -> list[Point | None]:
    """Feet on the row y = 0.5."""
    return [None if x is None else (x, 0.5) for x in columns]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((0.6, 0.4), "i"),
        ((0.4, 0.6), "o"),
        ((0.9, 0.1), "i"),  # a runner at two frames a second is never seen near the line
        ((0.6, 0.7, 0.6), ""),
        ((0.6, 0.4, 0.6), "io"),
        ((0.6, 0.495), ""),  # over it, not clear of it
        ((0.6, 0.495, 0.48), "i"),
        ((0.6, 0.495, 0.505, 0.495, 0.505, 0.495, 0.505, 0.6), ""),  # trembles on the line and goes back
        ((0.6, 0.495, 0.505, 0.495, 0.505, 0.495, 0.4), "i"),
        ((0.6, 0.5, 0.4), "i"),  # a foot on the very line
        ((0.4, 0.5, 0.6), "o"),
        ((0.6, 0.5, 0.6), ""),
        ((0.5, 0.4), "i"),  # first seen on the line, which belongs to its left
        ((0.5, 0.6), ""),
        ((0.495, 0.4), ""),  # born beyond the line
        ((0.6, None, None, None, 0.4), "i"),  # hidden for 2 s
        ((0.6, None, None, None, None, None, 0.4), ""),  # and for longer it is somebody new
    ],
)
def test_who_crosses_is_counted_once_clear_of_the_line(columns: tuple[float | None, ...], said: str) -> None:
    assert counted(DOWN, path(row(*columns))) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((0.6, 0.5), (0.4, 0.5), "i"),
        ((0.6, 0.3), (0.4, 0.3), ""),  # above the gate
        ((0.6, 0.7), (0.4, 0.7), ""),
        ((0.6, 0.39), (0.4, 0.41), ""),  # through its first point, which no longer belongs to it
        ((0.6, 0.59), (0.4, 0.61), "i"),  # through its last point, which still does
    ],
)
def test_beside_the_ends_of_a_line_nobody_crosses_it(start: Point, end: Point, said: str) -> None:
    there, back = counted(GATE, path([start, end])), counted(GATE, path([end, start]))
    assert (there, back) == (said, said.replace("i", "o"))


def test_through_the_corner_of_a_line_is_one_crossing() -> None:
    assert counted(CORNER, path([(0.6, 0.4), (0.4, 0.6)])) == "i"
    assert counted(CORNER, path([(0.4, 0.6), (0.6, 0.4)])) == "o"


def test_two_who_cross_in_one_frame_are_two() -> None:
    feet = [(0.6, 0.3), (0.4, 0.7)], [(0.4, 0.3), (0.6, 0.7)]
    seen = [
        Observation(at(index), (sighting("a", standing(first)), sighting("b", standing(second))))
        for index, (first, second) in enumerate(feet)
    ]
    assert sorted(counted(DOWN, seen)) == ["i", "o"]


def test_a_near_person_needs_more_room_than_a_far_one() -> None:
    near = [
        Observation(at(index), (sighting("a", standing((x, 0.9), 0.2, 0.5)),)) for index, x in enumerate((0.6, 0.48))
    ]
    far = path([(0.6, 0.9), (0.48, 0.9)])
    assert (counted(DOWN, near), counted(DOWN, far)) == ("", "i")


def test_a_clock_that_is_set_back_forgets_and_does_not_count() -> None:
    first, second = path(row(0.6, 0.4))
    earlier = Observation(second.at - timedelta(hours=1), second.inside)
    assert counted(DOWN, [first, earlier]) == ""


places = st.floats(0.01, 0.99)
walks = st.lists(st.tuples(places, places), min_size=2, max_size=40)


def side(foot: Point) -> int:
    """1 to the right of DOWN, which is `in`."""
    return int(foot[0] < 0.5)


@given(walks, st.floats(0.05, GAP.total_seconds()))
def test_in_less_out_is_the_change_of_side_however_one_walks_and_however_rarely_one_is_seen(
    feet: list[Point], step_s: float
) -> None:
    feet = [(0.9, 0.5), *feet, (0.1, 0.5)]
    said = counted(DOWN, path(feet, step_s))
    assert said.count("i") - said.count("o") == side(feet[-1]) - side(feet[0])
    assert "ii" not in said
    assert "oo" not in said


@given(walks, walks)
def test_a_way_and_its_way_back_cancel_on_any_line(line: list[Point], feet: list[Point]) -> None:
    pairs = list(pairwise(feet))
    assert sum(crossed(a, b, line) + crossed(b, a, line) for a, b in pairs) == 0


@given(walks)
def test_round_a_closed_line_as_many_go_in_as_come_out(feet: list[Point]) -> None:
    square = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75), (0.25, 0.25)]
    outside = (0.01, 0.013)
    # A foot exactly on a line belongs to its left, and beyond a corner that is another side for each of the two pieces.
    assume(all(x not in (0.25, 0.75) and y not in (0.25, 0.75) for x, y in feet))
    ring = [outside, *feet, outside]
    assert sum(crossed(a, b, square) for a, b in pairwise(ring)) == 0
