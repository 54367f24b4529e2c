"""The thread that reads payment codes: goes round all points, one look a period each, at the camera's latest frame.

Reading a code that is hard to read costs ten times as much as one that is not. Such close looks share a part of one
core; when they need more, all grow rarer alike.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from contracts.inventory import Polygon
from contracts.telemetry import Sample
from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.centre.outbox import Outbox
from edge.geometry import Box
from edge.payment.alarms import Alarms, Site
from edge.payment.allowed import AllowSets
from edge.payment.settings import PaymentPointSettings
from edge.payment.state import PointState
from edge.payment.watch import PointWatch
from edge.rules.calendar import Calendar
from edge.station import Station

TICK_S: Final = 0.1
CLOSE_SHARE: Final = 0.15
"""Of one core's time that close looks may take: six a second of a region of 600 pixels."""

CLOSE_SAVED_S: Final = 0.5
"""What is saved up of it at most."""

TRACKS_HOLD: Final = timedelta(seconds=3)
"""How far in time a frame may be from the one in which tracks were seen, and they still tell who is where."""


@dataclass(slots=True)
class Allowance:
    """A share of a core's time. `left_s` may be overdrawn by one look."""

    share: float = CLOSE_SHARE
    left_s: float = CLOSE_SAVED_S
    filled_at: float | None = None

    def there(self, now: float) -> bool:
        """Whether there is any at this moment of the monotonic clock."""
        passed = now - (self.filled_at if self.filled_at is not None else now)
        self.left_s, self.filled_at = min(CLOSE_SAVED_S, self.left_s + passed * self.share), now
        return self.left_s > 0

    def spend(self, seconds: float) -> None:
        self.left_s -= seconds


@dataclass(slots=True)
class _Round:
    """The points of one camera, and when each is to be looked at again."""

    station: Station
    site: Site
    masks: tuple[Polygon, ...]
    watches: Sequence[PointWatch]
    due: dict[str, float] = field(default_factory=dict)

    def served(self) -> int:
        """How many close looks the point had that had the fewest."""
        return min(watch.close_looks for watch in self.watches)


class Rounds:
    """Owns the watches on all points of the box. `beat_at` is when its thread last came by, on the monotonic clock."""

    def __init__(
        self,
        stations: Collection[Station],
        allow: AllowSets,
        alarms: Alarms,
        outbox: Outbox,
        *,
        time_zone: str,
        calendar: Calendar,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.beat_at = clock()
        self.seconds = 0.0
        self._clock = clock
        self._alarms = alarms
        self._outbox = outbox
        self._allowance = Allowance()
        self._allow, self._time_zone, self._calendar = allow, time_zone, calendar
        self._turning = threading.Lock()
        self._rounds: list[_Round] = []
        for station in stations:
            self.put(station)

    def put(self, station: Station) -> frozenset[str]:
        """From now on look at the points of this camera, as its settings have them. Returns those that were looked at
        before in the same way, and go on as they stood.
        """
        camera, masks = station.settings.id, station.settings.masks
        with self._turning:
            before = next((one for one in self._rounds if one.site.camera == camera), None)
            known = {watch.settings: watch for watch in before.watches} if before and before.masks == masks else {}
            self._rounds = [one for one in self._rounds if one is not before]
            if station.settings.payment_points:
                self._rounds.append(_round(station, self._allow, self._time_zone, self._calendar, known))
        return frozenset(point.id for point in station.settings.payment_points if point in known)

    def remove(self, camera: str) -> None:
        """Look at the points of this camera no more."""
        with self._turning:
            self._rounds = [one for one in self._rounds if one.site.camera != camera]

    @property
    def watches(self) -> Iterator[tuple[str, PointWatch]]:
        """Every point with its camera."""
        return ((round_.site.camera, watch) for round_ in self._rounds for watch in round_.watches)

    def run(self, stop: threading.Event) -> None:
        """Look until `stop` is set."""
        while not stop.wait(TICK_S):
            self.tick()

    def tick(self) -> None:
        """Look at what is due and has a new frame."""
        self.beat_at = now = self._clock()
        with self._turning:
            self._go_round(now)

    def _go_round(self, now: float) -> None:
        # Those with the fewest close looks come first: there may not be enough for all.
        for round_ in sorted(self._rounds, key=_Round.served):
            due = [watch for watch in round_.watches if round_.due.get(watch.settings.id, now) <= now]
            frame = round_.station.codes.take() if due else None
            if frame is None:
                continue
            tracks = _tracks_in(frame, round_.station)
            for watch in sorted(due, key=lambda watch: watch.close_looks):
                round_.due[watch.settings.id] = now + watch.settings.every_s
                self._look(round_.site, watch, frame, tracks)

    def _look(self, site: Site, watch: PointWatch, frame: CapturedFrame, tracks: Sequence[Box]) -> None:
        before, began = watch.point.state, time.thread_time()
        closely = self._allowance.there(self._clock())
        for command in watch.look(frame, tracks, closely=closely):
            self._alarms.carry_out(site, watch.settings, frame, command)
        took = time.thread_time() - began
        self.seconds += took
        if closely:
            self._allowance.spend(took)
        if watch.point.state is not before:
            self._outbox.append_samples(list(_samples_of(watch, frame.captured_at)))

    def samples(self, at: datetime) -> Iterator[Sample]:
        """What is known of every point."""
        for _, watch in self.watches:
            yield from _samples_of(watch, at)


def _round(
    station: Station,
    allow: AllowSets,
    time_zone: str,
    calendar: Calendar,
    known: Mapping[PaymentPointSettings, PointWatch],
) -> _Round:
    settings = station.settings
    mask = Mask(settings.masks)
    watches = [
        known.get(point) or PointWatch(point, point.hours(time_zone, calendar), allow, mask)
        for point in settings.payment_points
    ]
    return _Round(station, Site(settings.site, settings.id, mask), settings.masks, watches)


def _tracks_in(frame: CapturedFrame, station: Station) -> Sequence[Box]:
    tracks = station.tracks
    return tracks.boxes if tracks.at and abs(frame.captured_at - tracks.at) <= TRACKS_HOLD else ()


def _samples_of(watch: PointWatch, at: datetime) -> Iterator[Sample]:
    """Whether the code is verified, as long as that is known, and how large it was when it was last read."""
    state, point = watch.state_at(at), watch.settings.id
    if state is PointState.UNKNOWN:
        return
    yield Sample(at=at, device=point, metric="code.verified", value=float(state is PointState.VERIFIED))
    if watch.pixels_per_module is not None:
        size = round(watch.pixels_per_module, 2)
        yield Sample(at=at, device=point, metric="code.pixels_per_module", value=size)
