"""The box's cameras without the rest of the box: pulled, watched over and restarted by the real parts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

from pydantic import SecretStr

from contracts.status import CameraState
from edge.capture.packets import PacketSink
from edge.config import AnalysisSettings, CameraSettings
from edge.crew import replace_camera, start_camera
from edge.notify import ServiceNotice
from edge.station import Station
from edge.supervise import Supervisor
from edge.watchdog import Watchdog
from tests.support.cameras import address
from tests.support.waiting import eventually


class Box:
    """Cameras pulled as the box pulls them. `stop` ends all of them."""

    def __init__(self, analysis: AnalysisSettings | None = None, *, limit_s: float | None = None) -> None:
        self.supervisor = Supervisor()
        self.stations: list[Station] = []
        self._analysis = analysis or AnalysisSettings(decode="cpu")
        watchdog = Watchdog(
            self.supervisor,
            self.stations,
            {},
            partial(replace_camera, self.supervisor),
            ServiceNotice({}),
            limit_s=limit_s,
        )
        self.supervisor.start("watchdog", lambda: watchdog.run(self.supervisor.stop))

    def pull(
        self, name: str, port: int, *, sinks: Sequence[PacketSink] = (), host: str = "127.0.0.1", rotate: int = 0
    ) -> Station:
        """Start pulling the camera at a port of this machine."""
        url = SecretStr(address(port).replace("127.0.0.1", host))
        settings = CameraSettings.model_validate({"id": name, "site": "quang-trung", "url": url, "rotate": rotate})
        ready, changed = threading.Event(), threading.Event()
        station = Station(settings, self._analysis, "UTC", ready=ready, on_change=changed.set, sinks=sinks)
        start_camera(self.supervisor, station)
        self.stations.append(station)
        return station

    def stop(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(6)


def is_in(station: Station, state: CameraState) -> bool:
    return station.status().state is state


def seconds_until(what: Callable[[], bool], timeout_s: float = 25.0) -> float:
    began = time.monotonic()
    eventually(what, timeout_s)
    return time.monotonic() - began


def kept(rates: Sequence[float], fps: float) -> bool:
    """Whether a camera kept its frame rate: in all measurements but one (this machine may pause), and on average."""
    return sorted(rates)[1] > 0.8 * fps and fmean(rates) > 0.9 * fps


def frame_rates(station: Station, over: Callable[[], bool]) -> list[float]:
    """Frames a second in each two seconds, from the first picture on."""
    eventually(lambda: is_in(station, CameraState.STREAMING))
    rates, pause = [], threading.Event()
    while not over():
        began, frames = time.monotonic(), station.capture.packets_seen
        pause.wait(2.0)
        rates.append((station.capture.packets_seen - frames) / (time.monotonic() - began))
    return rates
