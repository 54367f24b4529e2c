"""The one thread that looks: takes the latest frames of all cameras, sees what is there, and has the rules decide.

Knows whose turn it is and what follows from what is seen; seeing itself is in edge.sight.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import cv2

from edge.config import AnalysisSettings
from edge.detect import Detector, Picture
from edge.events import EventBook, Moment, Place
from edge.live import Live, Offer
from edge.media import MediaStore
from edge.rules.command import Close, Command
from edge.rules.presence import Sighting
from edge.sight import Glance, Sight
from edge.station import Station
from edge.watch import RuleWatch, standing_in

SNAPSHOT_QUALITY = 85

Turn = tuple[Station, Glance]
"""A camera's turn: a frame of it, and where in the frame to look."""


class Analysis:
    """Owns the sight, and the rules of all stations."""

    def __init__(
        self,
        stations: Sequence[Station],
        settings: AnalysisSettings,
        detector: Detector,
        book: EventBook,
        media: MediaStore,
        live: Live | None,
        ready: threading.Event,
    ) -> None:
        self._stations = stations
        self._sight = Sight(settings, detector)
        self._book = book
        self._media = media
        self._live = live
        self._ready = ready

    def run(self, stop: threading.Event) -> None:
        """Analyse frames as they come until `stop` is set."""
        while not stop.is_set():
            turns = self._next_turns()
            if not turns:
                self._ready.wait(0.02)
                self._ready.clear()
                continue
            seen = self._sight.see([glance for _, glance in turns])
            for (station, glance), sightings in zip(turns, seen, strict=True):
                self._decide(station, glance, sightings)

    def _next_turns(self) -> list[Turn]:
        """Frames that are due, those that waited longest first, until the detector has enough for one batch.

        When there is more to do than time, every camera's turns grow rarer alike.
        """
        turns: list[Turn] = []
        crops = 0
        for station in sorted(self._stations, key=lambda station: station.due_at):
            if crops >= self._sight.detector.batch:
                break
            if frame := station.take_if_due():
                glance = self._sight.glance(station.eye, frame)
                turns.append((station, glance))
                crops += len(glance.regions)
        return turns

    def _decide(self, station: Station, glance: Glance, sightings: tuple[Sighting, ...]) -> None:
        station.analysed += 1
        zones = {zone: standing_in(polygon, sightings) for zone, polygon in station.zones.items()}
        for zone, people in zones.items():
            station.people[zone] = max(station.people.get(zone, 0), len(people))
        for watch in station.watches:
            for command in watch.observe(glance.frame.captured_at, zones[watch.settings.zone]):
                self._carry_out(station, glance, watch, command)
        if self._live:
            offer = Offer(glance.picture, glance.frame.captured_at, sightings)
            self._live.offer(station.settings.id, offer)

    def _carry_out(self, station: Station, glance: Glance, watch: RuleWatch, command: Command) -> None:
        settings = station.settings
        # The event's tracks and its picture are of one frame, so a new count brings a new picture.
        snapshot = None if isinstance(command, Close) else self._snapshot(glance.picture)
        moment = Moment(glance.frame.captured_at, datetime.now(UTC), snapshot)
        place = Place(settings.site, settings.id, self._sight.detector.name)
        self._book.carry_out(watch.settings, place, command, moment)

    def _snapshot(self, picture: Picture) -> str:
        _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, SNAPSHOT_QUALITY])
        return self._media.put(jpeg.tobytes())
