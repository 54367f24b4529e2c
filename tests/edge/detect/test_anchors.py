from __future__ import annotations

import numpy as np
import pytest

from edge.detect.anchors import anchors, best, decoded


def test_a_square_has_the_networks_own_anchors() -> None:
    boxes = anchors(300, 300)
    assert len(boxes) == 1917  # as many as the graph answers
    assert boxes[2] == pytest.approx((7.9, 7.9, 42.4, 84.9), abs=0.05)
    assert boxes[-6] == pytest.approx((150, 150, 285, 285), abs=0.05)


def test_a_flatter_input_has_the_upper_part_of_them() -> None:
    square, strip = anchors(300, 300), anchors(300, 172)
    finest = 19 * 3
    np.testing.assert_allclose(strip[: 11 * finest], square[: 11 * finest])


def test_an_answer_of_zeros_is_the_anchor_itself_and_others_move_and_stretch_it() -> None:
    anchor = np.array([[100, 50, 40, 80]], np.float32)
    assert decoded(np.zeros((1, 4), np.float32), anchor).tolist() == [[80, 10, 120, 90]]
    down_and_double = np.array([[10, 0, 5 * np.log(2), 0]], np.float32)
    assert decoded(down_and_double, anchor)[0] == pytest.approx((80, 50, 120, 210), abs=0.01)


def test_one_person_keeps_the_likeliest_box_and_two_stay_two() -> None:
    boxes = np.array([[0, 0, 40, 100], [2, 0, 42, 100], [60, 0, 100, 100]], np.float32)
    assert best(boxes, np.array([0.6, 0.9, 0.5], np.float32)).tolist() == [1, 2]
    assert best(boxes[:0], np.zeros(0, np.float32)).tolist() == []
