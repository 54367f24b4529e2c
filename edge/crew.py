"""The cameras at work: their stations, threads and streams, and how they change while the others go on.

What is decided of a change is `edge.configuration.difference`'s; here it is done. Rules change on the thread that
looks, between two frames, so none is asked half of the old and half of the new.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from contracts.event import Event
from contracts.status import CameraState, CameraStatus
from edge.analysis import Analysis
from edge.capture.rtsp import CameraError
from edge.centre.live import Live
from edge.centre.streams import Streams, streams_of
from edge.centre.sub import Sub
from edge.changing import Changing
from edge.config import CameraSettings, EdgeSettings
from edge.configuration.difference import CameraChange, Change, Difference
from edge.footage.keeping import Keeping
from edge.footage.newest import Newest
from edge.payment.rounds import Rounds
from edge.station import Station
from edge.supervise import Supervisor

log = logging.getLogger(__name__)

RECONNECT_LONGEST_S = 3.0
"""A camera that is good again must be back within seconds, and one that is gone costs one handshake a try."""

SWAP_TIMEOUT_S = 30.0
"""The thread that looks may be at a heavy batch; when it hangs for good the watchdog ends the process."""


class Crew:
    """Owns `stations` and `subs`, which others go through as they are, and `newest`: the newest pictures of the cameras
    that look at devices.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        supervisor: Supervisor,
        keeping: Keeping,
        live: Live | None,
        *,
        ready: threading.Event,
        on_change: Callable[[], None],
        newest: dict[str, Newest] | None = None,
    ) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._keeping = keeping
        self._live = live
        self._ready = ready
        self._on_change = on_change
        self._newest = {} if newest is None else newest
        self._analysis: Analysis | None = None
        self._rounds: Rounds | None = None
        self._subs: dict[str, Sub] = {}
        self._look_at_devices(settings)
        self.stations = Changing(self._made(camera) for camera in settings.cameras)
        self.subs = Changing(self._subs.values())

    def start(self, analysis: Analysis, rounds: Rounds) -> None:
        """Pull every camera. `analysis` and `rounds` are told of changes from now on."""
        self._analysis, self._rounds = analysis, rounds
        for station in self.stations:
            start_camera(self._supervisor, station)
        for sub in self.subs:
            start_sub(self._supervisor, sub)

    def statuses(self) -> tuple[CameraStatus, ...]:
        """How the cameras are."""
        return tuple(station.status() for station in self.stations)

    def streaming(self) -> frozenset[str]:
        """The cameras that bring pictures."""
        return frozenset(one.settings.id for one in self.stations if one.state is CameraState.STREAMING)

    def apply(self, differs: Difference, settings: EdgeSettings) -> None:
        """Work with `settings`, which differ so from those of before. Returns when the new ones hold."""
        assert self._analysis
        self._look_at_devices(settings)
        before = {station.settings.id: station for station in self.stations}
        old_subs = dict(self._subs)
        for one in differs.cameras:
            if one.after:
                self._keeping.put(one.after)
        anew = (Change.ADDED, Change.RECONNECTED)
        made = {one.camera: self._made(one.after) for one in differs.cameras if one.after and one.change in anew}
        # The old connection ends before the new one begins: many cameras allow few.
        leaving = [before[one.camera] for one in differs.cameras if one.change in (Change.RECONNECTED, Change.REMOVED)]
        for station in leaving:
            station.capture.abandon()
            self._subs_off(station.settings.id, old_subs)
        there = {**before, **made}
        work = partial(self._swap, differs, settings, [there[camera.id] for camera in settings.cameras])
        if not self._analysis.between_frames(work, SWAP_TIMEOUT_S):
            raise RuntimeError("the thread that looks does not come by")
        for one in differs.cameras:
            if one.change is Change.REMOVED:
                self._forget(one.camera)
        self.subs.replace(self._subs.values())
        for station in made.values():
            start_camera(self._supervisor, station)
            if sub := self._subs.get(station.settings.id):
                start_sub(self._supervisor, sub)
        self._on_change()

    def _swap(self, differs: Difference, settings: EdgeSettings, stations: list[Station]) -> None:
        """Between two frames: rules that changed begin anew, and what they had open is closed."""
        assert self._analysis
        assert self._rounds
        self._settings = settings
        by_id = {station.settings.id: station for station in stations}
        goes_on = {one.camera: self._renewed(one, by_id.get(one.camera)) for one in differs.cameras}
        for station in stations:
            station.newest = self._newest.get(station.settings.id)
        self.stations.replace(stations)
        self._analysis.close(lambda event: _ends(event, goes_on))

    def _renewed(self, one: CameraChange, station: Station | None) -> frozenset[str]:
        """The rules, checks and payment points of the camera that go on as they stood."""
        assert self._rounds
        if one.after is None or station is None:
            self._rounds.remove(one.camera)
            return frozenset()
        kept = frozenset[str]()
        if one.change is Change.RENEWED:
            kept = station.renew(one.after, one.after.health or self._settings.health)
        return kept | self._rounds.put(station)

    def _made(self, camera: CameraSettings) -> Station:
        """A camera's station, with what takes its packets."""
        streams = self._streams(camera)
        station = Station(
            camera,
            self._settings.analysis,
            self._settings.time_zone,
            ready=self._ready,
            on_change=self._on_change,
            calendar=self._settings.calendar,
            health=camera.health or self._settings.health,
            sinks=(*self._keeping.sinks(camera.id), *((streams.main,) if streams else ())),
            networks=self._settings.camera_networks,
        )
        station.newest = self._newest.get(camera.id)
        return station

    def _look_at_devices(self, settings: EdgeSettings) -> None:
        """Keep the newest picture of the cameras that look at a device, and of no others."""
        wanted = settings.devices.cameras if settings.devices else frozenset[str]()
        for camera in self._newest.keys() - wanted:
            del self._newest[camera]
        for camera in wanted:
            self._newest.setdefault(camera, Newest())

    def _streams(self, camera: CameraSettings) -> Streams | None:
        if self._live is None:
            return None
        streams = streams_of(camera, self._settings.camera_networks)
        self._live.put(camera.id, streams)
        if streams and streams.sub:
            self._subs[camera.id] = streams.sub
        else:
            self._subs.pop(camera.id, None)
        return streams

    def _subs_off(self, camera: str, subs: dict[str, Sub]) -> None:
        if sub := subs.get(camera):
            sub.capture.abandon()

    def _forget(self, camera: str) -> None:
        self._keeping.remove(camera)
        self._subs.pop(camera, None)
        if self._live:
            self._live.remove(camera)


def _ends(event: Event, goes_on: dict[str, frozenset[str]]) -> bool:
    """Whether nobody will close an event any more: its camera's rule or payment point is gone or begins anew."""
    if event.camera not in goes_on:
        return False
    return (event.payment_point or event.rule) not in goes_on[event.camera]


def replace_camera(supervisor: Supervisor, station: Station) -> None:
    """Leave the thread of a camera that hangs to itself, and pull the camera with another."""
    station.renew_capture()
    start_camera(supervisor, station)


def start_camera(supervisor: Supervisor, station: Station) -> None:
    """Pull one camera, again and again, until the supervisor stops or its capture is given up."""
    capture = station.capture
    supervisor.keep_running(
        f"camera {station.settings.id}",
        lambda: capture.run(supervisor.stop),
        transient=(CameraError,),
        longest_s=RECONNECT_LONGEST_S,
        on_error=lambda error, first: log.debug("camera %s: %s", station.settings.id, error) if first else None,
        until=lambda: capture.abandoned,
    )


def replace_sub(supervisor: Supervisor, sub: Sub) -> None:
    """Leave the thread of a sub-stream that hangs to itself, and pull it with another."""
    sub.renew_capture()
    start_sub(supervisor, sub)


def start_sub(supervisor: Supervisor, sub: Sub) -> None:
    """Pull a sub-stream whenever somebody watches it."""
    capture = sub.capture
    supervisor.keep_running(
        f"sub-stream of camera {sub.camera}",
        lambda: capture.run(supervisor.stop),
        transient=(CameraError,),
        until=lambda: capture.abandoned,
    )
