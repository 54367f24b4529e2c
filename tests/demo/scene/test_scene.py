from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demo.scene import encoded, script
from demo.scene.board import CUSTOMER, HANH, LAN, PAGE, THIEF, Stance
from demo.scene.lens import Light
from demo.scene.scene import Scene, View
from demo.scene.script import Act, Deed
from edge.payment.reader import Reader, Seen
from edge.payment.view import Grey

CLEAR = View(noise=3, street_at=0, loop_s=2.0)


def read(scene: Scene, at: float, number: int = 0) -> list[Seen]:
    """What is read in a board's region at a moment, in a picture that was encoded and decoded."""
    rate = encoded.bits_per_second(4, scene.view.width, scene.view.height, scene.view.fps)
    (frame,) = encoded.through([scene.picture(at)], fps=scene.view.fps, bit_rate=rate)
    return Reader().read(region(scene, frame.to_ndarray(format="gray").astype(np.uint8), number))


def region(scene: Scene, picture: Grey, number: int = 0) -> Grey:
    (x1, y1), _, (x2, y2), _ = scene.region(number)
    height, width = picture.shape
    return np.ascontiguousarray(picture[int(y1 * height) : int(y2 * height), int(x1 * width) : int(x2 * width)])


def texts(scene: Scene, at: float, number: int = 0) -> set[str]:
    return {seen.text for seen in read(scene, at, number)}


@pytest.mark.parametrize("size", [2.5, 3.0, 4.0, 6.0])
@pytest.mark.parametrize("stance", [Stance(), Stance(25, -10, 3)], ids=["straight", "turned"])
def test_a_code_is_as_large_as_was_asked_for(size: float, stance: Stance) -> None:
    scene = Scene(replace(CLEAR, pixels_per_module=size, stances=(stance,)))
    assert scene.measured() == pytest.approx(size, rel=1e-6)
    (seen,) = read(scene, 0.0)
    assert seen.text == HANH.code
    assert seen.pixels_per_module == pytest.approx(size, rel=0.06)
    low, high = seen.corners.min(axis=0), seen.corners.max(axis=0)
    assert np.all(low > 0)
    assert np.all(high < np.array(region(scene, np.zeros((540, 960), np.uint8)).shape[::-1]))


CHANGED = [
    (Act.SWAP, {THIEF.code}),
    (Act.FOREIGN, {PAGE}),
    (Act.TAKE, set()),
    (Act.BAG, set()),
    (Act.ADD, {HANH.code, THIEF.code}),
]


@pytest.mark.parametrize(("act", "after"), CHANGED)
def test_what_is_changed_is_seen_once_the_hand_is_away(act: Act, after: set[str]) -> None:
    deed = script.change(act, 2.0, seed=3)
    scene = Scene(replace(CLEAR, room=(1.0, 0.12)), (deed,))
    assert texts(scene, 1.9) == {HANH.code}
    assert HANH.code not in texts(scene, deed.changed_at), "the hand is over it"
    assert texts(scene, deed.end + 0.1) == after


def test_what_was_stuck_over_can_be_taken_off() -> None:
    scene = Scene(CLEAR, (Deed(Act.SWAP, -3, -1), Deed(Act.RESTORE, 1, 4)))
    assert texts(scene, 0.5) == {THIEF.code}
    assert texts(scene, 4.5) == {HANH.code}


def test_two_boards_are_apart_and_a_sticker_is_over_one_of_them() -> None:
    look = replace(CLEAR, width=1280, height=720, shops=(HANH, LAN), stances=(Stance(14), Stance(-12)))
    scene = Scene(look, (Deed(Act.SWAP, -3, -1, 0),))
    assert texts(scene, 0.0, 0) == {THIEF.code}
    assert texts(scene, 0.0, 1) == {LAN.code}
    assert scene.region(0)[1][0] < scene.region(1)[0][0]


@pytest.mark.parametrize("act", [Act.HAND, Act.PHONE, Act.PERSON])
def test_whoever_passes_is_seen_and_leaves_nothing_behind(act: Act) -> None:
    still, passed = Scene(CLEAR), Scene(CLEAR, (Deed(act, 1, 4, seed=8),))
    assert np.array_equal(passed.picture(0.9), still.picture(0.9))
    middle = np.abs(passed.picture(2.5).astype(int) - still.picture(2.5))
    assert (middle > 40).mean() > 0.01
    assert np.array_equal(passed.picture(4.1), still.picture(4.1))


def test_a_telephone_shows_a_code_that_is_not_the_stalls() -> None:
    shown = {text for seed in range(6) for text in texts(Scene(CLEAR, (Deed(Act.PHONE, 0, 6, seed=seed),)), 3.0)}
    assert shown - {HANH.code} <= {CUSTOMER.code, PAGE, LAN.code}
    assert shown - {HANH.code}


def test_the_same_seed_gives_the_same_pictures_and_another_one_others() -> None:
    first, second, other = (Scene(replace(CLEAR, seed=seed)).picture(0.0) for seed in (4, 4, 5))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_the_evening_is_darker_and_the_lamp_lights_it() -> None:
    light = Light(1.0, 0.4, 10.0, lamp_at=12.0, flicker=0.0)
    scene = Scene(replace(CLEAR, light=light))
    day, evening, lit = (float(scene.picture(at).mean()) for at in (0.0, 11.0, 14.0))
    assert evening < 0.6 * day
    assert lit > 1.3 * evening


def test_pictures_keep_to_the_cameras_rate() -> None:
    rate = encoded.bits_per_second(1, 1920, 1080, 15)
    assert rate == 1_000_000
    assert encoded.bits_per_second(4, 960, 540, 7.5) == 500_000
