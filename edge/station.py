"""Everything that the box keeps about one camera: its connection, its frames, what it sees and its rules.

Written by several threads: capture and the watchdog report the connection, analysis owns the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.status import CameraFault, CameraState, CameraStatus
from edge.capture.capture import Capture, CapturedFrame
from edge.capture.connection import Broke, CameraNews, Connection, advance
from edge.capture.decode import Economy
from edge.capture.decoder import Decoding
from edge.capture.mask import Mask
from edge.capture.packets import PacketSink
from edge.capture.slot import LatestSlot, Slots
from edge.config import AnalysisSettings, CameraSettings
from edge.footage.newest import Newest
from edge.geometry import Box
from edge.health.settings import CheckSettings, HealthSettings
from edge.health.watch import CameraHealth
from edge.lookout import Lookout
from edge.rules.calendar import Calendar
from edge.rules.command import Command
from edge.sight.sight import Eye

log = logging.getLogger(__name__)

NO_OWN_HOLIDAYS = Calendar()
USUAL_HEALTH = HealthSettings()

QUIET_AFTER_S = 10.0
SILENT_S = 8.0
"""A camera that brings nothing for this long is shown as failed, whatever its thread is doing."""


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


@dataclass(frozen=True, slots=True)
class Tracks:
    """Where tracks were in the last frame that was analysed."""

    at: datetime | None = None
    boxes: tuple[Box, ...] = ()


class Station:
    """One camera of the box. `codes` holds the latest frame for whoever reads payment codes."""

    def __init__(
        self,
        settings: CameraSettings,
        analysis: AnalysisSettings,
        time_zone: str,
        *,
        ready: threading.Event,
        on_change: Callable[[], None],
        sinks: Sequence[PacketSink] = (),
        calendar: Calendar = NO_OWN_HOLIDAYS,
        health: HealthSettings = USUAL_HEALTH,
        networks: Sequence[Network] = CAMERA_NETWORKS,
    ) -> None:
        self.settings = settings
        self.frames: LatestSlot[CapturedFrame] = LatestSlot(ready)
        self.codes: LatestSlot[CapturedFrame] = LatestSlot()
        self.tracks = Tracks()
        self._sinks = sinks
        self._decoding = Decoding(
            Economy(1 / analysis.fps, analysis.quiet == "keyframes"), analysis.decode, lambda: self.quiet
        )
        self._networks = networks
        self.capture = self._new_capture()
        self.eye = Eye(analysis.fps, Mask(settings.masks), analysis.tracker)
        self.health = CameraHealth(health)
        self.lookout = Lookout(settings, time_zone, calendar)
        self._time_zone, self._calendar = time_zone, calendar
        self.zones = {zone.id: zone.polygon for zone in settings.zones}
        self.people: dict[str, int] = {}
        self.analysed = 0
        self.newest: Newest | None = None
        self._period_s = 1.0 / analysis.fps
        self._due = 0.0
        self._arrival, self._analysis = Meter(), Meter()
        self._connection = Connection(CameraState.CONNECTING, datetime.now(UTC))
        self._hearing = threading.Lock()
        self._on_change = on_change
        self._began = self._stirred_at = time.monotonic()

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

    @property
    def quiet(self) -> bool:
        """Whether nothing has moved in front of the camera for a while."""
        return time.monotonic() - self._stirred_at > QUIET_AFTER_S

    def check_connection(self, now: datetime) -> list[tuple[CheckSettings, Command]]:
        """What follows for the camera's health from how its connection stands. Called by analysis."""
        connection = self._connection
        return self.health.hear(connection.state, connection.fault, now)

    def stir(self) -> None:
        """Something moves, or somebody is there."""
        self._stirred_at = time.monotonic()

    def check(self, now: float) -> None:
        """Show a camera as failed whose thread has been inside FFmpeg for too long to say so itself.

        `now` is of the monotonic clock. Called by the watchdog.
        """
        connection = self._connection
        if connection.state is CameraState.CONNECTING and now - self._began > SILENT_S:
            self._hear(Broke(CameraFault.TIMEOUT))
        elif connection.state is CameraState.STREAMING and now - self.capture.beat_at > SILENT_S:
            self._hear(Broke(CameraFault.STALLED))

    def renew_capture(self) -> None:
        """Give up the capture whose thread hangs, and take another."""
        self.capture.abandon()
        self._hear(Broke(CameraFault.STALLED))
        seen, self.capture = self.capture.packets_seen, self._new_capture()
        self.capture.packets_seen = seen

    def renew(self, settings: CameraSettings, health: HealthSettings) -> frozenset[str]:
        """Watch otherwise from now on, on the same connection; called by analysis. Returns the rules and checks that go
        on as they stood.
        """
        after = self.lookout.renewed(settings, self._time_zone, self._calendar)
        kept = self.lookout.goes_on(after)
        masked = settings.masks != self.settings.masks
        if masked:
            self.eye.mask = Mask(settings.masks)
        if masked or health != self.health.settings:
            self.health = CameraHealth(health)
        else:
            kept |= health.names()
        self.settings, self.lookout = settings, after
        self.zones = {zone.id: zone.polygon for zone in settings.zones}
        self.people = {zone: people for zone, people in self.people.items() if zone in self.zones}
        return kept

    def _new_capture(self) -> Capture:
        return Capture(
            self.settings.url,
            Slots(self.frames, self.codes) if self.settings.payment_points else self.frames,
            self._hear,
            sinks=self._sinks,
            decoding=self._decoding,
            rotation=self.settings.rotate,
            networks=self._networks,
        )

    def status(self) -> CameraStatus:
        """How the camera is now."""
        connection = self._connection
        streaming = connection.state is CameraState.STREAMING
        arrival, analysis = self._arrival.read(self.capture.packets_seen), self._analysis.read(self.analysed)
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
        """Called by the capture thread, and by the watchdog."""
        now = datetime.now(UTC)
        with self._hearing:
            before = self._connection
            after = self._connection = advance(before, news, now)
        if after is before:
            return
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
