"""Pulls one camera: demuxes once, fans packets out, and puts the latest frame where analysis finds it.

Works or raises CameraError with the fault; edge.supervise tries again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import SecretStr

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.status import CameraFault
from edge.capture.connection import Attempted, Broke, CameraNews, FrameArrived
from edge.capture.decoder import Decoder, Decoding
from edge.capture.fanout import FanOut
from edge.capture.lookup import Lookup
from edge.capture.packets import PacketSink, VideoPacket
from edge.capture.picture import upright_size
from edge.capture.rtsp import READ_TIMEOUT_S, CameraError, format_of, opened, packets_of, video_of
from edge.capture.slot import Taker
from edge.health.clock import clock_offset_s

KEY_FRAME_TIMEOUT_S = 20.0
"""A camera that was joined between two key frames owes no picture before the next; some send one in ten seconds."""

SHOWN_AFTER_S = 7.0
"""While it is waited for, a camera without a picture is shown as failed this long after the attempt began."""

WITH_THE_CPU: Final = Decoding()


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A decoded picture, still in the decoder's pixel format, and when its packet reached the box. It is upright after
    `rotation` degrees clockwise. `clock_offset_s` is by how much the camera's own clock is ahead of the box's, where
    the camera says what time it is.
    """

    picture: VideoFrame
    captured_at: datetime
    rotation: int = 0
    clock_offset_s: float | None = None


class Capture:
    """Pulls one camera. `packets_seen` counts its pictures, decoded or not: its rate is the camera's frame rate.

    `beat_at` is when the thread that runs it last came by, on the monotonic clock.
    """

    def __init__(
        self,
        url: SecretStr,
        frames: Taker[CapturedFrame],
        report: Callable[[CameraNews], None],
        *,
        sinks: Sequence[PacketSink] = (),
        decoding: Decoding = WITH_THE_CPU,
        rotation: int = 0,
        networks: Sequence[Network] = CAMERA_NETWORKS,
    ) -> None:
        self.packets_seen = 0
        self._began = self.beat_at = time.monotonic()
        self._lookup = Lookup(url.get_secret_value(), networks=networks)
        self._frames = frames
        self._report = report
        self._fanout = FanOut(sinks)
        self._decoding = decoding
        self._rotation = rotation
        self.abandoned = False

    def abandon(self) -> None:
        """Hear no more of this connection, whose thread may be inside FFmpeg for good. Called by another thread."""
        self.abandoned = True
        self._fanout.end()
        self._fanout = FanOut(())

    def run(self, stop: threading.Event) -> None:
        """Stream until `stop` is set. Raises CameraError when the camera fails or ends."""
        self._began = self.beat_at = time.monotonic()
        self._tell(Attempted())
        try:
            self._stream(stop)
        except CameraError as error:
            self._tell(Broke(error.fault))
            raise
        finally:
            self._fanout.end()

    def _stream(self, stop: threading.Event) -> None:
        with opened(self._lookup) as container:
            video = video_of(container)
            announced = format_of(video, self._rotation)
            self._fanout.announce(announced)
            decoder = Decoder(announced, self._decoding)
            for packet in packets_of(container, video, lambda: decoder.pictures_seen > 0):
                if stop.is_set() or self.abandoned:
                    return
                self._take(packet, decoder)
        if not stop.is_set():
            raise CameraError(CameraFault.ENDED)

    def _take(self, packet: Packet[VideoStream], decoder: Decoder) -> None:
        """Hand on what came: undecoded to the sinks, decoded to analysis."""
        self.beat_at, captured_at = time.monotonic(), datetime.now(UTC)
        self.packets_seen += 1
        self._fanout.take(VideoPacket(bytes(packet), packet.pts, packet.dts, packet.is_keyframe, captured_at))
        pictures = decoder.feed(packet)
        for picture in pictures:
            rotation = (self._rotation + decoder.rotation) % 360
            frame = CapturedFrame(picture, captured_at, rotation, clock_offset_s(packet, captured_at))
            self._fanout.turn(frame.rotation)
            self._tell(FrameArrived(*upright_size(picture, frame.rotation)))
            self._frames.put(frame)
        if not pictures:
            self._bear(decoder)

    def _tell(self, news: CameraNews) -> None:
        if not self.abandoned:
            self._report(news)

    def _bear(self, decoder: Decoder) -> None:
        """Bear with a camera whose packets give no picture, as long as it may be about to send a key frame."""
        now = time.monotonic()
        waited = now - (decoder.owing_since or now)
        since_key = now - (decoder.owing_key_since or now)
        patience = READ_TIMEOUT_S if decoder.pictures_seen else KEY_FRAME_TIMEOUT_S
        if since_key > READ_TIMEOUT_S or waited > patience:
            raise CameraError(CameraFault.CORRUPT, "packets arrive, but no picture comes of them")
        if waited > READ_TIMEOUT_S / 2 and now - self._began > SHOWN_AFTER_S:
            self._tell(Broke(CameraFault.CORRUPT))
