"""Measures the box and its cameras at regular times and puts the numbers into the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count as counted
from pathlib import Path
from typing import Final

import psutil

from contracts.status import CameraState
from contracts.telemetry import Sample
from edge.centre.outbox import Outbox
from edge.payment.rounds import Rounds
from edge.station import Station

CODES_EVERY: Final = 6
"""Payment codes are told of in every sixth measurement only, since what becomes of one is told at once."""


class Measurements:
    """Owns the interval."""

    def __init__(
        self,
        box: str,
        data_dir: Path,
        stations: Collection[Station],
        outbox: Outbox,
        every_s: float,
        rounds: Rounds | None = None,
        certificates: Callable[[datetime], Iterable[Sample]] = lambda _: (),
    ) -> None:
        self._box = box
        self._data_dir = data_dir
        self._stations = stations
        self._outbox = outbox
        self._every_s = every_s
        self._rounds = rounds
        self._certificates = certificates

    def run(self, stop: threading.Event) -> None:
        """Measure every `every_s` seconds until `stop` is set."""
        psutil.cpu_percent()  # the first reading is always 0
        for turn in counted(1):
            if stop.wait(self._every_s):
                return
            at = datetime.now(UTC)
            codes = self._rounds.samples(at) if self._rounds and turn % CODES_EVERY == 0 else ()
            self._outbox.append_samples([*self._measure(at), *codes])

    def _measure(self, at: datetime) -> Iterator[Sample]:
        box = self._box
        yield Sample(at=at, device=box, metric="box.cpu_percent", value=psutil.cpu_percent())
        yield Sample(at=at, device=box, metric="box.memory_percent", value=psutil.virtual_memory().percent)
        free = psutil.disk_usage(str(self._data_dir)).free
        yield Sample(at=at, device=box, metric="box.disk_free_bytes", value=float(free))
        yield Sample(at=at, device=box, metric="outbox.pending", value=float(self._outbox.pending))
        yield Sample(at=at, device=box, metric="outbox.dropped", value=float(self._outbox.dropped))
        yield from self._certificates(at)
        for station in self._stations:
            yield from _of_camera(station, at)


def _of_camera(station: Station, at: datetime) -> Iterator[Sample]:
    status = station.status()
    streaming = status.state is CameraState.STREAMING
    yield Sample(at=at, device=status.id, metric="camera.streaming", value=float(streaming))
    yield Sample(at=at, device=status.id, metric="camera.fps", value=status.fps or 0.0)
    yield Sample(at=at, device=status.id, metric="camera.analysed_fps", value=status.analysed_fps or 0.0)
    skipped, station.eye.skipped = station.eye.skipped, 0
    yield Sample(at=at, device=status.id, metric="camera.regions_skipped", value=float(skipped))
    if streaming:
        yield from _of_picture(station, at)
        # The most people at once since the last measurement; without pictures nobody was counted, not nobody there.
        for zone in station.zones:
            people = station.people.pop(zone, 0)
            yield Sample(at=at, device=status.id, metric="zone.people", value=float(people), zone=zone)
    for line, counts in station.lookout.take_counts().items():
        for metric, count in counts.items():
            # Who crossed is told even if the camera failed since; that nobody did, only a camera at work knows.
            if count or streaming:
                yield Sample(at=at, device=status.id, metric=metric, value=float(count), zone=line)


def _of_picture(station: Station, at: datetime) -> Iterator[Sample]:
    """How bright and how sharp the camera's picture is, both 0 to 1."""
    health = station.health
    for metric, value in (("camera.brightness", health.brightness), ("camera.sharpness", health.sharpness)):
        if value is not None:
            yield Sample(at=at, device=station.settings.id, metric=metric, value=round(value, 3))
