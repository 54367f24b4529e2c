from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import islice

import av
import cv2
import numpy as np
import pytest

from demo.film import STREET
from edge.detect import Picture
from edge.geometry import Box, Rect
from edge.rules.presence import Sighting
from edge.still import StillScene
from tests.support.samples import NOON

LEFT, TOP, SIDE = 400, 330, 40
"""Where on the road of the film something is put down, in pixels of 768 x 576."""

Change = Callable[[Picture, float], Picture]
"""What happens to the picture at a second."""


@cache
def ground() -> tuple[Picture, ...]:
    """The first 20 s of the film, two frames a second: real ground, real noise, and people who walk over it."""
    with av.open(str(STREET)) as film:
        frames = list(islice(film.decode(video=0), 0, 200, 5))
    return tuple(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in frames)


def bag(picture: Picture) -> Picture:
    """With a dark bag with a light stripe on the road."""
    shown = picture.copy()
    cv2.rectangle(shown, (LEFT, TOP), (LEFT + SIDE - 6, TOP + SIDE), (40, 35, 30), -1)
    cv2.rectangle(shown, (LEFT + 6, TOP + 15), (LEFT + 28, TOP + 20), (90, 90, 160), -1)
    return shown


def light(picture: Picture, factor: float, soft_px: float) -> Picture:
    """With a patch of light or shadow on the road."""
    mask = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(mask, (LEFT, TOP), (90, 45), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), soft_px).astype(np.float32)
    return np.clip(picture * (1 + (factor - 1) * mask[:, :, None]), 0, 255).astype(np.uint8)


def seen(change: Change, covers: tuple[Box, ...] = (), people: bool = True) -> dict[float, tuple[Sighting, ...]]:
    """What is found, second by second; without people it is always the first frame."""
    scene, found = StillScene(), {}
    for index, picture in enumerate(ground()):
        second = index * 0.5
        shown = picture if people else ground()[0]
        things = scene.look(change(shown, second), NOON + timedelta(seconds=second), covers)
        found[second] = things
    return found


def on_the_road(found: dict[float, tuple[Sighting, ...]]) -> dict[float, Sighting]:
    """Where the bag is put, and nowhere else."""
    centre = ((LEFT + SIDE / 2) / 768, (TOP + SIDE / 2) / 576)
    return {
        second: thing
        for second, things in found.items()
        for thing in things
        if thing.box[0] < centre[0] < thing.box[2] and thing.box[1] < centre[1] < thing.box[3]
    }


def put_down(picture: Picture, second: float) -> Picture:
    return bag(picture) if second >= 5 else picture


def test_what_is_put_down_is_found_within_seconds_where_it_stands_and_stays_one_thing() -> None:
    found = on_the_road(seen(put_down))
    assert 8 <= min(found) <= 11
    assert set(found) == {second / 2 for second in range(round(min(found) * 2), 40)}
    assert len({thing.track for thing in found.values()}) == 1
    last = found[max(found)]
    assert last.label == "object"
    expected = Rect(LEFT / 768, TOP / 576, (LEFT + SIDE - 6) / 768, (TOP + SIDE) / 576)
    assert last.box == pytest.approx(tuple(expected), abs=0.02)


def test_what_is_taken_away_again_is_gone_within_seconds() -> None:
    found = on_the_road(seen(lambda picture, second: bag(picture) if 3 <= second < 12 else picture))
    assert 11 <= max(found) <= 15


def test_what_was_there_from_the_beginning_leaves_nothing_when_it_is_taken_away() -> None:
    assert on_the_road(seen(lambda picture, second: bag(picture) if second < 5 else picture)) == {}


def test_what_was_there_from_the_beginning_and_stays_is_nothing_new() -> None:
    assert on_the_road(seen(lambda picture, _: bag(picture))) == {}


LIGHTS: dict[str, Change] = {
    "a lamp": lambda picture, second: light(picture, 1.6, 8) if second > 5 else picture,
    "a shadow": lambda picture, second: light(picture, 0.6, 4) if second > 5 else picture,
    "dusk": lambda picture, second: (picture * (1 - second / 40)).astype(np.uint8),
    "another exposure": lambda picture, second: (picture * (0.7 if second > 5 else 1.0)).astype(np.uint8),
    "the lights go out": lambda picture, second: (picture * (0.15 if second > 5 else 1.0)).astype(np.uint8),
    "the camera is turned": lambda picture, second: picture[:, ::-1].copy() if second > 5 else picture,
}


@pytest.mark.parametrize("name", LIGHTS)
def test_light_is_nothing_that_lasts(name: str) -> None:
    found = seen(LIGHTS[name], people=False)
    assert max((len(things) for second, things in found.items() if second > 12), default=0) == 0


def test_what_a_track_covers_is_nothing_put_down() -> None:
    person = ((LEFT - 10) / 768, (TOP - 20) / 576, (LEFT + SIDE + 10) / 768, (TOP + SIDE + 5) / 576)
    assert on_the_road(seen(put_down, (person,))) == {}


def test_a_picture_of_another_size_begins_anew() -> None:
    scene = StillScene()
    for second, picture in enumerate((ground()[0], bag(ground()[0])[:, :600], bag(ground()[0])[:, :600])):
        assert scene.look(picture, NOON + timedelta(seconds=second), ()) == ()
