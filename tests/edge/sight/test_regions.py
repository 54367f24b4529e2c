from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.geometry import Rect
from edge.sight.regions import AIR, MOST_SCALE, PERSON_PX, Region, View, around, grid, joined, pyramid

ODD_SIZES = [(1, 1, 240), (100, 2000, 240), (2000, 100, 64), (320, 240, 1920), (64, 64, 64), (65, 64, 64)]
STREET = View(1920, 1080, 300)

lengths = st.integers(1, 4000)
shares = st.floats(0, 1)
views = st.builds(View, lengths, lengths, st.integers(64, 1280))
rects = st.builds(
    lambda xs, ys: Rect(xs[0], ys[0], xs[1], ys[1]),
    st.tuples(shares, shares).map(sorted),
    st.tuples(shares, shares).map(sorted),
)


def person(left: float, top: float, high: float) -> Rect:
    """Somebody `high` pixels high on the street's picture."""
    return Rect(left / 1920, top / 1080, (left + 0.4 * high) / 1920, (top + high) / 1080)


def covers(regions: list[Region], width: int, height: int) -> bool:
    seen = np.zeros((height, width), np.bool_)
    for region in regions:
        seen[region.y : region.y + region.height, region.x : region.x + region.width] = True
    return bool(seen.all())


def lies_inside(region: Region, view: View) -> bool:
    right, bottom = region.x + region.width, region.y + region.height
    return 0 <= region.x < right <= view.width and 0 <= region.y < bottom <= view.height


@pytest.mark.parametrize(
    ("width", "height", "side"), [*ODD_SIZES, (768, 576, 240), (1920, 1080, 240), (3840, 2160, 640)]
)
def test_the_grid_covers_every_pixel(width: int, height: int, side: int) -> None:
    tiles = grid(width, height, side)
    assert covers(tiles, width, height)
    assert all(lies_inside(tile, View(width, height, 300)) for tile in tiles)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1200), st.integers(1, 1200), st.integers(64, 1920))
def test_the_grid_covers_every_pixel_of_any_picture(width: int, height: int, side: int) -> None:
    assert covers(grid(width, height, side), width, height)


def test_a_full_look_shows_everything_ever_less_sharp_up_to_the_whole_height_at_once() -> None:
    tiles = pyramid(STREET, 240)
    levels = sorted({tile.width for tile in tiles})
    assert levels == [240, 480, 960, 1080]
    assert all(covers([tile for tile in tiles if tile.width == level], 1920, 1080) for level in levels)
    assert {tile.size for tile in tiles} == {(300, 300)}


@settings(deadline=None)
@given(views, rects, st.floats(0.1, 2))
def test_a_region_lies_in_the_picture_shows_its_target_and_fits_the_detector(
    view: View, rect: Rect, most_scale: float
) -> None:
    region = around(rect, view, most_scale)
    assert lies_inside(region, view)
    assert max(region.size) <= view.side
    assert region.scale <= max(most_scale, view.side / max(region.width, region.height))
    middle = (rect.x1 + rect.x2) / 2 * view.width, (rect.y1 + rect.y2) / 2 * view.height
    assert region.holds(middle)


@pytest.mark.parametrize("high", [60, 110, 300, 700])
def test_a_person_of_any_height_comes_at_the_size_that_the_detector_knows_with_air_around(high: float) -> None:
    region = around(person(600, 200, high), STREET)
    assert high * region.scale == pytest.approx(PERSON_PX, abs=2)
    assert region.height == pytest.approx(high * (1 + 2 * AIR), abs=2)


def test_a_tiny_target_is_enlarged_only_so_far_and_its_surroundings_are_shown() -> None:
    region = around(person(600, 200, 10), STREET)
    assert region.scale == MOST_SCALE
    assert region.height > 25


def test_neighbours_share_a_region_when_that_is_cheaper_and_people_far_apart_do_not() -> None:
    near = [around(person(left, 400, 100), STREET) for left in (600, 630)]
    far = [around(person(left, 400, 100), STREET) for left in (600, 1200)]
    (both,) = joined(near, STREET)
    assert both.cost < sum(region.cost for region in near)
    assert joined(far, STREET) == far


def test_somebody_near_and_somebody_far_away_do_not_share_a_region() -> None:
    regions = [around(person(600, 300, 400), STREET), around(person(640, 350, 80), STREET)]
    assert joined(regions, STREET) == regions


@settings(deadline=None)
@given(views, st.lists(rects, max_size=8))
def test_joining_never_costs_more_and_loses_nobody(view: View, targets: list[Rect]) -> None:
    apart = [around(rect, view) for rect in targets]
    together = joined(apart, view)
    assert sum(region.cost for region in together) <= sum(region.cost for region in apart)
    assert all(max(region.size) <= view.side for region in together)
    for region in apart:
        middle = region.x + region.width / 2, region.y + region.height / 2
        assert any(other.holds(middle) for other in together)
