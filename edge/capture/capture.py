"""One RTSP connection: opens it, demuxes once, fans packets out, and puts the latest frame where analysis finds it.

Works or raises CameraError with the fault; edge.supervise tries again. Addresses and passwords never leave here.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import av
import av.error
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import SecretStr

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.status import CameraFault
from edge.capture.connection import Attempted, Broke, CameraNews, FrameArrived
from edge.capture.decoder import Decoder, Decoding
from edge.capture.fanout import FanOut
from edge.capture.lookup import Lookup, LookupFailedError
from edge.capture.packets import PacketSink, VideoFormat, VideoPacket
from edge.capture.picture import upright_size
from edge.capture.slot import LatestSlot
from edge.health.clock import clock_offset_s

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 5.0
"""For FFmpeg's talk with the camera, and again for its first look at the stream."""

READ_TIMEOUT_S = 4.0
"""A camera that says nothing for this long is stalled."""

KEY_FRAME_TIMEOUT_S = 20.0
"""A camera that was joined between two key frames owes no picture before the next; some send one in ten seconds."""

SHOWN_AFTER_S = 7.0
"""While it is waited for, a camera without a picture is shown as failed this long after the attempt began."""

_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets on a busy market's switch, and a lost packet smears a whole GOP
    "rtsp_flags": "prefer_tcp",
    "allowed_media_types": "video",  # sound is never taken from a street
    # FFmpeg's look at the stream ends with its first packet: what the camera announced and its key frames say the rest,
    # and a camera of one picture a second would be looked at for five.
    "probesize": "32",
    "max_delay": "0",
}

WITH_THE_CPU: Final = Decoding()

av.logging.set_level(None)  # its lines quote addresses with passwords


class CameraError(Exception):
    """The connection ended; `fault` says why."""

    def __init__(self, fault: CameraFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}{': ' if detail else ''}{detail}")
        self.fault = fault


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
        frames: LatestSlot[CapturedFrame],
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
        with self._open(self._find()) as container:
            video = _video_of(container)
            announced = _format_of(video, self._rotation)
            self._fanout.announce(announced)
            decoder = Decoder(announced, self._decoding)
            for packet in _packets(container, video, decoder):
                if stop.is_set() or self.abandoned:
                    return
                self._take(packet, decoder)
        if not stop.is_set():
            raise CameraError(CameraFault.ENDED)

    def _find(self) -> str:
        try:
            return self._lookup.check()
        except LookupFailedError as error:
            raise CameraError(CameraFault.UNREACHABLE, str(error)) from None

    def _open(self, url: str) -> InputContainer:
        began = time.monotonic()
        try:
            return av.open(
                url,
                mode="r",
                options={**_OPTIONS, "timeout": str(int(OPEN_TIMEOUT_S * 1e6))},
                timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            # An answer that does not come in time is invalid data to FFmpeg.
            late = time.monotonic() - began >= OPEN_TIMEOUT_S
            fault = CameraFault.TIMEOUT if late else _fault_of(error, streaming=False)
            raise CameraError(fault, _words_of(error)) from None

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


def _video_of(container: InputContainer) -> VideoStream:
    for video in container.streams.video:
        if video.codec_context is not None:  # None for a codec that FFmpeg does not know, whatever its types say
            return video
    raise CameraError(CameraFault.NO_VIDEO)


def _format_of(video: VideoStream, rotation: int) -> VideoFormat:
    codec = video.codec_context
    assert video.time_base
    return VideoFormat(codec.name, codec.width, codec.height, video.time_base, codec.extradata or b"", rotation)


def _packets(container: InputContainer, video: VideoStream, decoder: Decoder) -> Iterator[Packet[VideoStream]]:
    """Packets as they come. Raises CameraError when no more will."""
    try:
        asked_at = time.monotonic()
        for packet in container.demux(video):
            waited = time.monotonic() - asked_at
            if packet.size:  # the last one, at the end, is empty
                yield packet
            if waited >= READ_TIMEOUT_S:  # it is what FFmpeg had left; the camera itself says no more
                raise TimeoutError
            asked_at = time.monotonic()
    except (av.error.FFmpegError, OSError) as error:
        fault = _fault_of(error, streaming=True)
        if fault is CameraFault.STALLED and not decoder.pictures_seen:
            fault = CameraFault.TIMEOUT
        raise CameraError(fault, _words_of(error)) from None


def _words_of(error: Exception) -> str:
    """What FFmpeg says without the address, which holds the password as user, path or query, as the maker pleased."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _fault_of(error: Exception, *, streaming: bool) -> CameraFault:
    """Sort what FFmpeg says into what a technician can act on."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return CameraFault.UNAUTHORIZED
        case av.error.HTTPNotFoundError():
            return CameraFault.NOT_FOUND
        case av.error.ExitError() | TimeoutError():
            return CameraFault.STALLED if streaming else CameraFault.TIMEOUT
        case av.error.EOFError():
            return CameraFault.ENDED
        case OSError() if error.errno == errno.ECONNREFUSED:
            return CameraFault.REFUSED
        case OSError() if error.errno == errno.ETIMEDOUT:
            return CameraFault.STALLED if streaming else CameraFault.TIMEOUT
        case OSError() if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EIO):
            return CameraFault.ENDED if streaming else CameraFault.UNREACHABLE
        case OSError() if error.errno in (errno.ECONNRESET, errno.EPIPE):
            return CameraFault.ENDED
        case _:
            return CameraFault.CORRUPT if streaming else CameraFault.PROTOCOL
