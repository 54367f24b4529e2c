"""One stream of a camera for the live line, as it comes: cut into pieces of MP4, never encoded again.

A PacketSink. Keeps the packets since the last key frame, so that whoever begins to watch sees the camera at once; does
nothing else while nobody watches. When the line is slower than the camera, whole stretches up to the next key frame are
left out: what waits is never older than MOST_WAIT_S.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from contracts.video import StreamName, VideoHeader, pack
from edge.capture.nal import CODECS
from edge.capture.packets import VideoFormat, VideoPacket
from edge.centre.fmp4 import fragment, header
from edge.footage.timeline import TIME_BASE, Timeline

MOST_WAIT_S: Final = 2.0
MOST_BYTES: Final = 16_000_000
"""Of one group of pictures. A camera whose groups are larger is joined at its next key frame."""

_USUAL_STEP: Final = TIME_BASE.denominator // 25
_LONGEST_STEP: Final = TIME_BASE.denominator


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A packet to be sent, its format, and since when it waits, on the monotonic clock."""

    video: VideoFormat
    packet: VideoPacket
    since: float


class Relay:
    """`begin`, `take` and `end` are called by the camera's thread; the others by the live line's."""

    def __init__(self, camera: str, stream: StreamName | None = None) -> None:
        self.skipped = 0
        self._camera = camera
        self._stream = stream
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._video: VideoFormat | None = None
        self._group: list[VideoPacket] = []
        self._group_bytes = 0
        self._waiting: deque[_Waiting] = deque()
        self._watched = self._wants_key = False
        self._pieces: _Pieces | None = None
        self._taken_at: float | None = None
        self.playable = True

    @property
    def rotation(self) -> int | None:
        """Degrees clockwise that make the pictures upright; None while no packet has come."""
        video = self._video
        return video.rotation if video else None

    @property
    def can_begin(self) -> bool:
        """Whether who begins to watch now would see the camera at once."""
        return bool(self._group)

    def silent_s(self, now: float) -> float | None:
        """For how long no packet has come, at `now` of the monotonic clock; None while there is no connection."""
        taken_at = self._taken_at
        return None if taken_at is None else now - taken_at

    def begin(self, video: VideoFormat) -> None:
        with self._lock:
            self._video = video if video.codec in CODECS else None
            self.playable = self._video is not None
            self._forget_group()

    def take(self, packet: VideoPacket) -> None:
        with self._lock:
            self._taken_at = time.monotonic()
            if self._video is None or not (packet.keyframe or self._group):
                return
            if self._group and _repeats(packet, self._group[-1]):
                return
            self._keep(packet)
            if self._watched:
                self._queue(_Waiting(self._video, packet, time.monotonic()))
                self._ready.set()

    def end(self) -> None:
        with self._lock:
            self._taken_at = None
            self._forget_group()

    def ring_at(self, ready: threading.Event) -> None:
        """Set `ready` whenever there is something to be sent."""
        self._ready = ready

    def start(self) -> None:
        """Somebody watches from now on: begin anew, with the last key frame."""
        with self._lock:
            self._watched, self._wants_key, self._pieces = True, not self._group, None
            now, video = time.monotonic(), self._video
            self._waiting = deque(_Waiting(video, packet, now) for packet in self._group if video)
            if self._waiting:
                self._ready.set()

    def stop(self) -> None:
        """Nobody watches any more."""
        with self._lock:
            self._watched = False
            self._waiting.clear()

    def next(self) -> list[bytes]:
        """The messages for the next packet; none when none waits."""
        with self._lock:
            if not self._waiting:
                return []
            waiting = self._waiting.popleft()
            pieces = self._pieces
            if pieces is None or pieces.video != waiting.video:
                pieces = self._pieces = _Pieces(self._camera, self._stream, waiting.video)
        return pieces.of(waiting.packet)

    def _keep(self, packet: VideoPacket) -> None:
        if packet.keyframe:
            self._forget_group()
        self._group.append(packet)
        self._group_bytes += len(packet.data)
        if self._group_bytes > MOST_BYTES:
            self._forget_group()

    def _forget_group(self) -> None:
        self._group, self._group_bytes = [], 0

    def _queue(self, waiting: _Waiting) -> None:
        if self._waiting and waiting.since - self._waiting[0].since > MOST_WAIT_S:
            self.skipped += len(self._waiting)
            self._waiting.clear()
            self._wants_key = True
        if waiting.packet.keyframe or not self._wants_key:
            self._wants_key = False
            self._waiting.append(waiting)


def _repeats(packet: VideoPacket, last: VideoPacket) -> bool:
    """Whether a packet came twice, which some servers do: a browser's decoder gives up on the second."""
    return packet.pts == last.pts and packet.data == last.data


class _Pieces:
    """A stream of pieces of one format, from its init piece on. Begins with a key frame."""

    def __init__(self, camera: str, stream: StreamName | None, video: VideoFormat) -> None:
        self.video = video
        self._camera = camera
        self._stream = stream
        self._timeline = Timeline()
        self._number = 0
        self._dts, self._step = 0, _USUAL_STEP

    def of(self, packet: VideoPacket) -> list[bytes]:
        pts, dts = self._timeline.place(packet, self.video.time_base)
        if self._number:
            self._step = min(dts - self._dts, _LONGEST_STEP)
        first = [] if self._number else self._init(packet)
        self._dts = dts
        self._number += 1
        piece = fragment(
            self.video.codec,
            packet.data,
            number=self._number,
            dts=dts,
            delay=pts - dts,
            duration=self._step,
            keyframe=packet.keyframe,
        )
        told = VideoHeader(
            camera=self._camera,
            stream=self._stream,
            kind="key" if packet.keyframe else "delta",
            captured_at=packet.captured_at,
            sequence=self._number,
            pts=pts,
        )
        return [*first, pack(told, piece)]

    def _init(self, packet: VideoPacket) -> list[bytes]:
        made = header(self.video)
        if made is None:
            return []  # what follows cannot be shown, and the page says that it waits
        width, height = self.video.width, self.video.height
        told = VideoHeader(
            camera=self._camera,
            stream=self._stream,
            kind="init",
            captured_at=packet.captured_at,
            codec=made.codec,
            width=height if self.video.rotation % 180 else width,
            height=width if self.video.rotation % 180 else height,
        )
        return [pack(told, made.data)]
