"""Follows what was detected from frame to frame: ByteTrack per camera, ids that no other track ever gets."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker

from contracts.ids import new_id
from edge.detect import LABELS
from edge.geometry import Rect
from edge.rules.presence import Sighting

KEEP_S: Final = 2.0
"""How long a track may be unseen, behind a lamp post or another person, and keep its id."""


class Tracker:
    """One camera's tracks. Not safe for two threads."""

    def __init__(self, fps: float) -> None:
        self._tracker = ByteTrackTracker(
            lost_track_buffer=round(30 * KEEP_S),  # the library counts in thirtieths of a second
            frame_rate=fps,
            track_activation_threshold=0.5,
            minimum_consecutive_frames=2,
            minimum_iou_threshold=0.1,
            high_conf_det_threshold=0.5,
        )
        self.unconfirmed: tuple[Rect, ...] = ()
        """Seen in the last frame and not yet a track: only another look at the same place can make it one."""
        self._ids: dict[int, UUID] = {}
        self._period_s = 1.0 / fps
        self._last: datetime | None = None
        self._clock_s = 0.0

    def update(self, detections: sv.Detections, width: int, height: int, at: datetime) -> tuple[Sighting, ...]:
        """The tracks that are seen in this frame. Boxes come in pixels and leave normalised."""
        tracked = self._tracker.update(detections, timestamp=self._elapsed_s(at))
        if tracked.tracker_id is None or tracked.confidence is None or tracked.class_id is None:
            self.unconfirmed = ()
            return ()
        numbers = [int(number) for number in tracked.tracker_id]
        self._forget_ended(numbers)
        scale = np.array([width, height, width, height], np.float32)
        sightings, unconfirmed = [], []
        for number, box, score, label in zip(
            numbers, tracked.xyxy / scale, tracked.confidence, tracked.class_id, strict=True
        ):
            rect = Rect(*(float(value) for value in box)).clipped()
            if number < 0:
                unconfirmed.append(rect)
                continue
            track = self._ids.setdefault(number, new_id())
            sightings.append(Sighting(track, LABELS[int(label)], rect, min(1.0, float(score))))
        self.unconfirmed = tuple(unconfirmed)
        return tuple(sightings)

    def _elapsed_s(self, at: datetime) -> float:
        """Seconds since the first frame; a clock set back counts as one frame, since the library refuses the past."""
        step = (at - self._last).total_seconds() if self._last else 0.0
        self._clock_s += step if step >= 0 else self._period_s
        self._last = at
        return self._clock_s

    def _forget_ended(self, numbers: list[int]) -> None:
        """Keep the map small: the library's numbers only rise, and a lost track is back within KEEP_S or never."""
        if len(self._ids) > 1000:
            newest = sorted(self._ids)[-500:]
            self._ids = {number: self._ids[number] for number in {*newest, *numbers} & self._ids.keys()}
