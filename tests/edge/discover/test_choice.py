from __future__ import annotations

import pytest

from edge.discover.choice import Stream, choose

FULL = Stream("rtsp://c/1", "H264", 1920, 1080, 25)
FULL_H265 = Stream("rtsp://c/1h", "H265", 1920, 1080, 25)
FOUR_K = Stream("rtsp://c/4k", "H265", 3840, 2160, 20)
SMALL = Stream("rtsp://c/2", "H264", 640, 360, 15)
SMALL_H265 = Stream("rtsp://c/2h", "H265", 640, 360, 15)
TINY = Stream("rtsp://c/3", "H264", 352, 288, 15)
MIDDLE = Stream("rtsp://c/m", "H264", 1280, 720, 15)
JPEG = Stream("rtsp://c/j", "JPEG", 1920, 1080, 5)


@pytest.mark.parametrize(
    ("streams", "main", "sub", "remarks"),
    [
        ([FULL, SMALL], FULL, SMALL, ()),
        ([SMALL, FULL], FULL, SMALL, ()),
        ([FULL_H265, FULL, SMALL, TINY], FULL, SMALL, ()),  # H.264 before H.265, and the larger of the small ones
        ([FOUR_K, MIDDLE, TINY], MIDDLE, TINY, ()),  # what costs the box too much is left
        ([FOUR_K, SMALL], FOUR_K, SMALL, ("main_h265", "main_large")),
        ([FULL_H265, SMALL_H265], FULL_H265, SMALL_H265, ("main_h265", "sub_h265")),
        ([FULL], FULL, None, ("no_sub",)),
        ([FULL, FULL], FULL, None, ("no_sub",)),
        ([FULL, JPEG], FULL, None, ("no_sub",)),
        ([SMALL, TINY], SMALL, TINY, ("main_small",)),
        ([FULL, MIDDLE], FULL, MIDDLE, ("sub_large",)),
        ([Stream("rtsp://c/s", "H264", 1920, 1080, 2), SMALL], Stream("rtsp://c/s", "H264", 1920, 1080, 2), SMALL,
         ("main_slow",)),
    ],
)  # fmt: skip
def test_the_streams_that_suit_a_box_are_proposed(
    streams: list[Stream], main: Stream, sub: Stream | None, remarks: tuple[str, ...]
) -> None:
    choice = choose(streams)
    assert choice
    assert (choice.main, choice.sub, choice.remarks) == (main, sub, remarks)


def test_a_camera_of_pictures_only_has_no_stream() -> None:
    assert choose([JPEG]) is None
    assert choose([]) is None
