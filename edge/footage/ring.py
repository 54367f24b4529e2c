"""The last seconds of a camera's packets, in memory: what a clip's first moments and the recorder are taken from.

Always begins with a key frame and is bounded by seconds and by bytes. Packets are kept as they came; nothing is copied.
Written by the camera's thread, read by others under one lock, each with a number from which to go on reading.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from edge.capture.nal import CODECS
from edge.capture.packets import VideoFormat, VideoPacket

log = logging.getLogger(__name__)

AWAY: Final = timedelta(seconds=2)
"""A camera that sent nothing for this long was away."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A packet, the format in force when it came, and its number, which counts up over all connections."""

    number: int
    video: VideoFormat
    packet: VideoPacket


class Ring:
    """A PacketSink. Holds `seconds` and at most `max_bytes`."""

    def __init__(self, camera: str, *, seconds: float, max_bytes: int) -> None:
        self.dropped_for_bytes = 0
        self._camera = camera
        self._keep = timedelta(seconds=seconds)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: deque[Kept] = deque()
        self._keys: deque[Kept] = deque()
        self._bytes = self._next = 0
        self._video: VideoFormat | None = None
        self._waiting = True
        self._told_of = ""

    def begin(self, video: VideoFormat) -> None:
        if video.codec not in CODECS and self._told_of != video.codec:
            self._told_of = video.codec
            log.warning("camera %s sends %s: there will be no clips and no recording of it", self._camera, video.codec)
        with self._lock:
            self._video = video if video.codec in CODECS else None
            self._waiting = True

    def take(self, packet: VideoPacket) -> None:
        with self._lock:
            if self._video is None or (self._waiting and not packet.keyframe):
                return
            self._waiting = False
            kept = Kept(self._next, self._video, packet)
            self._next += 1
            self._kept.append(kept)
            self._bytes += len(packet.data)
            if packet.keyframe:
                self._keys.append(kept)
                self._drop_older_than(packet.captured_at - self._keep)
            while self._bytes > self._max_bytes:
                self._drop_first_group()
                self.dropped_for_bytes += 1
                self._waiting = not self._kept  # one group alone was too large: go on with the next

    def end(self) -> None:
        with self._lock:
            self._waiting = True

    def hold(self, *, seconds: float, max_bytes: int) -> None:
        """Hold more from now on, or less."""
        with self._lock:
            self._keep, self._max_bytes = timedelta(seconds=seconds), max_bytes

    @property
    def bytes(self) -> int:
        """How much is held now."""
        return self._bytes

    def key_at(self, at: datetime) -> int | None:
        """The number of the key frame from which pictures are shown from `at` on: the last one at or before, unless
        the camera was away at `at`, else the first one after. None while there is none.
        """
        with self._lock:
            before = [key for key in self._keys if key.packet.captured_at <= at]
            after = next((key.number for key in self._keys if key.packet.captured_at > at), None)
            if before and self._last_before(after).packet.captured_at >= at - AWAY:
                return before[-1].number
            return after

    def read(self, number: int) -> list[Kept]:
        """What is held from `number` on. It begins later when what was there is gone already."""
        with self._lock:
            if not self._kept:
                return []
            return list(islice(self._kept, max(0, number - self._kept[0].number), None))

    def _last_before(self, number: int | None) -> Kept:
        """The last packet before that of `number`, or of all."""
        return self._kept[-1] if number is None else self._kept[number - 1 - self._kept[0].number]

    def _drop_older_than(self, oldest: datetime) -> None:
        """Drop whole groups while the next key frame is still old enough to begin with."""
        while len(self._keys) > 1 and self._keys[1].packet.captured_at <= oldest:
            self._drop_first_group()

    def _drop_first_group(self) -> None:
        """Drop the first key frame and all that hang on it."""
        self._keys.popleft()
        until = self._keys[0].number if self._keys else self._next
        while self._kept and self._kept[0].number < until:
            self._bytes -= len(self._kept.popleft().packet.data)
