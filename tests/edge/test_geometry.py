from __future__ import annotations

import pytest

from edge.geometry import Rect, inside

SQUARE = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
HORSESHOE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0), (0.7, 0.3), (0.3, 0.3), (0.3, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.26, 0.74), True),
        (SQUARE, (0.1, 0.5), False),
        (SQUARE, (0.5, 0.9), False),
        (SQUARE, (0.9, 0.5), False),
        (HORSESHOE, (0.5, 0.1), True),
        (HORSESHOE, (0.1, 0.9), True),
        (HORSESHOE, (0.9, 0.9), True),
        (HORSESHOE, (0.5, 0.9), False),
    ],
)
def test_a_point_is_inside_or_outside(
    polygon: list[tuple[float, float]], point: tuple[float, float], expected: bool
) -> None:
    assert inside(point, polygon) is expected
    assert inside(point, polygon[::-1]) is expected


def test_zones_that_share_an_edge_count_a_point_on_it_once() -> None:
    left = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]
    right = [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]
    assert inside((0.5, 0.5), left) != inside((0.5, 0.5), right)


def test_the_foot_is_the_middle_of_the_lower_edge() -> None:
    assert Rect(0.25, 0.25, 0.75, 1.0).foot == (0.5, 1.0)


def test_a_rectangle_is_clipped_to_the_picture() -> None:
    assert Rect(-0.5, -1.0, 0.5, 1.5).clipped() == Rect(0.0, 0.0, 0.5, 1.0)
    assert Rect(1.25, 0.25, 1.5, 0.5).clipped() == Rect(1.0, 0.25, 1.0, 0.5)
