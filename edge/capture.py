"""One RTSP connection: opens it, demuxes once, decodes, and puts the latest frame where analysis finds it.

Works or raises CameraError with the fault; edge.supervise tries again. Addresses and passwords never leave here.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import SecretStr

from contracts.status import CameraFault
from edge.camera import Attempted, Broke, CameraNews, FrameArrived
from edge.slot import LatestSlot

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 4.0
"""A camera that says nothing for this long is stalled. One that falls silent after PLAY uses up both, first FFmpeg's
look at the stream and then the first read, and is still shown within 10 s.
"""

_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets on a busy market's switch, and a lost packet smears a whole GOP
    "rtsp_flags": "prefer_tcp",
    "allowed_media_types": "video",  # sound is never taken from a street
    "fflags": "nobuffer",
    "analyzeduration": "500000",
    "probesize": "500000",
    "max_delay": "0",
}

av.logging.set_level(None)  # its lines quote addresses with passwords


class CameraError(Exception):
    """The connection ended; `fault` says why."""

    def __init__(self, fault: CameraFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}{': ' if detail else ''}{detail}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A decoded picture, still in the decoder's pixel format, and when its packet reached the box."""

    picture: VideoFrame
    captured_at: datetime


class Capture:
    """Pulls one camera. `frames_seen` counts decoded frames; its rate is the camera's frame rate."""

    def __init__(
        self, camera: str, url: SecretStr, frames: LatestSlot[CapturedFrame], report: Callable[[CameraNews], None]
    ) -> None:
        self.frames_seen = 0
        self._camera = camera
        self._url = url
        self._frames = frames
        self._report = report

    def run(self, stop: threading.Event) -> None:
        """Stream until `stop` is set. Raises CameraError when the camera fails or ends."""
        self._report(Attempted())
        try:
            self._stream(stop)
        except CameraError as error:
            self._report(Broke(error.fault))
            raise

    def _stream(self, stop: threading.Event) -> None:
        last_frame = time.monotonic()
        with self._open() as container:
            video = _video_of(container)
            for captured in _decode(container, video, stop):
                if captured is None:
                    if time.monotonic() - last_frame > READ_TIMEOUT_S:
                        raise CameraError(CameraFault.CORRUPT, "packets arrive, but no picture comes of them")
                    continue
                last_frame = time.monotonic()
                self.frames_seen += 1
                self._report(FrameArrived(captured.picture.width, captured.picture.height))
                self._frames.put(captured)
        if not stop.is_set():
            raise CameraError(CameraFault.ENDED)

    def _open(self) -> InputContainer:
        began = time.monotonic()
        try:
            return av.open(
                self._url.get_secret_value(),
                mode="r",
                options={**_OPTIONS, "timeout": str(int(OPEN_TIMEOUT_S * 1e6))},
                timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            # An answer that does not come in time is invalid data to FFmpeg.
            late = time.monotonic() - began >= OPEN_TIMEOUT_S
            fault = CameraFault.TIMEOUT if late else _fault_of(error, streaming=False)
            raise CameraError(fault, _words_of(error)) from None


def _video_of(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise CameraError(CameraFault.NO_VIDEO)
    video = container.streams.video[0]
    # One thread a decoder: frame threads delay every picture by as many frames as there are threads.
    video.codec_context.thread_count = 1
    return video


def _decode(container: InputContainer, video: VideoStream, stop: threading.Event) -> Iterator[CapturedFrame | None]:
    """Frames as they come; None for a packet that gave no frame."""
    seen = False
    try:
        for packet in container.demux(video):
            if stop.is_set():
                return
            captured_at = datetime.now(UTC)
            try:
                pictures = packet.decode()
            except av.error.InvalidDataError:
                pictures = []
            if not pictures:
                yield None
            for picture in pictures:
                seen = True
                yield CapturedFrame(picture, captured_at)
    except (av.error.FFmpegError, OSError) as error:
        fault = _fault_of(error, streaming=True)
        if fault is CameraFault.STALLED and not seen:
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
