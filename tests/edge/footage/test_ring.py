from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from edge.capture.packets import VideoFormat, VideoPacket
from edge.footage.ring import Ring
from tests.support.samples import NOON

H264 = VideoFormat("h264", 640, 360, Fraction(1, 90_000), b"")
SIZE = 1000


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def packet(seconds: float, *, key: bool = False, size: int = SIZE) -> VideoPacket:
    return VideoPacket(bytes(size), None, None, key, at(seconds))


def ring_with(keys: str, *, seconds: float = 60, max_bytes: int = 10**9, start: float = 0) -> Ring:
    """A ring that took one packet a second: `K` is a key frame, `-` is not."""
    ring = Ring("quang-trung-1", seconds=seconds, max_bytes=max_bytes)
    ring.begin(H264)
    for index, kind in enumerate(keys):
        ring.take(packet(start + index, key=kind == "K"))
    return ring


def held(ring: Ring) -> list[float]:
    return [(kept.packet.captured_at - NOON).total_seconds() for kept in ring.read(0)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", []),
        ("---", []),
        ("--K-K-", [2, 3, 4, 5]),
        ("K--K--K--K--", [6, 7, 8, 9, 10, 11]),
        ("K---------------", list(range(16))),
        ("KKKKKKKKKK", [6, 7, 8, 9]),
    ],
)
def test_it_begins_with_a_key_frame_and_holds_at_least_its_seconds(keys: str, expected: list[int]) -> None:
    assert held(ring_with(keys, seconds=3)) == expected


@pytest.mark.parametrize(
    ("keys", "max_packets", "expected"),
    [
        ("K--K--", 6, [0, 1, 2, 3, 4, 5]),
        ("K--K--", 5, [3, 4, 5]),
        ("K--K--K", 5, [3, 4, 5, 6]),
        ("K-----", 4, []),
        ("K-----K-", 4, [6, 7]),
    ],
)
def test_bytes_bound_it_by_whole_groups(keys: str, max_packets: int, expected: list[int]) -> None:
    ring = ring_with(keys, max_bytes=max_packets * SIZE)
    assert held(ring) == expected
    assert ring.bytes == len(expected) * SIZE


@pytest.mark.parametrize(
    ("moment", "begins"), [(-5, 0), (0, 0), (2.9, 0), (3, 3), (5.5, 3), (6, 6), (8, 6), (9.5, 6), (11, None)]
)
def test_a_moment_is_shown_from_the_key_frame_before_it_on(moment: float, begins: float | None) -> None:
    ring = ring_with("K--K--K--")
    number = ring.key_at(at(moment))
    assert (number is None) == (begins is None)
    if number is not None:
        assert ring.read(number)[0].packet.captured_at == at(begins or 0)


def test_a_moment_at_which_the_camera_was_away_is_shown_from_its_return_on() -> None:
    ring = ring_with("K--K--")
    ring.end()
    ring.begin(H264)
    for second in range(100, 103):
        ring.take(packet(second, key=second == 100))
    number = ring.key_at(at(90))
    assert number is not None
    assert ring.read(number)[0].packet.captured_at == at(100)


def test_an_empty_ring_has_no_moment() -> None:
    assert ring_with("").key_at(NOON) is None
    assert ring_with("").read(0) == []


def test_reading_goes_on_where_it_ended_and_tells_what_is_gone() -> None:
    ring = ring_with("K--K--", seconds=3)
    first = ring.read(0)
    assert ring.read(first[-1].number + 1) == []
    for second in range(6, 10):
        ring.take(packet(second, key=second == 9))
    assert [kept.number for kept in ring.read(first[-1].number + 1)] == [6, 7, 8, 9]
    assert ring.read(0)[0].number == 3


def test_after_a_new_connection_nothing_is_taken_before_its_key_frame() -> None:
    ring = ring_with("K--")
    ring.end()
    ring.take(packet(3))
    ring.begin(replace(H264, width=1280))
    for second, key in ((4, False), (5, True), (6, False)):
        ring.take(packet(second, key=key))
    assert held(ring) == [0, 1, 2, 5, 6]
    assert [kept.video.width for kept in ring.read(0)] == [640, 640, 640, 1280, 1280]


def test_a_codec_that_cannot_be_kept_is_left_out_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    ring = Ring("quang-trung-1", seconds=3, max_bytes=10**6)
    for _ in range(3):
        ring.begin(replace(H264, codec="mjpeg"))
        ring.take(packet(0, key=True))
        ring.end()
    assert held(ring) == []
    assert caplog.text.count("camera quang-trung-1 sends mjpeg") == 1


def test_packets_are_the_very_same_objects() -> None:
    ring = ring_with("")
    one = packet(0, key=True)
    ring.take(one)
    assert ring.read(0)[0].packet is one


def test_readers_see_every_packet_once_and_in_order_while_it_is_written() -> None:
    ring = ring_with("", seconds=1000)
    done = threading.Event()

    def write() -> None:
        for index in range(5000):
            ring.take(packet(index / 100, key=index % 25 == 0, size=10))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    numbers: list[int] = []
    while not (done.is_set() and len(numbers) == 5000):
        numbers += [kept.number for kept in ring.read(numbers[-1] + 1 if numbers else 0)]
    writer.join()
    assert numbers == list(range(5000))
