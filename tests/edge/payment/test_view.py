from __future__ import annotations

import numpy as np
import pytest

from edge.capture.mask import COLOUR, Mask
from edge.capture.picture import in_grey
from edge.geometry import Box
from edge.payment.view import Part, grey_of, part_of
from tests.edge.payment.stalls import HEIGHT, WIDTH, frame, stall

BOX: Box = (0.4, 0.2, 0.9, 0.9)
OPEN = Mask(())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("format_", ["yuv420p", "yuvj420p", "nv12", "yuv420p10le", "gray"])
def test_a_part_is_what_the_whole_upright_picture_shows_there(rotation: int, format_: str) -> None:
    seen = frame(stall(), rotation=rotation, format_=format_)
    part = part_of(seen, BOX)
    assert part == Part(256, 72, 576, 324, WIDTH, HEIGHT)
    whole = in_grey(seen.picture, WIDTH, rotation)
    grey = grey_of(seen, part, OPEN)
    assert grey.shape == (252, 320)
    assert np.abs(grey.astype(int) - whole[72:324, 256:576]).max() <= 2


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.999, 0.999, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0)])
def test_a_part_is_never_empty_and_never_outside(box: Box) -> None:
    seen = frame(stall())
    part = part_of(seen, box)
    assert 0 <= part.left < part.right <= WIDTH
    assert 0 <= part.top < part.bottom <= HEIGHT
    assert grey_of(seen, part, OPEN).size > 0


def test_a_part_outlives_its_frame_and_changes_nothing_of_it() -> None:
    seen = frame(stall())
    before = in_grey(seen.picture, WIDTH).copy()
    grey = grey_of(seen, part_of(seen, BOX), OPEN)
    grey[:] = 0
    assert np.array_equal(in_grey(seen.picture, WIDTH), before)


@pytest.mark.parametrize("rotation", [0, 90])
def test_what_a_mask_covers_is_gone(rotation: int) -> None:
    mask = Mask([((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))])
    seen = frame(np.full((HEIGHT, WIDTH), 200, np.uint8), rotation=rotation)
    part = part_of(seen, BOX)
    grey = grey_of(seen, part, mask)
    covered = grey == COLOUR[0]
    assert covered[: HEIGHT // 2 - part.top, : WIDTH // 2 - part.left].all()
    assert not covered[HEIGHT // 2 - part.top + 8 :].any()
    assert grey.max() >= 198


def test_places_go_from_a_part_to_the_picture_and_back() -> None:
    part = Part(256, 72, 576, 324, WIDTH, HEIGHT)
    corners = np.array([[10.0, 20.0], [90.0, 20.0], [90.0, 100.0], [10.0, 100.0]])
    place = part.in_picture(corners)
    assert place == pytest.approx((266 / 640, 92 / 360, 346 / 640, 172 / 360))
    assert part.within(place) == pytest.approx((10 / 320, 20 / 252, 90 / 320, 100 / 252))
