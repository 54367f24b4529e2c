"""Everything that the box keeps about one camera: its connection, its frames, what it sees and its rules.

Written by two threads, each its own part: capture reports the connection, analysis owns the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from contracts.status import CameraFault, CameraState, CameraStatus
from edge.camera import CameraNews, Connection, advance
from edge.capture import Capture, CapturedFrame
from edge.config import AnalysisSettings, CameraSettings
from edge.sight import Eye
from edge.slot import LatestSlot
from edge.watch import make_watch

log = logging.getLogger(__name__)


class Meter:
    """Turns a rising count into a rate per second, measured between two readings."""

    def __init__(self) -> None:
        self._count, self._at, self._rate = 0, time.monotonic(), 0.0

    def read(self, count: int) -> float:
        """The rate since the last reading that lies a second or more back."""
        now = time.monotonic()
        if now - self._at >= 1.0:
            self._rate = (count - self._count) / (now - self._at)
            self._count, self._at = count, now
        return round(self._rate, 1)


class Station:
    """One camera of the box."""

    def __init__(
        self,
        settings: CameraSettings,
        analysis: AnalysisSettings,
        time_zone: str,
        *,
        ready: threading.Event,
        on_change: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.frames: LatestSlot[CapturedFrame] = LatestSlot(ready)
        self.capture = Capture(settings.id, settings.url, self.frames, self._hear)
        self.eye = Eye(analysis.fps)
        self.watches = [make_watch(rule, time_zone) for rule in settings.rules]
        self.zones = {zone.id: zone.polygon for zone in settings.zones}
        self.people: dict[str, int] = {}
        self.analysed = 0
        self._period_s = 1.0 / analysis.fps
        self._due = 0.0
        self._arrival, self._analysis = Meter(), Meter()
        self._connection = Connection(CameraState.CONNECTING, datetime.now(UTC))
        self._on_change = on_change

    @property
    def state(self) -> CameraState:
        """Where the connection stands."""
        return self._connection.state

    @property
    def due_at(self) -> float:
        """When the next frame should be looked at, on the monotonic clock."""
        return self._due

    def take_if_due(self) -> CapturedFrame | None:
        """The latest frame if it is time for one; frames between are left out, and never wait in line."""
        now = time.monotonic()
        if now < self._due:
            return None
        frame = self.frames.take()
        if frame:
            # A camera that could not be served in time gets its next turn from now: missed turns are not caught up.
            self._due = max(self._due + self._period_s, now)
        return frame

    def status(self) -> CameraStatus:
        """How the camera is now."""
        connection = self._connection
        streaming = connection.state is CameraState.STREAMING
        arrival, analysis = self._arrival.read(self.capture.frames_seen), self._analysis.read(self.analysed)
        return CameraStatus(
            id=self.settings.id,
            site=self.settings.site,
            state=connection.state,
            since=connection.since,
            fault=connection.fault,
            width=connection.width,
            height=connection.height,
            fps=arrival if streaming else None,
            analysed_fps=analysis if streaming else None,
        )

    def _hear(self, news: CameraNews) -> None:
        """Called by the capture thread."""
        before, now = self._connection, datetime.now(UTC)
        after = advance(before, news, now)
        if after is before:
            return
        self._connection = after
        if (after.state, after.fault) == (before.state, before.fault):
            return
        self._say(before, after, now)
        self._on_change()

    def _say(self, before: Connection, after: Connection, now: datetime) -> None:
        camera = self.settings.id
        if after.state is CameraState.FAILED and after.fault is not None:
            log.warning("camera %s stopped: %s", camera, CameraFault(after.fault).value)
        elif before.state is CameraState.FAILED:
            log.info("camera %s streaming again after %.0f s", camera, (now - before.since).total_seconds())
        else:
            log.info("camera %s streaming, %dx%d", camera, after.width, after.height)
