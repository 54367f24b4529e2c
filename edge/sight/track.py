"""Follows what was detected from frame to frame: ByteTrack or OC-SORT per camera, ids that no other track ever gets.

The library matches boxes to tracks. What is added here: ids, where to look for each track next, and tracks that are
there but that nobody looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import numpy as np
import supervision as sv
from numpy.typing import NDArray
from trackers import ByteTrackTracker, OCSORTTracker
from trackers.utils.iou import BIoU

from contracts.ids import new_id
from edge.detect import LABELS
from edge.geometry import Rect
from edge.rules.presence import Sighting
from edge.sight.motion import walking
from edge.sight.regions import Region

Pixels = NDArray[np.float64]
Kind = Literal["bytetrack", "ocsort"]

KEEP_S: Final = 2.0
"""How long a track may be unseen, behind a lamp post or another person, and keep its id."""

SEARCH_S: Final = 1.0
"""How long a track that is not found is looked for where it should be; after that it must move to be found."""

UNSEEN_S: Final = 0.5
"""How long a track that nobody looked at counts as being where it should be: a walking person's own width."""

SURE: Final = 0.7
"""A detection that starts a track must be at least so likely (what ByteTrack's authors take): most that are not there
are seen once."""

LIKELY: Final = 0.5
"""Detections at least so likely choose their tracks first; less likely ones only continue a track."""

MATCH_IOU: Final = 0.1
"""A detection that overlaps less with where a track should be is not it. Low, since at few frames a second a small box
moves far."""


REACH: Final = 0.8
"""Boxes are widened for matching by this share of their size for each second between frames, on every side: of somebody
who is new the direction is not known, and at 2 frames a second one step leads out of the box."""


@dataclass(slots=True)
class _Course:
    """What is remembered of one track: box and speed in pixels, times in seconds."""

    id: UUID = field(default_factory=new_id)
    label: str = ""
    score: float = 0.0
    box: Pixels = field(default_factory=lambda: np.zeros(4))
    speed: Pixels = field(default_factory=lambda: np.zeros(2))
    seen_s: float = 0.0


class Tracker:
    """One camera's tracks. Not safe for two threads."""

    def __init__(self, fps: float, kind: Kind = "bytetrack") -> None:
        self._library = _library(kind, fps)
        self._courses: dict[int, _Course] = {}
        self._unconfirmed: tuple[Rect, ...] = ()
        self._size = (1, 1)
        self._period_s = 1.0 / fps
        self._last: datetime | None = None
        self._clock_s = 0.0

    def expected(self, at: datetime) -> tuple[Rect, ...]:
        """Where in a frame of that time to look for what is tracked, and for what was seen once and may become a track:
        only another look at the same place can make it one.
        """
        step = min(max(0.0, (at - self._last).total_seconds()), SEARCH_S) if self._last else 0.0
        courses = [course for course in self._courses.values() if self._clock_s - course.seen_s <= SEARCH_S]
        return (*(_normalised(_moved(course, step), self._size) for course in courses), *self._unconfirmed)

    def update(
        self, detections: sv.Detections, looked: Sequence[Region], width: int, height: int, at: datetime
    ) -> tuple[Sighting, ...]:
        """The tracks that are seen in this frame, of which `looked` was looked at; the others are where they should be.

        Boxes come in pixels and leave normalised.
        """
        before = self._clock_s
        tracked = self._library.update(detections, timestamp=self._elapsed_s(at))
        self._size = width, height
        seen = self._take_in(tracked)
        self._follow(self._clock_s - before)
        sightings = []
        for number, course in self._courses.items():
            if number in seen or (self._clock_s - course.seen_s <= UNSEEN_S and not _shown(course.box, looked)):
                rect = _normalised(course.box, self._size)
                sightings.append(Sighting(course.id, course.label, rect, course.score))
        return tuple(sightings)

    def _take_in(self, tracked: sv.Detections) -> set[int]:
        """Remember what was seen; the numbers of the tracks among it."""
        seen, unconfirmed = set(), []
        if tracked.tracker_id is not None and tracked.confidence is not None and tracked.class_id is not None:
            for number, box, score, label in zip(
                tracked.tracker_id, tracked.xyxy, tracked.confidence, tracked.class_id, strict=True
            ):
                if number < 0:
                    if score >= SURE:
                        unconfirmed.append(_normalised(box, self._size))
                    continue
                seen.add(int(number))
                course = self._courses.setdefault(int(number), _Course(box=box.astype(np.float64)))
                course.label, course.score, course.seen_s = LABELS[int(label)], min(1.0, float(score)), self._clock_s
        self._unconfirmed = tuple(unconfirmed)
        return seen

    def _follow(self, step: float) -> None:
        """Take over where the library has every track now, smoothed or predicted, and forget what it gave up."""
        alive = self._library.tracked_objects
        numbers = () if alive.tracker_id is None else alive.tracker_id.tolist()
        boxes = dict(zip(numbers, alive.xyxy.astype(np.float64), strict=True))
        self._courses = {number: course for number, course in self._courses.items() if number in boxes}
        for number, course in self._courses.items():
            box = boxes[number]
            if step > 0:
                course.speed = (box[:2] + box[2:] - course.box[:2] - course.box[2:]) / 2 / step
            course.box = box

    def _elapsed_s(self, at: datetime) -> float:
        """Seconds since the first frame; a clock set back counts as one frame, since the library refuses the past."""
        step = (at - self._last).total_seconds() if self._last else 0.0
        self._clock_s += step if step >= 0 else self._period_s
        self._last = at
        return self._clock_s


def _library(kind: Kind, fps: float) -> ByteTrackTracker | OCSORTTracker:
    """The library's tracker. It counts in thirtieths of a second."""
    keep, overlap = round(30 * KEEP_S), BIoU(REACH / fps)
    if kind == "ocsort":
        return OCSORTTracker(
            lost_track_buffer=keep,
            frame_rate=fps,
            minimum_consecutive_frames=2,
            minimum_iou_threshold=MATCH_IOU,
            iou=overlap,
            high_conf_det_threshold=LIKELY,
        )
    return ByteTrackTracker(
        lost_track_buffer=keep,
        frame_rate=fps,
        track_activation_threshold=SURE,
        minimum_consecutive_frames=2,
        minimum_iou_threshold=MATCH_IOU,
        iou=overlap,
        high_conf_det_threshold=LIKELY,
        state_estimator_class=walking(fps),
    )


def _moved(course: _Course, step: float) -> Pixels:
    """Where a track should be after `step` seconds, its size unchanged."""
    return np.asarray(course.box + np.tile(course.speed * step, 2), np.float64)


def _shown(box: Pixels, looked: Sequence[Region]) -> bool:
    """Whether a region holds the middle of a box."""
    middle = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
    return any(region.holds(middle) for region in looked)


def _normalised(box: Pixels, size: tuple[int, int]) -> Rect:
    width, height = size
    x1, y1, x2, y2 = (float(value) for value in box)
    return Rect(x1 / width, y1 / height, x2 / width, y2 / height).clipped()
