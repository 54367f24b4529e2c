"""Pulls a camera's packets only while somebody wants them, and a little longer; nothing of them is decoded.

Works or raises CameraError with the fault; edge.supervise tries again. One thread means one connection at most: many
cameras allow few.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.status import CameraFault
from edge.capture.fanout import FanOut
from edge.capture.lookup import Lookup
from edge.capture.nal import CODECS
from edge.capture.packets import PacketSink, VideoPacket
from edge.capture.rtsp import CameraError, format_of, opened, packets_of, video_of

LINGER_S: Final = 20.0
"""For so long a connection is kept that nobody wants: who turns a page comes back, and cameras connect slowly."""

_BEAT_S: Final = 0.5


class Demand:
    """Whether somebody wants the packets. `begin` and `end` are called by one thread, the others by another."""

    def __init__(self) -> None:
        self._there = threading.Event()
        self._until = 0.0

    def begin(self) -> None:
        self._there.set()

    def end(self, now: float) -> None:
        """Nobody wants them any more; `now` is of the monotonic clock."""
        self._until = now + LINGER_S
        self._there.clear()

    def lasts(self, now: float) -> bool:
        """Whether a connection is to be kept."""
        return self._there.is_set() or now < self._until

    def await_first(self) -> bool:
        """Wait a moment for somebody; whether there is."""
        return self._there.wait(_BEAT_S)


class DemandedCapture:
    """Gives one camera's packets to a sink. `failed` is the fault of the last attempt until packets come again;
    `beat_at` is when its thread last came by, on the monotonic clock.
    """

    def __init__(
        self,
        url: SecretStr,
        sink: PacketSink,
        demand: Demand,
        *,
        rotation: Callable[[], int] = int,
        networks: Sequence[Network] = CAMERA_NETWORKS,
    ) -> None:
        self.beat_at = time.monotonic()
        self.failed: CameraFault | None = None
        self.unplayable = False
        self.abandoned = False
        self._lookup = Lookup(url.get_secret_value(), networks=networks)
        self._fanout = FanOut((sink,))
        self._demand = demand
        self._rotation = rotation

    def abandon(self) -> None:
        """Hear no more of this connection, whose thread may be inside FFmpeg for good. Called by another thread."""
        self.abandoned = True
        self._fanout.end()
        self._fanout = FanOut(())

    def run(self, stop: threading.Event) -> None:
        """Wait for somebody, then stream until nobody has wanted it for a while. Raises CameraError when it fails."""
        while not self._demand.await_first():
            self.beat_at = time.monotonic()
            if stop.is_set() or self.abandoned:
                return
        try:
            self._stream(stop)
        except CameraError as error:
            self.failed = error.fault
            raise
        finally:
            self._fanout.end()

    def _stream(self, stop: threading.Event) -> None:
        self.beat_at = time.monotonic()
        with opened(self._lookup) as container:
            video = video_of(container)
            announced = format_of(video, self._rotation())
            self.unplayable = announced.codec not in CODECS
            if self.unplayable:
                raise CameraError(CameraFault.NO_VIDEO, "neither H.264 nor H.265")
            self._fanout.announce(announced)
            for packet in packets_of(container, video, lambda: self.failed is None):
                self.beat_at = time.monotonic()
                if stop.is_set() or self.abandoned or not self._demand.lasts(self.beat_at):
                    return
                self.failed = None
                if packet.is_keyframe:
                    self._fanout.turn(self._rotation())
                self._fanout.take(
                    VideoPacket(bytes(packet), packet.pts, packet.dts, packet.is_keyframe, datetime.now(UTC))
                )
        raise CameraError(CameraFault.ENDED)
