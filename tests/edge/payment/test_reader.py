from __future__ import annotations

import cv2
import numpy as np
import pytest
import segno
from numpy.typing import NDArray

from contracts import payment_code
from edge.payment.reader import REMEMBERED, Grey, Reader, modules_of

TEXT = payment_code.vietqr("970436", "0881000458086", name="CHO AN LUU SAP 12")
OTHER = payment_code.vietqr("970422", "1020304050")


def printed(text: str, pixels_per_module: float) -> Grey:
    """A code on white, of a given size."""
    modules = np.array(
        [[0 if dark else 255 for dark in row] for row in segno.make(text, error="m").matrix_iter(border=4)]
    )
    side = round(len(modules) * pixels_per_module)
    large = np.kron(modules, np.ones((16, 16), np.uint8)).astype(np.uint8)
    return np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def on_a_wall(code: Grey, shade: int = 140) -> Grey:
    """A code in the middle of a grey wall."""
    wall = np.full((code.shape[0] + 60, code.shape[1] + 80), shade, np.uint8)
    wall[30:-30, 40:-40] = code
    return wall


def seen_by_a_camera(picture: Grey, blur: float, noise: float, seed: int) -> Grey:
    """What a camera makes of it."""
    random = np.random.default_rng(seed)
    blurred: NDArray[np.float64] = cv2.GaussianBlur(picture, (0, 0), blur).astype(np.float64)
    return np.clip(blurred + random.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def test_a_large_code_is_read_as_it_is_with_its_place_and_size() -> None:
    code = printed(TEXT, 4)
    (seen,) = Reader().read(on_a_wall(code))
    assert (seen.text, seen.way) == (TEXT, "native")
    assert seen.pixels_per_module == pytest.approx(4, rel=0.05)
    left, top = seen.corners.min(axis=0)
    assert (left, top) == (pytest.approx(40 + 16, abs=2), pytest.approx(30 + 16, abs=2))


def test_a_small_code_is_read_enlarged_and_its_place_is_that_of_the_region() -> None:
    (seen,) = Reader().read(seen_by_a_camera(on_a_wall(printed(TEXT, 2.2)), 1.0, 8, seed=1))
    assert (seen.text, seen.way) == (TEXT, "enlarged")
    assert seen.pixels_per_module == pytest.approx(2.2, rel=0.05)
    left, top = seen.corners.min(axis=0)
    assert (left, top) == (pytest.approx(40 + 8.8, abs=2), pytest.approx(30 + 8.8, abs=2))


def test_noise_that_no_single_look_can_be_read_through_averages_out() -> None:
    looks = [seen_by_a_camera(on_a_wall(printed(TEXT, 2.5)), 1.0, 45, seed) for seed in range(REMEMBERED)]
    assert [Reader().read(look) for look in looks] == [[]] * REMEMBERED
    reader = Reader()
    (seen,) = [reader.read(look) for look in looks][-1]
    assert (seen.text, seen.way) == (TEXT, "averaged")


def test_a_swapped_code_is_never_read_as_a_mixture_of_both() -> None:
    reader = Reader()
    texts = []
    for step in range(3 * REMEMBERED):
        code = TEXT if step < REMEMBERED else OTHER
        wall = np.full((220, 220), 140, np.uint8)
        part = printed(code, 2.5)
        wall[20 : 20 + len(part), 20 : 20 + len(part)] = part
        texts += [seen.text for seen in reader.read(seen_by_a_camera(wall, 1.0, 45, step))]
    assert set(texts) <= {TEXT, OTHER}
    assert texts[-1] == OTHER


def test_two_codes_in_one_region_are_two() -> None:
    both = np.hstack([on_a_wall(printed(text, 4))[:220] for text in (TEXT, OTHER)])
    assert {seen.text for seen in Reader().read(both)} == {TEXT, OTHER}


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (40, 40), (1300, 20)])
def test_a_region_without_a_code_has_none(shape: tuple[int, int]) -> None:
    reader = Reader()
    assert all(reader.read(np.full(shape, 90, np.uint8)) == [] for _ in range(REMEMBERED))


def test_a_region_that_changes_its_size_is_another() -> None:
    reader = Reader()
    for _ in range(REMEMBERED):
        reader.read(np.full((50, 50), 90, np.uint8))
    assert reader.read(on_a_wall(printed(TEXT, 4)))[0].text == TEXT


@pytest.mark.parametrize(("version", "modules"), [("5", 37), ("6", 41), (40, 177), (None, 41), ("41", 41), ("M4", 41)])
def test_a_version_tells_the_modules(version: object, modules: int) -> None:
    assert modules_of(version) == modules


def test_a_code_that_is_taken_away_is_not_read_out_of_earlier_looks() -> None:
    reader = Reader()
    for step in range(REMEMBERED):
        assert reader.read(seen_by_a_camera(on_a_wall(printed(TEXT, 3)), 0.7, 4, step))
    bare = np.full_like(on_a_wall(printed(TEXT, 3)), 140)
    assert [reader.read(seen_by_a_camera(bare, 0.7, 4, step)) for step in range(REMEMBERED)] == [[]] * REMEMBERED


def test_what_is_hard_to_read_is_left_for_a_closer_look() -> None:
    small, large = on_a_wall(printed(TEXT, 2.2)), on_a_wall(printed(TEXT, 4))
    assert Reader().read(seen_by_a_camera(small, 1.0, 8, seed=1), closely=False) == []
    assert len(Reader().read(large, closely=False)) == 1


def test_a_small_code_in_a_large_region_is_read() -> None:
    wall = np.full((560, 590), 140, np.uint8)
    part = printed(TEXT, 2.2)
    wall[200 : 200 + len(part), 300 : 300 + len(part)] = part
    assert [seen.way for seen in Reader().read(seen_by_a_camera(wall, 1.0, 8, seed=1))] == ["enlarged"]
