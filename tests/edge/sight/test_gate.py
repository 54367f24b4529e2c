from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge.sight.gate import WIDTH, MotionGate, shrink

HEIGHT = 108


def scene(seed: int = 1) -> NDArray[np.uint8]:
    """A textured street without anybody."""
    return np.random.default_rng(seed).integers(60, 120, (HEIGHT, WIDTH)).astype(np.uint8)


def with_people(grey: NDArray[np.uint8], *lefts: int) -> NDArray[np.uint8]:
    """The scene with bright people of 6 x 16 pixels at these columns."""
    crowded = grey.copy()
    for left in lefts:
        crowded[50:66, left : left + 6] = 230
    return crowded


def test_in_a_crowd_that_was_there_from_the_start_motion_is_found_from_the_second_frame_on() -> None:
    gate = MotionGate(5.0)
    gate.moving(with_people(scene(), 10, 60, 110, 160))
    moving = gate.moving(with_people(scene(), 16, 66, 116, 166))
    for left in (16, 66, 116, 166):
        x, y = (left + 3) / WIDTH, 58 / HEIGHT
        assert any(rect.x1 <= x <= rect.x2 and rect.y1 <= y <= rect.y2 for rect in moving)


def test_nothing_moves_in_a_still_scene() -> None:
    gate = MotionGate(5.0)
    gate.moving(with_people(scene(), 60))
    assert [gate.moving(with_people(scene(), 60)) for _ in range(10)] == [[]] * 10


def test_a_little_noise_is_no_motion() -> None:
    gate, noise = MotionGate(5.0), np.random.default_rng(2)
    found = 0
    for _ in range(20):
        grey = scene().astype(np.int16) + noise.integers(-3, 4, (HEIGHT, WIDTH))
        found += len(gate.moving(grey.astype(np.uint8)))
    assert found == 0


def test_an_uproar_counts_as_no_motion() -> None:
    gate = MotionGate(5.0)
    for _ in range(5):
        gate.moving(scene())
    assert gate.moving(255 - scene()) == []


def test_the_largest_comes_first_and_all_lie_in_the_picture() -> None:
    gate = MotionGate(5.0)
    for _ in range(5):
        gate.moving(scene())
    grey = with_people(scene(), 20)
    grey[0:40, 150:192] = 240
    moving = gate.moving(grey)
    areas = [(rect.x2 - rect.x1) * (rect.y2 - rect.y1) for rect in moving]
    assert len(areas) == 2
    assert areas == sorted(areas, reverse=True)
    assert all(rect == rect.clipped() for rect in moving)


def test_a_camera_may_change_its_resolution() -> None:
    gate = MotionGate(5.0)
    gate.moving(scene())
    assert gate.moving(np.zeros((144, WIDTH), np.uint8)) == []


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(1920, 1080, 108), (768, 576, 144), (1080, 1920, 341), (4096, 16, 1)]
)
@pytest.mark.parametrize("pixels", ["yuv420p", "nv12", "bgr24", "gray"])
def test_a_frame_of_any_size_and_format_is_shrunk_in_proportion(
    width: int, height: int, expected: int, pixels: str
) -> None:
    frame = VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="bgr24").reformat(format=pixels)
    grey = shrink(frame)
    assert grey.shape == (expected, WIDTH)
    assert grey.dtype == np.uint8
