from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from edge.capture.fanout import FanOut
from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat, VideoPacket
from tests.support.samples import NOON
from tests.support.streams import Film, encode

SMALL, LARGE = encode("h264", 320, 180, count=12), encode("h264", 642, 358, count=12)
HEVC, LARGE_HEVC = encode("hevc", 320, 180, count=12), encode("hevc", 642, 358, count=12)
ANNOUNCED = VideoFormat("h264", 320, 180, Fraction(1, 90_000), parameter_sets("h264", SMALL.units[0].data))


class Sink:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[VideoFormat | VideoPacket | str] = []

    def begin(self, video: VideoFormat) -> None:
        self.heard.append(video)

    def take(self, packet: VideoPacket) -> None:
        self.heard.append(packet)

    def end(self) -> None:
        self.heard.append("end")

    @property
    def formats(self) -> list[VideoFormat]:
        return [heard for heard in self.heard if isinstance(heard, VideoFormat)]


def packets(film: Film) -> list[VideoPacket]:
    return [VideoPacket(unit.data, None, None, unit.keyframe, NOON) for unit in film.units]


def feed(announced: VideoFormat, given: list[VideoPacket]) -> Sink:
    sink = Sink()
    fanout = FanOut([sink])
    fanout.announce(announced)
    for packet in given:
        fanout.take(packet)
    fanout.end()
    return sink


def test_every_sink_hears_the_format_then_every_packet_then_the_end() -> None:
    sinks, given = [Sink(), Sink()], packets(SMALL)
    fanout = FanOut(sinks)
    fanout.announce(ANNOUNCED)
    for packet in given:
        fanout.take(packet)
    fanout.end()
    for sink in sinks:
        assert sink.heard == [ANNOUNCED, *given, "end"]


@pytest.mark.parametrize(("codec", "before", "after"), [("h264", SMALL, LARGE), ("hevc", HEVC, LARGE_HEVC)])
def test_new_parameter_sets_are_a_new_format(codec: str, before: Film, after: Film) -> None:
    announced = replace(ANNOUNCED, codec=codec, extradata=parameter_sets(codec, before.units[0].data))
    sink = feed(announced, packets(before) + packets(after))
    assert [(video.width, video.height) for video in sink.formats] == [(320, 180), (642, 358)]
    assert sink.formats[1].extradata == parameter_sets(codec, after.units[0].data)
    assert isinstance(first := sink.heard[sink.heard.index(sink.formats[1]) + 1], VideoPacket)
    assert first.keyframe


def test_a_format_that_nobody_announced_is_read_off_the_first_key_frame() -> None:
    given = packets(SMALL)
    sink = feed(replace(ANNOUNCED, width=0, height=0, extradata=b""), given[1:9] + given)
    assert sink.heard == [ANNOUNCED, *given, "end"]


def test_a_damaged_key_frame_is_passed_on_and_changes_nothing() -> None:
    key = packets(LARGE)[0]
    damaged = replace(key, data=key.data[:5] + bytes(6) + key.data[11:])
    sink = feed(ANNOUNCED, [packets(SMALL)[0], damaged])
    assert sink.formats == [ANNOUNCED]
    assert len(sink.heard) == 4


def test_a_picture_that_lies_is_a_new_format_from_the_next_packet_on() -> None:
    sink, given = Sink(), packets(SMALL)
    fanout = FanOut([sink])
    fanout.announce(ANNOUNCED)
    fanout.take(given[0])
    fanout.turn(90)
    fanout.turn(90)
    fanout.take(given[1])
    assert sink.heard == [ANNOUNCED, given[0], replace(ANNOUNCED, rotation=90), given[1]]


def test_a_connection_without_a_packet_is_nobodys_business() -> None:
    assert feed(ANNOUNCED, []).heard == []


def test_an_end_without_a_beginning_is_not_told() -> None:
    sink = Sink()
    FanOut([sink]).end()
    assert sink.heard == []


def test_each_connection_begins_anew() -> None:
    sink, given = Sink(), packets(SMALL)
    fanout = FanOut([sink])
    for _ in range(2):
        fanout.announce(ANNOUNCED)
        fanout.take(given[0])
        fanout.end()
    assert sink.heard == [ANNOUNCED, given[0], "end"] * 2


def test_other_codecs_go_through_as_they_were_announced() -> None:
    jpeg = replace(ANNOUNCED, codec="mjpeg", extradata=b"")
    picture = VideoPacket(b"\xff\xd8\xff\xd9", 0, 0, keyframe=True, captured_at=NOON)
    assert feed(jpeg, [picture]).heard == [jpeg, picture, "end"]
