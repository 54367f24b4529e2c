"""One RTSP connection as packets: opens it and demuxes it, and says in a fault why it could not or did not go on.

Addresses and passwords never leave here.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator

import av
import av.error
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from contracts.status import CameraFault
from edge.capture.lookup import Lookup, LookupFailedError
from edge.capture.packets import VideoFormat

OPEN_TIMEOUT_S = 5.0
"""For FFmpeg's talk with the camera, and again for its first look at the stream."""

READ_TIMEOUT_S = 4.0
"""A camera that says nothing for this long is stalled."""

_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets on a busy market's switch, and a lost packet smears a whole GOP
    "rtsp_flags": "prefer_tcp",
    "allowed_media_types": "video",  # sound is never taken from a street
    # FFmpeg's look at the stream ends with its first packet: what the camera announced and its key frames say the rest,
    # and a camera of one picture a second would be looked at for five.
    "probesize": "32",
    "max_delay": "0",
}

av.logging.set_level(None)  # its lines quote addresses with passwords


class CameraError(Exception):
    """The connection ended; `fault` says why."""

    def __init__(self, fault: CameraFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}{': ' if detail else ''}{detail}")
        self.fault = fault


def opened(lookup: Lookup) -> InputContainer:
    """The connection, open. Raises CameraError."""
    url = _found(lookup)
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


def _found(lookup: Lookup) -> str:
    try:
        return lookup.check()
    except LookupFailedError as error:
        raise CameraError(CameraFault.UNREACHABLE, str(error)) from None


def video_of(container: InputContainer) -> VideoStream:
    """The connection's video. Raises CameraError when there is none."""
    for video in container.streams.video:
        if video.codec_context is not None:  # None for a codec that FFmpeg does not know, whatever its types say
            return video
    raise CameraError(CameraFault.NO_VIDEO)


def format_of(video: VideoStream, rotation: int) -> VideoFormat:
    """What the camera announces."""
    codec = video.codec_context
    assert video.time_base
    return VideoFormat(codec.name, codec.width, codec.height, video.time_base, codec.extradata or b"", rotation)


def packets_of(
    container: InputContainer, video: VideoStream, shown: Callable[[], bool]
) -> Iterator[Packet[VideoStream]]:
    """Packets as they come. Raises CameraError when no more will: one that stalls before anything of it was `shown`
    did not answer in time.
    """
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
        if fault is CameraFault.STALLED and not shown():
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
