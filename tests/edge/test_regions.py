from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.geometry import Rect
from edge.regions import MARGIN, Region, grid, plan

ODD_SIZES = [(1, 1, 240), (100, 2000, 240), (2000, 100, 64), (320, 240, 1920), (64, 64, 64), (65, 64, 64)]

lengths = st.integers(1, 4000)
sides = st.integers(64, 1920)
shares = st.floats(0, 1)
rects = st.builds(
    lambda xs, ys: Rect(xs[0], ys[0], xs[1], ys[1]),
    st.tuples(shares, shares).map(sorted),
    st.tuples(shares, shares).map(sorted),
)


def covers(regions: list[Region], width: int, height: int) -> bool:
    seen = np.zeros((height, width), np.bool_)
    for region in regions:
        seen[region.y : region.y + region.side, region.x : region.x + region.side] = True
    return bool(seen.all())


def lies_inside(region: Region, width: int, height: int) -> bool:
    right, bottom = region.x + region.side, region.y + region.side
    return region.side >= 1 and 0 <= region.x <= right <= width and 0 <= region.y <= bottom <= height


@pytest.mark.parametrize(
    ("width", "height", "side"), [*ODD_SIZES, (768, 576, 240), (1920, 1080, 240), (3840, 2160, 640)]
)
def test_the_grid_covers_every_pixel(width: int, height: int, side: int) -> None:
    tiles = grid(width, height, side)
    assert covers(tiles, width, height)
    assert all(lies_inside(tile, width, height) for tile in tiles)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1200), st.integers(1, 1200), st.integers(64, 1920))
def test_the_grid_covers_every_pixel_of_any_picture(width: int, height: int, side: int) -> None:
    assert covers(grid(width, height, side), width, height)


@settings(deadline=None)
@given(
    lengths, lengths, sides, st.lists(rects, max_size=5), st.lists(rects, max_size=5), st.integers(0, 999), st.data()
)
def test_every_region_lies_inside_the_picture_and_there_are_at_most_most(
    width: int, height: int, side: int, tracked: list[Rect], moving: list[Rect], look: int, data: st.DataObject
) -> None:
    most = data.draw(st.integers(1, 8))
    regions = plan(width, height, side, tracked=tracked, moving=moving, look=look, most=most)
    assert 1 <= len(regions) <= most
    assert all(lies_inside(region, width, height) for region in regions)


@settings(deadline=None)
@given(lengths, lengths, sides, st.lists(rects, max_size=6), st.lists(rects, max_size=6))
def test_what_is_tracked_or_moves_is_held_by_a_region_while_room_is_left(
    width: int, height: int, side: int, tracked: list[Rect], moving: list[Rect]
) -> None:
    regions = plan(width, height, side, tracked=tracked, moving=moving, look=0, most=20)
    for rect in (*tracked, *moving):
        x1, x2, y1, y2 = rect.x1 * width, rect.x2 * width, rect.y1 * height, rect.y2 * height
        with_air = max(x2 - x1, y2 - y1) * (1 + 2 * MARGIN)
        if with_air + 2 > min(width, height):
            continue  # no square of the picture holds it
        box = math.floor(x1), math.floor(y1), math.ceil(x2), math.ceil(y2)
        assert any(region.holds(box) for region in regions)


def test_tracks_come_before_motion_when_room_is_short() -> None:
    track, motion = Rect(0.9, 0.9, 0.95, 0.95), Rect(0.5, 0.9, 0.52, 0.95)
    regions = plan(1920, 1080, 240, tracked=[track], moving=[motion], look=0, most=2)
    assert regions[0] == Region(0, 0, 240)
    assert regions[1].holds((1728, 972, 1824, 1026))


def test_the_full_look_goes_over_the_whole_picture_turn_by_turn() -> None:
    tiles = grid(768, 576, 240)
    seen = [plan(768, 576, 240, tracked=[], moving=[], look=look, most=6) for look in range(2 * len(tiles))]
    assert seen == [[tile] for tile in tiles] * 2


def test_neighbours_share_a_region() -> None:
    two = [Rect(0.5, 0.5, 0.52, 0.6), Rect(0.55, 0.5, 0.57, 0.6)]
    assert len(plan(1920, 1080, 240, tracked=two, moving=[], look=0, most=6)) == 2


def test_a_region_grows_for_a_target_larger_than_its_side() -> None:
    large = Rect(0.4, 0.2, 0.6, 0.8)
    (_, region) = plan(1920, 1080, 240, tracked=[large], moving=[], look=0, most=6)
    assert region.side > 0.6 * 1080
