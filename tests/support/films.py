"""The packets of films as a camera's connection hands them over, with times and faults as a test wants them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import av
import av.error
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from demo.film import STREET
from edge.capture.packets import PacketSink, VideoFormat, VideoPacket
from tests.support.samples import NOON

STEP = timedelta(seconds=0.1)
"""Between two pictures of the sample film."""


@dataclass(frozen=True, slots=True)
class Film:
    """A stream's format and its packets, of which the first is a key frame."""

    video: VideoFormat
    packets: tuple[VideoPacket, ...]

    def starting(self, at: datetime, packets: int | None = None) -> Film:
        """The same packets (the first so many), as if the first had come at `at`."""
        shift = at - self.packets[0].captured_at
        moved = (replace(packet, captured_at=packet.captured_at + shift) for packet in self.packets[:packets])
        return replace(self, packets=tuple(moved))

    def into(self, sink: PacketSink) -> None:
        """One connection from its beginning to its end."""
        sink.begin(self.video)
        for packet in self.packets:
            sink.take(packet)
        sink.end()


@cache
def street() -> Film:
    """The sample film: H.264, 768 x 576, ten pictures a second, a key frame every two seconds."""
    return _read(STREET.read_bytes())


@cache
def painted(codec: str, width: int, height: int, pictures: int = 40, keys_every: int = 10) -> Film:
    """A film made here: a white square that wanders over grey, with a key frame every `keys_every` pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        options = {"preset": "ultrafast", "tune": "zerolatency", **quiet}
        stream = out.add_stream(codec, rate=10, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", keys_every
        for number in range(pictures):
            picture = np.full((height, width, 3), 90, np.uint8)
            left = number * 4 % (width - 40)
            picture[20:60, left : left + 40] = 255
            out.mux(stream.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    return _read(file.getvalue())


def _read(mp4: bytes) -> Film:
    with av.open(io.BytesIO(mp4), "r") as container:
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        to_annex_b = BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
        assert stream.time_base
        packets = [
            VideoPacket(bytes(part), part.pts, part.dts, part.is_keyframe, NOON)
            for packet in container.demux(stream)
            if packet.size
            for part in to_annex_b.filter(packet)
        ]
        first = packets[0].dts or 0
        timed = tuple(
            replace(packet, captured_at=NOON + timedelta(seconds=float(((packet.dts or 0) - first) * stream.time_base)))
            for packet in packets
        )
        video = VideoFormat(codec, stream.width, stream.height, stream.time_base, b"")
        return Film(video, timed)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a player finds in an MP4 file."""

    codec: str
    tag: str
    width: int
    height: int
    seconds: float
    times: tuple[float, ...]
    rotation: int


def seen_in(path: Path) -> Seen:
    """Decode a whole file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame for packet in container.demux(stream) for frame in _decoded(packet)]
        context = stream.codec_context
        times = tuple(frame.time or 0.0 for frame in frames)
        return Seen(
            context.name, context.codec_tag, context.width, context.height,
            (container.duration or 0) / av.time_base, times, frames[0].rotation if frames else 0,
        )  # fmt: skip


def _decoded(packet: Packet[VideoStream]) -> list[VideoFrame]:
    """As a player does: what is damaged is left out."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        return []


def numbered(packets: Iterable[VideoPacket], *, pts: Sequence[int | None]) -> Iterator[VideoPacket]:
    """The packets with other time stamps."""
    for packet, stamp in zip(packets, pts, strict=True):
        yield replace(packet, pts=stamp, dts=stamp)
