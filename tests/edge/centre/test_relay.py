from __future__ import annotations

import io
import threading
import time
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import av
import pytest

from contracts.video import VideoHeader, read_header
from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat, VideoPacket
from edge.centre import relay as module
from edge.centre.relay import Relay
from tests.support.samples import NOON
from tests.support.streams import Film, encode

CAMERA = "quang-trung-1"
FILM = encode("h264", 320, 180, count=30, fps=10, gop=10)
LARGER = encode("h264", 640, 360, count=20, fps=10, gop=10)


def video_of(film: Film, width: int = 320, height: int = 180) -> VideoFormat:
    sets = parameter_sets(film.codec, film.units[0].data)
    return VideoFormat(film.codec, width, height, Fraction(1, 90_000), sets)


def packets(film: Film, first: int = 0) -> list[VideoPacket]:
    return [
        VideoPacket(unit.data, number * 9000, number * 9000, unit.keyframe, NOON + timedelta(seconds=number / 10))
        for number, unit in enumerate(film.units, start=first)
    ]


def sent(relay: Relay) -> list[bytes]:
    """All that waits."""
    messages = []
    while new := relay.next():
        messages += new
    return messages


def headers(messages: list[bytes]) -> list[VideoHeader]:
    return [read_header(message) for message in messages]


def mp4(messages: list[bytes]) -> bytes:
    return b"".join(message[4 + int.from_bytes(message[1:4], "big") :] for message in messages)


def running(film: Film = FILM, given: int = 0) -> Relay:
    """A relay of a camera that has sent so many packets."""
    relay = Relay(CAMERA)
    relay.begin(video_of(film))
    for packet in packets(film)[:given]:
        relay.take(packet)
    return relay


def test_while_nobody_watches_nothing_waits() -> None:
    relay = running(given=30)
    assert sent(relay) == []


def test_who_begins_to_watch_gets_the_pictures_since_the_last_key_frame_at_once() -> None:
    relay = running(given=17)
    relay.start()
    told = headers(sent(relay))
    assert [header.kind for header in told] == ["init", "key"] + ["delta"] * 6
    assert [header.captured_at for header in told[1:]] == [packet.captured_at for packet in packets(FILM)[10:17]]
    assert [header.sequence for header in told[1:]] == list(range(1, 8))
    for packet in packets(FILM)[17:20]:
        relay.take(packet)
    assert [header.sequence for header in headers(sent(relay))] == [8, 9, 10]


def test_what_is_sent_is_the_cameras_own_video() -> None:
    relay = running()
    relay.start()
    for packet in packets(FILM):
        relay.take(packet)
    messages = sent(relay)
    with av.open(io.BytesIO(mp4(messages)), "r") as container:
        pictures = [frame.to_ndarray() for frame in container.decode(video=0)]
    with av.open(io.BytesIO(b"".join(unit.data for unit in FILM.units)), "r", format="h264") as container:
        true = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert len(pictures) == 30
    assert all((one == other).all() for one, other in zip(pictures, true, strict=True))
    first = headers(messages)[0]
    assert (first.codec, first.width, first.height) == ("avc1.42c00b", 320, 180)


def test_a_stop_and_a_start_begin_anew_with_a_header() -> None:
    relay = running(given=12)
    relay.start()
    sent(relay)
    relay.stop()
    for packet in packets(FILM)[12:14]:
        relay.take(packet)
    assert sent(relay) == []
    relay.start()
    told = headers(sent(relay))
    assert [(header.kind, header.sequence) for header in told] == [("init", 0), ("key", 1)] + [
        ("delta", number) for number in (2, 3, 4)
    ]


def test_a_line_that_is_too_slow_goes_on_at_the_next_key_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAIT_S", 0.05)
    relay = running(given=1)
    relay.start()
    sent(relay)
    for packet in packets(FILM)[1:5]:
        relay.take(packet)
    time.sleep(0.06)
    for packet in packets(FILM)[5:12]:
        relay.take(packet)
    told = headers(sent(relay))
    assert [header.kind for header in told] == ["key", "delta"]
    assert told[0].captured_at == packets(FILM)[10].captured_at
    assert relay.skipped == 4


def test_what_waits_is_bounded_while_nobody_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAIT_S", 0.0)
    relay = running()
    relay.start()
    for round_ in range(20):
        for packet in packets(FILM, 30 * round_):
            relay.take(packet)
    assert len(sent(relay)) <= 1 + 10


def test_a_group_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 3 * len(FILM.units[0].data) // 2)
    relay = running(given=9)
    relay.start()
    assert sent(relay) == []
    for packet in packets(FILM)[9:13]:
        relay.take(packet)
    assert [header.kind for header in headers(sent(relay))] == ["init", "key", "delta", "delta"]


def test_a_new_format_begins_with_its_own_header() -> None:
    relay = running()
    relay.start()
    for packet in packets(FILM)[:12]:
        relay.take(packet)
    relay.begin(video_of(LARGER, 640, 360))
    for packet in packets(LARGER, 12)[5:12]:
        relay.take(packet)
    told = headers(sent(relay))
    begun = [header for header in told if header.kind == "init"]
    assert [(header.width, header.height) for header in begun] == [(320, 180), (640, 360)]
    assert [header.kind for header in told[-3:]] == ["init", "key", "delta"], (
        "pictures without their key frame go nowhere"
    )


def test_a_connection_that_was_lost_goes_on_with_a_key_frame() -> None:
    relay = running()
    relay.start()
    for packet in packets(FILM)[:12]:
        relay.take(packet)
    sent(relay)
    relay.end()
    relay.begin(video_of(FILM))
    for packet in packets(FILM, 50)[5:12]:
        relay.take(packet)
    told = headers(sent(relay))
    assert [header.kind for header in told] == ["key", "delta"]
    assert told[0].pts == 60 * 9_000, "times go on as they were told"


def test_upright_size_is_told_of_a_turned_camera() -> None:
    relay = Relay(CAMERA)
    relay.begin(replace(video_of(FILM), rotation=90))
    relay.start()
    relay.take(packets(FILM)[0])
    begun = headers(sent(relay))[0]
    assert (begun.width, begun.height) == (180, 320)


def test_what_no_browser_plays_is_not_relayed() -> None:
    relay = Relay(CAMERA)
    relay.begin(VideoFormat("mjpeg", 320, 180, Fraction(1, 90_000), b""))
    relay.start()
    relay.take(VideoPacket(b"\xff\xd8", 0, 0, True, NOON))
    assert (sent(relay), relay.playable) == ([], False)


def test_the_one_who_waits_is_woken() -> None:
    relay, ready = running(given=1), threading.Event()
    relay.ring_at(ready)
    relay.take(packets(FILM)[1])
    assert not ready.is_set()
    relay.start()
    assert ready.is_set()
    ready.clear()
    relay.take(packets(FILM)[2])
    assert ready.is_set()


def test_a_packet_that_comes_twice_is_sent_once() -> None:
    relay = running()
    relay.start()
    for packet in packets(FILM)[:12]:
        relay.take(packet)
        relay.take(replace(packet, captured_at=packet.captured_at + timedelta(milliseconds=1)))
    assert [header.sequence for header in headers(sent(relay))] == list(range(13))
