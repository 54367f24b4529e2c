"""The one thread that looks: takes the latest frames of all cameras, has them detected in one batch, tracks, decides.

Knows the order of the steps; each step is in its own module.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np

from edge.capture import CapturedFrame
from edge.config import AnalysisSettings
from edge.detect import Detector, Picture
from edge.events import EventBook, Moment, Place
from edge.gate import shrink
from edge.geometry import Rect
from edge.live import Live, Offer
from edge.media import MediaStore
from edge.merge import merge
from edge.regions import Region, plan
from edge.rules.command import Close, Command
from edge.rules.presence import Sighting
from edge.station import Station
from edge.watch import RuleWatch, standing_in

SNAPSHOT_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Glance:
    """A frame and where in it to look."""

    station: Station
    frame: CapturedFrame
    picture: Picture
    regions: list[Region]


class Analysis:
    """Owns the detector and the gates, trackers and rules of all stations."""

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
        self._settings = settings
        self._detector = detector
        self._book = book
        self._media = media
        self._live = live
        self._ready = ready

    def run(self, stop: threading.Event) -> None:
        """Analyse frames as they come until `stop` is set."""
        while not stop.is_set():
            glances = self._next_glances()
            if glances:
                self._analyse(glances)
            else:
                self._ready.wait(0.02)
                self._ready.clear()

    def _next_glances(self) -> list[Glance]:
        """Frames that are due, those that waited longest first, until the detector has enough for one batch.

        When there is more to do than time, every camera's turns grow rarer alike.
        """
        glances: list[Glance] = []
        crops = 0
        for station in sorted(self._stations, key=lambda station: station.due_at):
            if crops >= self._detector.batch:
                break
            if frame := station.take_if_due():
                glances.append(self._glance(station, frame))
                crops += len(glances[-1].regions)
        return glances

    def _analyse(self, glances: Sequence[Glance]) -> None:
        """One round over frames of different cameras."""
        crops = [_crop(glance.picture, region) for glance in glances for region in glance.regions]
        found = iter(self._detector.detect(crops))
        for glance in glances:
            height, width = glance.picture.shape[:2]
            detections = merge([(region, next(found)) for region in glance.regions], width, height)
            sightings = glance.station.tracker.update(detections, width, height, glance.frame.captured_at)
            self._decide(glance, sightings)

    def _glance(self, station: Station, frame: CapturedFrame) -> Glance:
        picture = frame.picture.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
        height, width = picture.shape[:2]
        regions = plan(
            width,
            height,
            self._settings.region_px,
            tracked=station.tracked,
            moving=station.gate.moving(shrink(frame.picture)),
            look=station.looks,
            most=self._settings.regions_per_frame,
        )
        station.looks += 1
        return Glance(station, frame, picture, regions)

    def _decide(self, glance: Glance, sightings: tuple[Sighting, ...]) -> None:
        station = glance.station
        station.analysed += 1
        station.tracked = (*(Rect(*sighting.box) for sighting in sightings), *station.tracker.unconfirmed)
        zones = {zone: standing_in(polygon, sightings) for zone, polygon in station.zones.items()}
        for zone, people in zones.items():
            station.people[zone] = max(station.people.get(zone, 0), len(people))
        for watch in station.watches:
            for command in watch.observe(glance.frame.captured_at, zones[watch.settings.zone]):
                self._carry_out(glance, watch, command)
        if self._live:
            offer = Offer(glance.picture, glance.frame.captured_at, sightings)
            self._live.offer(station.settings.id, offer)

    def _carry_out(self, glance: Glance, watch: RuleWatch, command: Command) -> None:
        settings = glance.station.settings
        # The event's tracks and its picture are of one frame, so a new count brings a new picture.
        snapshot = None if isinstance(command, Close) else self._snapshot(glance.picture)
        moment = Moment(glance.frame.captured_at, datetime.now(UTC), snapshot)
        self._book.carry_out(watch.settings, Place(settings.site, settings.id, self._detector.name), command, moment)

    def _snapshot(self, picture: Picture) -> str:
        _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, SNAPSHOT_QUALITY])
        return self._media.put(jpeg.tobytes())


def _crop(picture: Picture, region: Region) -> Picture:
    return picture[region.y : region.y + region.side, region.x : region.x + region.side]
