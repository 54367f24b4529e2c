"""From frames to tracks: where to look, what is there, who it is. The same for the box and for what measures it.

Knows the order of the steps; each step is in its own module. What follows from what is seen is edge.analysis's.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from av.video.reformatter import VideoReformatter

from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.capture.picture import in_colour
from edge.config import AnalysisSettings
from edge.detect import Detections, Detector, Picture
from edge.geometry import Rect
from edge.rules.presence import Sighting
from edge.sight.budget import Budget
from edge.sight.gate import MotionGate, shrink
from edge.sight.look import Look
from edge.sight.merge import merge
from edge.sight.mosaic import Layout, Size, draw, pack, parts
from edge.sight.regions import Region, View
from edge.sight.track import Kind, Tracker
from edge.workers import Workers

UNMASKED = Mask(())


class Eye:
    """What seeing needs to remember of one camera: its background, its tracks, and where it looked last.

    `skipped` counts regions around something tracked or moving for which there was no room.
    """

    def __init__(self, fps: float, mask: Mask = UNMASKED, tracker: Kind = "bytetrack") -> None:
        self.mask = mask
        self.colour, self.grey = VideoReformatter(), VideoReformatter()
        self.gate = MotionGate(fps)
        self.tracker = Tracker(fps, tracker)
        self.look = Look()
        self.skipped = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """A frame and where in it to look."""

    eye: Eye
    frame: CapturedFrame
    picture: Picture
    grey: Picture
    regions: list[Region]
    inputs: float
    """How many of the detector's inputs the regions fill at least."""
    stirring: bool
    """Whether something moves, or somebody is there."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A batch that the detector is at work on."""

    glances: Sequence[Glance]
    layout: Layout
    found: Future[list[Detections]]


class Sight:
    """Owns the detector; the eyes are their stations'. `inputs_used` counts what the detector was given, by size."""

    def __init__(
        self, settings: AnalysisSettings, detector: Detector, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._budget = Budget(settings.inputs_per_s)
        self._clock = clock
        self.detector = detector
        self._worker = Workers(2, "detector")
        self.inputs_used: Counter[Size] = Counter()

    def glance(self, eye: Eye, frame: CapturedFrame) -> Glance:
        """Decide where to look in a frame."""
        # The only place where a frame becomes pictures: what a mask covers is gone for all that follows.
        picture = eye.mask.burn(in_colour(frame.picture, frame.rotation, eye.colour))
        grey = eye.mask.burn(shrink(frame.picture, frame.rotation, eye.grey))
        height, width = picture.shape[:2]
        view = View(width, height, min(self.detector.inputs[-1]))
        moving = eye.gate.moving(grey)
        tracked = eye.tracker.expected(frame.captured_at)
        wanted = eye.look.regions(view, self._settings.region_px, tracked=tracked, moving=moving, at=frame.captured_at)
        regions, inputs = self._affordable(eye, wanted)
        eye.skipped += eye.look.took(len(regions), len(wanted))
        return Glance(eye, frame, picture, grey, regions, inputs, stirring=bool(moving or tracked))

    def _affordable(self, eye: Eye, wanted: list[Region]) -> tuple[list[Region], float]:
        """The first regions that one frame and the budget have room for, and what they cost."""
        input_cost = math.prod(self.detector.inputs[-1])
        total = sum(region.cost for region in wanted) / input_cost
        granted = self._budget.grant(id(eye), min(total, self._settings.regions_per_frame), self._clock())
        regions, cost = [], 0.0
        for region in wanted:
            if cost + region.cost / input_cost > granted + 1e-9:
                break
            regions.append(region)
            cost += region.cost / input_cost
        return regions, cost

    def begin(self, glances: Sequence[Glance]) -> Looking:
        """Have the detector look, in one batch, while the caller does something else. Glances are of different eyes."""
        crops = [_crop(glance.picture, region) for glance in glances for region in glance.regions]
        layout = pack([region.size for glance in glances for region in glance.regions], self.detector.inputs)
        full = math.prod(self.detector.inputs[-1])
        self._budget.spend(layout.pixels / full - sum(glance.inputs for glance in glances))
        self.inputs_used.update(layout.sheets)
        return Looking(glances, layout, self._worker.submit(self.detector.detect, draw(crops, layout)))

    def end(self, looking: Looking) -> list[tuple[Sighting, ...]]:
        """The tracks in each glance, once the detector is done. What was begun first must end first."""
        found = iter(parts(looking.found.result(), looking.layout))
        seen = []
        for glance in looking.glances:
            height, width = glance.picture.shape[:2]
            detections = merge([(region, next(found)) for region in glance.regions], width, height)
            eye, at = glance.eye, glance.frame.captured_at
            tracks = eye.tracker.update(detections, glance.regions, width, height, at)
            seen.append(tuple(track for track in tracks if not eye.mask.hides(Rect(*track.box).foot)))
        return seen

    def see(self, glances: Sequence[Glance]) -> list[tuple[Sighting, ...]]:
        """The tracks in each glance, waited for."""
        return self.end(self.begin(glances))


def _crop(picture: Picture, region: Region) -> Picture:
    return picture[region.y : region.y + region.height, region.x : region.x + region.width]
