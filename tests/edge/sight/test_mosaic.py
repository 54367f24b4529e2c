from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detect import Detections
from edge.sight.mosaic import GREY, Layout, Place, draw, pack, parts

STRIP, SQUARE = (300, 172), (300, 300)
INPUTS = (STRIP, SQUARE)
sizes = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=30)


def overlap(one: Place, other: Place) -> bool:
    return (
        one.sheet == other.sheet
        and one.x < other.x + other.size[0]
        and other.x < one.x + one.size[0]
        and one.y < other.y + other.size[1]
        and other.y < one.y + one.size[1]
    )


@settings(deadline=None)
@given(sizes)
def test_every_crop_lies_in_an_input_and_none_on_another(crops: list[tuple[int, int]]) -> None:
    layout = pack(crops, INPUTS)
    assert [place.size for place in layout.places] == crops
    for place in layout.places:
        width, height = layout.sheets[place.sheet]
        assert 0 <= place.x <= place.x + place.size[0] <= width
        assert 0 <= place.y <= place.y + place.size[1] <= height
    assert not any(overlap(one, other) for one, other in combinations(layout.places, 2))


def test_a_row_of_people_takes_one_strip_and_a_large_crop_a_square_that_people_share() -> None:
    assert pack([(70, 143)] * 4, INPUTS).sheets == (STRIP,)
    assert pack([(180, 290), (70, 143), (70, 143)], INPUTS).sheets == (SQUARE,)


def test_the_cheapest_inputs_are_taken_and_rather_two_alike_than_a_large_and_a_small_one() -> None:
    inputs = ((100, 150), (200, 150), (300, 150), SQUARE)
    assert pack([(80, 140)], inputs).sheets == ((100, 150),)
    assert pack([(140, 140)] * 2, inputs).sheets == ((300, 150),)
    assert pack([(90, 140)] * 4, inputs).sheets == ((200, 150), (200, 150))


def test_more_crops_than_a_few_inputs_hold_take_as_many_as_they_need() -> None:
    assert pack([(300, 300)] * 18, INPUTS).sheets == (SQUARE,) * 18
    assert pack([(70, 143)] * 42, INPUTS).sheets.count(SQUARE) == 5


def test_a_crop_that_fits_nowhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="301 x 20 pixels fits none"):
        pack([(301, 20)], INPUTS)


def test_no_crops_need_no_input() -> None:
    assert pack([], INPUTS) == Layout((), ())
    assert draw([], pack([], INPUTS)) == []


def test_crops_are_drawn_at_their_places_and_grey_is_between() -> None:
    crops = [np.full((20, 10, 3), shade, np.uint8) for shade in (10, 250)]
    layout = pack([(40, 80), (40, 80)], INPUTS)
    (sheet,) = draw(crops, layout)
    assert sheet.shape == (172, 300, 3)
    for place, shade in zip(layout.places, (10, 250), strict=True):
        assert (sheet[place.y : place.y + 80, place.x : place.x + 40] == shade).all()
    assert (sheet == GREY).all(axis=2).sum() == 172 * 300 - 2 * 40 * 80


def test_what_is_found_belongs_to_the_crop_in_which_its_middle_lies() -> None:
    layout = pack([(100, 150), (100, 150)], INPUTS)
    first, second = layout.places
    boxes = [(place.x + 10, place.y + 20, place.x + 50, place.y + 120) for place in (second, first)]
    between = (first.x + 101, 10, first.x + 103, 30)
    found = Detections(
        np.array([*boxes, between], np.float32), np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int64)
    )
    of_first, of_second = parts([found], layout)
    assert of_first.boxes.tolist() == of_second.boxes.tolist() == [[10, 20, 50, 120]]
    assert (of_first.scores[0], of_second.scores[0]) == pytest.approx((0.8, 0.9))
