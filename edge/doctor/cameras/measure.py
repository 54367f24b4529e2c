"""One stream of a camera, pulled for some seconds as the box pulls it: what it is, and what it really sends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import av.error
from av.packet import Packet
from av.video.stream import VideoStream

from contracts.addresses import Network
from contracts.status import CameraFault
from edge.capture.lookup import Lookup
from edge.capture.rtsp import CameraError, opened, packets_of, video_of

CODECS: Final = frozenset({"h264", "hevc"})


@dataclass(frozen=True, slots=True)
class Length:
    """How long to watch: at least and at most, in seconds. Between the two, until a second key frame has come."""

    least_s: float = 4.0
    most_s: float = 12.0


@dataclass(frozen=True, slots=True)
class Stream:
    """What came. `gop_s` is exact only if `gop_known`, else at least that. `decode` is CPU seconds a second of video
    cost; of a stream that the box cannot decode, nothing is measured.
    """

    codec: str
    width: int
    height: int
    fps: float = 0.0
    kbps: float = 0.0
    gop_s: float = 0.0
    gop_known: bool = False
    claimed_fps: float | None = None
    decode: float = 0.0


@dataclass(slots=True)
class _Seen:
    arrived: list[float] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    size: int = 0
    pictures: int = 0


def measure(url: str, networks: Sequence[Network], length: Length) -> Stream:
    """Watch the stream. Raises CameraError when it cannot be had, or shows no picture."""
    with opened(Lookup(url, networks=networks)) as container:
        video = video_of(container)
        codec = video.codec_context
        claimed = float(video.average_rate) if video.average_rate else None
        if codec.name not in CODECS:
            return Stream(codec.name, codec.width, codec.height, claimed_fps=claimed)
        codec.thread_count = 1  # so that this thread's CPU time is what decoding costs
        seen, spent = _Seen(), time.thread_time()
        _watch(container, video, length, seen)
        spent = time.thread_time() - spent
        if not seen.pictures:
            raise CameraError(CameraFault.CORRUPT)
        return _sum_up(video, seen, claimed, spent)


def _watch(container: av.container.InputContainer, video: VideoStream, length: Length, seen: _Seen) -> None:
    began = time.monotonic()
    for packet in packets_of(container, video, lambda: seen.pictures > 0):
        now = time.monotonic()
        _take(packet, now, seen)
        with contextlib.suppress(av.error.FFmpegError):  # one damaged picture; none at all is told
            seen.pictures += len(video.codec_context.decode(packet))
        watched = now - began
        if watched >= length.most_s or (watched >= length.least_s and len(seen.keys) > 1):
            return


def _take(packet: Packet[VideoStream], now: float, seen: _Seen) -> None:
    seen.arrived.append(now)
    seen.size += packet.size
    if packet.pts is not None and packet.time_base:
        seen.stamps.append(float(packet.pts * packet.time_base))
    if packet.is_keyframe:
        seen.keys.append(now)


def _sum_up(video: VideoStream, seen: _Seen, claimed: float | None, spent: float) -> Stream:
    codec = video.codec_context
    lasted = _lasted(seen)
    gaps = [later - earlier for earlier, later in zip(seen.keys, seen.keys[1:], strict=False)]
    return Stream(
        codec=codec.name,
        width=codec.width,
        height=codec.height,
        fps=(len(seen.arrived) - 1) / lasted,
        kbps=seen.size * 8 / 1000 / lasted,
        gop_s=max(gaps) if gaps else lasted,
        gop_known=bool(gaps),
        claimed_fps=claimed,
        decode=spent / lasted,
    )


def _lasted(seen: _Seen) -> float:
    """How long the pictures lasted: by the camera's stamps when they say more than our clock, since cameras send what
    they have kept in one burst at the beginning; stamps that leap say nothing.
    """
    arrived = max(seen.arrived[-1] - seen.arrived[0], 1e-3)
    span = max(seen.stamps) - min(seen.stamps) if len(seen.stamps) > 1 else 0.0
    return span if arrived < span < 3 * arrived + 2 else arrived
