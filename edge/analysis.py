"""The one thread that looks: takes the latest frames of all cameras, sees what is there, and has the rules decide.

Knows whose turn it is and what follows from what is seen; seeing itself is in edge.sight.sight.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue

import numpy as np

from contracts.event import Event
from edge.centre.live import Live, Offer
from edge.config import AnalysisSettings
from edge.detect import Detector, Picture
from edge.events import RECONFIGURED, Cause, EventBook, Moment, Place
from edge.footage.clip import Clips
from edge.footage.evidence import Candidate, Evidence
from edge.footage.media import MediaStore
from edge.rules.command import Close, Command
from edge.rules.presence import Sighting
from edge.sight.sight import Glance, Looking, Sight
from edge.station import Station, Tracks
from edge.watch import standing_in

CONNECTIONS_EVERY_S = 1.0
NO_PICTURE: Picture = np.zeros((1, 1, 3), np.uint8)

Turn = tuple[Station, Glance]
"""A camera's turn: a frame of it, and where in the frame to look."""

Batch = tuple[Sequence[Turn], Looking]
"""Turns that the detector is at work on."""


class Analysis:
    """Owns the sight, and the rules of all stations."""

    def __init__(
        self,
        stations: Collection[Station],
        settings: AnalysisSettings,
        detector: Detector,
        book: EventBook,
        media: MediaStore,
        live: Live | None,
        ready: threading.Event,
        clips: Clips | None = None,
    ) -> None:
        self._stations = stations
        self.sight = Sight(settings, detector)
        self._book = book
        self._evidence = Evidence(media, book, clips)
        self._live = live
        self._ready = ready
        self.beat_at = time.monotonic()
        self._connections_due = 0.0
        self._works: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def between_frames(self, work: Callable[[], None], timeout_s: float) -> bool:
        """Have this thread do `work` when it is with no frame; whether it did so in time. Called by other threads."""
        done = threading.Event()

        def carry_out() -> None:
            work()
            done.set()

        self._works.put(carry_out)
        return done.wait(timeout_s)

    def close(self, which: Callable[[Event], bool]) -> None:
        """Close open events of cameras whose rules are gone. For `work` between frames."""
        now = datetime.now(UTC)
        for event in self._book.close_those(lambda event: event.camera is not None and which(event), RECONFIGURED, now):
            self._evidence.hear(event, Candidate(NO_PICTURE, now, ()))

    def run(self, stop: threading.Event) -> None:
        """Analyse frames as they come until `stop` is set.

        While the detector is at work on a batch, the next one is prepared; so of a camera that is due again by then
        the places where to look are a frame older.
        """
        before: Batch | None = None
        while not stop.is_set():
            self.beat_at = time.monotonic()
            if not self._works.empty():
                if before:
                    self._finish(*before)
                    before = None
                self._works.get()()
            self._check_connections()
            turns = self._next_turns()
            batch = (turns, self.sight.begin([glance for _, glance in turns])) if turns else None
            if before:
                self._finish(*before)
            elif not batch:
                self._ready.wait(0.02)
                self._ready.clear()
            before = batch
        if before:
            self._finish(*before)

    def _finish(self, turns: Sequence[Turn], looking: Looking) -> None:
        for (station, glance), sightings in zip(turns, self.sight.end(looking), strict=True):
            self._decide(station, glance, sightings)

    def _next_turns(self) -> list[Turn]:
        """Frames that are due, those that waited longest first, until the detector has enough for one batch.

        When there is more to do than time, every camera's turns grow rarer alike.
        """
        turns: list[Turn] = []
        inputs = 0.0
        for station in sorted(self._stations, key=lambda station: station.due_at):
            if inputs >= self.sight.detector.batch:
                break
            if frame := station.take_if_due():
                glance = self.sight.glance(station.eye, frame)
                turns.append((station, glance))
                inputs += glance.inputs
        return turns

    def _decide(self, station: Station, glance: Glance, sightings: tuple[Sighting, ...]) -> None:
        station.analysed += 1
        if station.newest:
            station.newest.keep(glance.picture, glance.frame.captured_at)
        station.tracks = Tracks(glance.frame.captured_at, tuple(sighting.box for sighting in sightings))
        if glance.stirring:
            station.stir()
        for zone, polygon in station.zones.items():
            station.people[zone] = max(station.people.get(zone, 0), len(standing_in(polygon, sightings)))
        scene = station.lookout.scene(glance.picture, glance.frame.captured_at, sightings)
        for watch in station.lookout.watches:
            for command in watch.observe(scene):
                self._carry_out(station, glance, watch.settings, command)
        self._check(station, glance)
        self._evidence.look(station.settings.id, Candidate(glance.picture, glance.frame.captured_at, sightings))
        if self._live:
            offer = Offer(glance.picture, glance.frame.captured_at, sightings)
            self._live.offer(station.settings.id, offer)

    def _check(self, station: Station, glance: Glance) -> None:
        """Look after the camera itself."""
        at, health = glance.frame.captured_at, station.health
        if not health.wants_look(at):
            return
        for settings, command in health.observe(at, glance.grey, glance.picture, station.eye.mask):
            self._carry_out(station, glance, settings, command)
        if glance.frame.clock_offset_s is not None:
            for settings, command in health.compare_clock(at, glance.frame.clock_offset_s):
                self._carry_out(station, glance, settings, command)

    def _check_connections(self) -> None:
        """Look after cameras that may bring no pictures."""
        if time.monotonic() < self._connections_due:
            return
        self._connections_due = time.monotonic() + CONNECTIONS_EVERY_S
        now = datetime.now(UTC)
        for station in self._stations:
            place = Place(station.settings.site, station.settings.id, self.sight.detector.name)
            for settings, command in station.check_connection(now):
                event = self._book.carry_out(settings, place, command, Moment(now, now))
                self._evidence.hear(event, Candidate(NO_PICTURE, now, ()))

    def _carry_out(self, station: Station, glance: Glance, rule: Cause, command: Command) -> None:
        settings = station.settings
        # The event's tracks and its picture are of one frame, so a new count brings a new picture.
        frame = Candidate(
            glance.picture, glance.frame.captured_at, () if isinstance(command, Close) else command.sightings
        )
        moment = Moment(frame.captured_at, datetime.now(UTC))
        if not isinstance(command, Close):
            moment = self._evidence.moment(frame, rule.severity)
        place = Place(settings.site, settings.id, self.sight.detector.name, self.sight.detector.card)
        self._evidence.hear(self._book.carry_out(rule, place, command, moment), frame)
