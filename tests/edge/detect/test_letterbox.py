from __future__ import annotations

import numpy as np
import pytest

from edge.detect.letterbox import GREY, fit, fitted

SIZES = [(128, 128), (240, 240), (200, 120), (120, 200), (131, 67), (1920, 1080), (3, 900)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_box_comes_back_to_where_it_was_painted(width: int, height: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    x1, y1, x2, y2 = width // 4, height // 4, -(-width * 3 // 4), -(-height * 3 // 4)
    picture[y1:y2, x1:x2] = 255
    how = fit(width, height, 320, 256)
    planes = fitted(picture, how, 320, 256)
    assert planes.shape == (1, 3, 256, 320)
    rows, columns = np.nonzero(planes[0, 0] > 0.9)
    seen = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
    np.testing.assert_allclose(how.back(seen)[0], [x1, y1, x2, y2], atol=2 / min(how.scale, 1))


def test_what_the_picture_does_not_fill_is_grey_and_its_colours_are_red_first() -> None:
    picture = np.full((60, 120, 3), (255, 0, 51), np.uint8)
    planes = fitted(picture, fit(120, 60, 64, 64), 64, 64)[0]
    assert planes[:, 2, 30] == pytest.approx(GREY / 255)
    assert planes[:, 60, 30] == pytest.approx(GREY / 255)
    assert planes[:, 32, 30] == pytest.approx([0.2, 0, 1])


def test_boxes_in_the_grey_bars_are_cut_at_the_pictures_edge() -> None:
    how = fit(100, 50, 100, 100)
    boxes = np.array([[-5, 0, 120, 99]], np.float32)
    assert how.back(boxes).tolist() == [[0, 0, 100, 50]]
