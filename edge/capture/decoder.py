"""Decodes one connection's packets, as many of them as edge.capture.decode finds worth it.

Has a codec context of its own: what hardware or a damaged stream does to it never touches the connection.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av
import av.error
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.capture.decode import Economy, Effort, Pace, decide, decoded
from edge.capture.hardware import CPU, accelerator
from edge.capture.packets import VideoFormat
from edge.capture.picture import rotation_of

log = logging.getLogger(__name__)

USUAL: Final = Economy(period_s=0.2)
MAX_PIXELS: Final = 8192 * 8192
"""A damaged stream may claim any size; no camera has more pixels than this."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a camera is to be decoded. `quiet` says whether nothing moves in front of it."""

    economy: Economy = USUAL
    device: str = CPU
    quiet: Callable[[], bool] = bool


class Decoder:
    """Owns the codec context. `rotation` is how many degrees clockwise make the pictures upright, as the stream says.

    `owing_since` is when the first packet came of those that have given no picture, `owing_key_since` the first key
    frame among them: from a key frame on nothing excuses a decoder.
    """

    def __init__(self, video: VideoFormat, decoding: Decoding) -> None:
        self.pictures_seen = 0
        self.rotation = 0
        self.owing_since: float | None = None
        self.owing_key_since: float | None = None
        self._codec = _codec_context(video, decoding.device)
        self._decoding = decoding
        self._pace = Pace()

    def feed(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        """The pictures that have come out of the decoder by now; usually one, or none."""
        at = time.monotonic()
        how = self._decoding
        self._pace, effort = decide(how.economy, self._pace, keyframe=packet.is_keyframe, at=at, quiet=how.quiet())
        if effort is Effort.NOTHING:
            return []
        pictures = self._decode(packet, effort)
        took_s = time.monotonic() - at
        self._pace = decoded(self._pace, effort, pictures=len(pictures), took_s=took_s, at=at)
        for picture in pictures:
            if picture.key_frame:  # only these say how the camera hangs
                self.rotation = rotation_of(picture)
        if pictures:
            self.pictures_seen += len(pictures)
            self.owing_since = self.owing_key_since = None
        elif effort is not Effort.REFERENCES:
            self.owing_since = self.owing_since or at
            if packet.is_keyframe:
                self.owing_key_since = self.owing_key_since or at
        return pictures

    def _decode(self, packet: Packet[VideoStream], effort: Effort) -> list[VideoFrame]:
        self._codec.skip_frame = "NONREF" if effort is Effort.REFERENCES else "DEFAULT"
        pictures: list[VideoFrame] = []
        try:
            pictures += self._codec.decode(packet)
            if effort is Effort.ALONE:
                pictures += self._codec.decode(None)
        except (av.error.FFmpegError, ValueError):
            pass  # damaged; what never gives a picture starves
        if effort is Effort.ALONE:
            self._codec.flush_buffers()
        return pictures


def _codec_context(video: VideoFormat, device: str) -> VideoCodecContext:
    """A decoder for what the camera announced, on hardware where it is wanted and there."""
    try:
        codec = av.CodecContext.create(video.codec, "r", accelerator(device, video.codec))
    except av.error.FFmpegError as error:
        log.warning("the decoding hardware failed, the CPU goes on: %s", error.strerror)
        codec = av.CodecContext.create(video.codec, "r")
    assert isinstance(codec, VideoCodecContext)
    codec.extradata = video.extradata or None
    # One thread a decoder: frame threads delay every picture by as many frames as there are threads.
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_PIXELS)}
    return codec
