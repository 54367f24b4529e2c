"""From frames to tracks: where to look, what is there, who it is. The same for the box and for what measures it.

Knows the order of the steps; each step is in its own module. What follows from what is seen is edge.analysis's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.capture import CapturedFrame
from edge.config import AnalysisSettings
from edge.detect import Detector, Picture
from edge.gate import MotionGate, shrink
from edge.geometry import Rect
from edge.merge import merge
from edge.regions import Region, plan
from edge.rules.presence import Sighting
from edge.track import Tracker


class Eye:
    """What seeing needs to remember of one camera: its background, its tracks, and where it looked last."""

    def __init__(self, fps: float) -> None:
        self.gate = MotionGate(fps)
        self.tracker = Tracker(fps)
        self.tracked: tuple[Rect, ...] = ()
        self.looks = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """A frame and where in it to look."""

    eye: Eye
    frame: CapturedFrame
    picture: Picture
    regions: list[Region]


class Sight:
    """Owns the detector; the eyes are their stations'."""

    def __init__(self, settings: AnalysisSettings, detector: Detector) -> None:
        self._settings = settings
        self.detector = detector

    def glance(self, eye: Eye, frame: CapturedFrame) -> Glance:
        """Decide where to look in a frame."""
        picture = frame.picture.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
        height, width = picture.shape[:2]
        regions = plan(
            width,
            height,
            self._settings.region_px,
            tracked=eye.tracked,
            moving=eye.gate.moving(shrink(frame.picture)),
            look=eye.looks,
            most=self._settings.regions_per_frame,
        )
        eye.looks += 1
        return Glance(eye, frame, picture, regions)

    def see(self, glances: Sequence[Glance]) -> list[tuple[Sighting, ...]]:
        """The tracks in each glance, detected in one batch. Glances are of different eyes."""
        crops = [_crop(glance.picture, region) for glance in glances for region in glance.regions]
        found = iter(self.detector.detect(crops))
        seen = []
        for glance in glances:
            height, width = glance.picture.shape[:2]
            detections = merge([(region, next(found)) for region in glance.regions], width, height)
            eye = glance.eye
            sightings = eye.tracker.update(detections, width, height, glance.frame.captured_at)
            eye.tracked = (*(Rect(*sighting.box) for sighting in sightings), *eye.tracker.unconfirmed)
            seen.append(sightings)
        return seen


def _crop(picture: Picture, region: Region) -> Picture:
    return picture[region.y : region.y + region.side, region.x : region.x + region.side]
