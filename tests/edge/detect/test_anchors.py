from __future__ import annotations

import numpy as np
import pytest

from edge.detect.anchors import anchors, best, decoded, layers


def test_a_square_has_the_networks_own_anchors() -> None:
    boxes = anchors(300, 300)
    assert len(boxes) == 1917  # as many as the graph answers
    assert boxes[2] == pytest.approx((7.9, 7.9, 42.4, 84.9), abs=0.05)
    assert boxes[-6] == pytest.approx((150, 150, 285, 285), abs=0.05)


def test_a_flatter_input_has_the_upper_part_of_them() -> None:
    square, strip = anchors(300, 300), anchors(300, 172)
    finest = 19 * 3
    np.testing.assert_allclose(strip[: 11 * finest], square[: 11 * finest])


def test_an_input_that_is_halved_otherwise_has_its_anchors_moved_as_what_they_see() -> None:
    # 300, 150, 75, 38, 19 and 148, 74, 37, 19, 10: the fourth halving begins with another row.
    assert anchors(300, 148)[2][1] == pytest.approx(anchors(300, 300)[2][1] - 8)


def test_layers_whose_boxes_are_larger_than_an_input_are_left_out() -> None:
    assert layers(300, 300) == 6
    assert layers(300, 148) == layers(148, 300) == 2


def test_an_answer_of_zeros_is_the_anchor_itself_and_others_move_and_stretch_it() -> None:
    anchor = np.array([[100, 50, 40, 80]], np.float32)
    assert decoded(np.zeros((1, 4), np.float32), anchor).tolist() == [[80, 10, 120, 90]]
    down_and_double = np.array([[10, 0, 5 * np.log(2), 0]], np.float32)
    assert decoded(down_and_double, anchor)[0] == pytest.approx((80, 50, 120, 210), abs=0.01)


def test_one_person_keeps_the_likeliest_box_and_two_stay_two() -> None:
    boxes = np.array([[0, 0, 40, 100], [2, 0, 42, 100], [60, 0, 100, 100]], np.float32)
    assert best(boxes, np.array([0.6, 0.9, 0.5], np.float32)).tolist() == [1, 2]
    assert best(boxes[:0], np.zeros(0, np.float32)).tolist() == []
