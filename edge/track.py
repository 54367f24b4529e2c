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
        self._ids: dict[int, UUID] = {}

    def update(self, detections: sv.Detections, width: int, height: int, at: datetime) -> tuple[Sighting, ...]:
        """The tracks that are seen in this frame. Boxes come in pixels and leave normalised."""
        tracked = self._tracker.update(detections, timestamp=at.timestamp())
        if tracked.tracker_id is None or tracked.confidence is None or tracked.class_id is None:
            return ()
        numbers = [int(number) for number in tracked.tracker_id]
        self._forget_ended(numbers)
        scale = np.array([width, height, width, height], np.float32)
        sightings = []
        for number, box, score, label in zip(
            numbers, tracked.xyxy / scale, tracked.confidence, tracked.class_id, strict=True
        ):
            if number < 0:  # seen once: not yet a track
                continue
            track = self._ids.setdefault(number, new_id())
            rect = Rect(*(float(value) for value in box)).clipped()
            sightings.append(Sighting(track, LABELS[int(label)], rect, min(1.0, float(score))))
        return tuple(sightings)

    def _forget_ended(self, numbers: list[int]) -> None:
        """Keep the map small: the library's numbers only rise, and a lost track is back within KEEP_S or never."""
        if len(self._ids) > 1000:
            newest = sorted(self._ids)[-500:]
            self._ids = {number: self._ids[number] for number in {*newest, *numbers} & self._ids.keys()}
