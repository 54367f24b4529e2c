from __future__ import annotations

from datetime import timedelta

import pytest

from edge.geometry import Rect
from edge.sight.look import FULL_LOOK_S, TILES_PER_S, Look
from edge.sight.regions import Region, View, pyramid
from tests.support.samples import NOON

VIEW, TILE = View(768, 576, 300), 240
TILES = pyramid(VIEW, TILE)
PERSON = Rect(0.5, 0.5, 0.55, 0.66)


def wanted(
    look: Look, seconds: float, tracked: tuple[Rect, ...] = (), moving: tuple[Rect, ...] = (), view: View = VIEW
) -> list[Region]:
    return look.regions(view, TILE, tracked=tracked, moving=moving, at=NOON + timedelta(seconds=seconds))


def take(look: Look, regions: list[Region], most: int = 1000) -> list[Region]:
    look.took(min(most, len(regions)), len(regions))
    return regions[:most]


def settled() -> Look:
    """A look that has seen everything once, at noon."""
    look = Look()
    take(look, wanted(look, 0))
    return look


def test_the_first_frames_are_looked_at_everywhere() -> None:
    look = Look()
    seen = [region for frame in range(5) for region in take(look, wanted(look, frame * 0.01), most=5)]
    assert seen[: len(TILES)] == TILES


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
def test_everything_is_looked_at_again_within_the_same_time_at_any_rate(fps: int) -> None:
    look = settled()
    seen = [
        region for frame in range(1, round(FULL_LOOK_S * fps) + 2) for region in take(look, wanted(look, frame / fps))
    ]
    assert set(seen) == set(TILES)
    assert len(seen) <= len(TILES) + 1


def test_on_a_large_picture_the_full_look_takes_longer_and_costs_no_more() -> None:
    look, large = Look(), View(3840, 2160, 300)
    take(look, wanted(look, 0, view=large))
    seen = [region for frame in range(1, 51) for region in take(look, wanted(look, frame / 5, view=large))]
    assert len(seen) == pytest.approx(10 * TILES_PER_S, abs=1)


def test_what_is_tracked_and_what_moves_elsewhere_is_looked_at_in_every_frame() -> None:
    look, other = settled(), Rect(0.1, 0.5, 0.15, 0.66)
    for frame in range(1, 4):
        tracked, moving, *_ = take(look, wanted(look, frame * 0.01, (PERSON,), (PERSON, other)))
        assert tracked.holds((0.52 * 768, 0.58 * 576))
        assert moving.holds((0.12 * 768, 0.58 * 576))


def test_when_there_is_no_time_for_all_everyone_has_a_turn() -> None:
    look = settled()
    crowd = tuple(Rect(x / 10, y / 5, x / 10 + 0.02, y / 5 + 0.1) for x in range(10) for y in range(5))
    several = len(wanted(look, 0.001, crowd))
    assert several > 6
    seen = set()
    for frame in range(several):
        seen |= set(take(look, wanted(look, 0.001, crowd), most=2))
        if len(seen) == several:
            assert frame <= several / 2 + 1
            return
    pytest.fail("some of the crowd was never looked at")


def test_another_picture_size_begins_anew_and_a_clock_set_back_changes_nothing() -> None:
    look = settled()
    assert len(wanted(look, 0.01, view=View(320, 240, 300))) == len(pyramid(View(320, 240, 300), TILE))
    other = settled()
    assert wanted(other, -100) == []
