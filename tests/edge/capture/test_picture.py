from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from edge.capture.picture import in_colour, in_grey, rotation_of, turned, upright_size

SKIN, SIGN = (90, 120, 200), (30, 30, 220)


def scene(width: int, height: int) -> VideoFrame:
    """Dark on the left, a lamp on the upper right."""
    pixels = np.full((height, width, 3), SKIN, np.uint8)
    pixels[: height // 2, width // 2 :] = 255
    pixels[height // 2 :, : width // 2] = 0
    return VideoFrame.from_ndarray(pixels, format="bgr24")


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("size", [(640, 360), (641, 359), (1920, 1080), (33, 17)])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "nv12", "yuv444p"])
def test_colours_come_out_as_they_went_in(full: bool, size: tuple[int, int], pix_fmt: str) -> None:
    width, height = size
    encoded = scene(width, height).reformat(
        format=pix_fmt,
        dst_colorspace=Colorspace.ITU709 if height >= 720 else Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
    )
    encoded.colorspace = 2  # most cameras do not say
    pixels = in_colour(encoded)
    assert pixels.shape == (height, width, 3)
    assert pixels[2, 2].tolist() == pytest.approx(SKIN, abs=4)
    assert pixels[2, width - 3].tolist() == pytest.approx((255, 255, 255), abs=6)
    assert pixels[height - 3, 2].tolist() == pytest.approx((0, 0, 0), abs=4)


def test_an_older_name_for_full_range_means_the_same() -> None:
    pixels = in_colour(scene(64, 48).reformat(format="yuvj420p", dst_colorspace=Colorspace.ITU601))
    assert pixels[2, 61].tolist() == pytest.approx((255, 255, 255), abs=4)
    assert pixels[45, 2].tolist() == pytest.approx((0, 0, 0), abs=4)


@pytest.mark.parametrize(("rotation", "lamp"), [(0, (2, 61)), (90, (61, 45)), (180, (45, 2)), (270, (2, 2))])
def test_a_picture_is_turned_clockwise(rotation: int, lamp: tuple[int, int]) -> None:
    frame = scene(64, 48)
    upright = in_colour(frame, rotation)
    assert upright.shape[1::-1] == upright_size(frame, rotation)
    assert upright[lamp].min() > 250
    assert (upright.min(axis=2) > 250).mean() == pytest.approx(0.25)
    assert upright.flags.c_contiguous


def test_a_converter_that_is_kept_serves_pictures_of_any_size_and_colours() -> None:
    colour, grey = VideoReformatter(), VideoReformatter()
    for size, pix_fmt in [((64, 48), "yuv420p"), ((64, 48), "yuvj420p"), ((1280, 720), "nv12"), ((64, 48), "yuv420p")]:
        frame = scene(*size).reformat(format=pix_fmt)
        np.testing.assert_array_equal(in_colour(frame, 90, colour), in_colour(frame, 90))
        np.testing.assert_array_equal(in_grey(frame, 32, 90, grey), in_grey(frame, 32, 90))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(641, 359), (64, 48), (1000, 10), (10, 1000)])
def test_the_small_grey_picture_is_the_colour_picture_made_small(rotation: int, size: tuple[int, int]) -> None:
    frame = scene(*size)
    grey, colour = in_grey(frame, 32, rotation), in_colour(frame, rotation)
    height, width = colour.shape[:2]
    assert grey.shape == (max(1, round(32 * height / width)), 32)
    assert grey.mean() == pytest.approx(colour.mean(axis=2).mean(), abs=14)


def test_turning_by_nothing_copies_nothing() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    assert turned(pixels, 360) is pixels


def test_a_picture_that_says_nothing_is_upright() -> None:
    assert rotation_of(scene(64, 48)) == 0
