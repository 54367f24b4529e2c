from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.geometry import Box
from edge.payment.appearance import ALIKE, compare, likeness, remember
from edge.payment.reader import Grey
from edge.payment.state import Appearance
from tests.edge.payment.test_reader import OTHER, TEXT, printed, seen_by_a_camera

PLACE: Box = (0.3, 0.25, 0.7, 0.75)
WALL = 150


def stall(code: Grey | None, *, shade: int = WALL, at: tuple[int, int] = (50, 60)) -> Grey:
    """A region of 200 x 200: a plain wall with a code on it."""
    rows, columns = np.indices((200, 200))
    wall: Grey = (shade + 6 * np.sin(rows / 23) + 5 * np.cos(columns / 31)).astype(np.uint8)
    if code is not None:
        board = np.asarray(cv2.resize(code, (80, 100), interpolation=cv2.INTER_AREA), np.uint8)
        wall[at[0] : at[0] + 100, at[1] : at[1] + 80] = board
    return wall


def seen(picture: Grey, seed: int = 0, noise: float = 5, blur: float = 0.8) -> Grey:
    return seen_by_a_camera(picture, blur, noise, seed)


def dimmed(picture: Grey, gain: float, offset: float) -> Grey:
    return np.asarray(np.clip(picture * gain + offset, 0, 255), np.uint8)


OURS, THEIRS = printed(TEXT, 2), printed(OTHER, 2)
REFERENCE = remember(seen(stall(OURS)), PLACE)


@pytest.mark.parametrize(
    "picture",
    [
        seen(stall(OURS), 1),
        seen(stall(OURS), 2, noise=25),
        seen(stall(OURS), 3, blur=2.0),
        dimmed(seen(stall(OURS), 4), 0.35, 5),
        dimmed(seen(stall(OURS), 5), 0.6, 90),
        seen(stall(OURS, at=(53, 57)), 6),
    ],
    ids=["again", "noise", "blur", "dusk", "glare", "bumped into"],
)
def test_our_code_looks_the_same(picture: Grey) -> None:
    assert compare(picture, REFERENCE) is Appearance.SAME


def covered_by(shade: int) -> Grey:
    picture = stall(OURS)
    picture[45:155, 55:145] = shade
    return picture


def half_covered() -> Grey:
    picture = stall(OURS)
    picture[50:150, 60:115] = 60
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        seen(stall(THEIRS), 1),
        seen(stall(np.ascontiguousarray(OURS[::-1])), 2),
        seen(covered_by(240), 3),
        seen(covered_by(30), 4),
        seen(half_covered(), 5),
    ],
    ids=["another code", "ours upside down", "white paper", "a dark cloth", "a hand over most of it"],
)
def test_what_is_over_or_in_place_of_ours_looks_changed(picture: Grey) -> None:
    assert compare(picture, REFERENCE) is Appearance.CHANGED


@pytest.mark.parametrize("light", [1.0, 0.5])
def test_the_wall_behind_it_is_gone(light: float) -> None:
    assert compare(dimmed(seen(stall(None)), light, 0), REFERENCE) is Appearance.GONE


@pytest.mark.parametrize("picture", [np.full((200, 200), 120, np.uint8), seen(dimmed(stall(OURS), 0.04, 0), noise=1)])
def test_a_picture_that_shows_nothing_proves_nothing(picture: Grey) -> None:
    assert compare(picture, REFERENCE) is Appearance.UNSURE


def test_without_a_reference_nothing_is_known() -> None:
    assert compare(seen(stall(OURS)), None) is Appearance.UNSURE


@pytest.mark.parametrize(
    "place", [(0.0, 0.0, 1.0, 1.0), (0.99, 0.99, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0)]
)
def test_no_place_breaks_it(place: Box) -> None:
    picture = seen(stall(OURS))
    assert compare(picture, remember(picture, place)) in Appearance


def test_likeness_tells_codes_apart_with_room_on_both_sides() -> None:
    same, other = (
        [likeness(remember(seen(stall(code), n, noise=15), PLACE).look, REFERENCE.look) for n in range(20)]
        for code in (OURS, THEIRS)
    )
    assert min(same) > ALIKE + 0.2
    assert max(other) < ALIKE - 0.1
