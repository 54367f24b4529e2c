"""What is kept of an event to be looked at: its pictures at once, better ones while it lasts, and its clip.

Called by the analysis thread alone. Knows which events are watched for better pictures; which picture is better is
decided in edge.footage.snapshot, clips are cut in edge.footage.clip.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import cv2
import numpy as np

from contracts.event import Event, Phase, Severity
from edge.detect import Picture
from edge.events import EventBook, Moment
from edge.footage.clip import Clips
from edge.footage.disk import DiskFullError
from edge.footage.media import MediaStore
from edge.footage.snapshot import Shown, best_of, score, showing
from edge.geometry import Rect
from edge.rules.presence import Sighting

log = logging.getLogger(__name__)

SNAPSHOT_QUALITY: Final = 85
THUMBNAIL_QUALITY: Final = 80
THUMBNAIL_WIDTH: Final = 320
_THUMBNAIL_SHAPE: Final = 4 / 3
_LEAST_CROP: Final = 0.25

LINGER: Final = timedelta(seconds=5)
"""How long at least a better picture is looked for: some events are over as soon as they open."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that may become an event's picture."""

    picture: Picture
    captured_at: datetime
    sightings: tuple[Sighting, ...]


@dataclass(slots=True)
class _Watched:
    """An event for which a better picture is looked for: whom it must show, and how many at once."""

    camera: str
    severity: Severity
    opened_at: datetime
    shown: Shown
    tracks: set[UUID] = field(default_factory=set)
    people: int = 0
    closed: bool = False
    candidate: Candidate | None = None


class Evidence:
    """Owns what is watched."""

    def __init__(self, media: MediaStore, book: EventBook, clips: Clips | None) -> None:
        self._media = media
        self._book = book
        self._clips = clips
        self._watched: dict[UUID, _Watched] = {}

    def moment(self, candidate: Candidate, severity: Severity) -> Moment:
        """The frame as a moment of an event, its pictures kept."""
        boxes = [Rect(*sighting.box) for sighting in candidate.sightings]
        return pictured(self._media, candidate.picture, candidate.captured_at, boxes, severity)

    def hear(self, event: Event, candidate: Candidate) -> None:
        """An event opened, changed or closed in that frame."""
        if self._clips:
            self._clips.hear(event)
        watched = self._watched.get(event.id)
        if event.phase is Phase.CLOSE:
            if watched:
                watched.closed = True
            return
        now = candidate.captured_at
        if watched is None:
            watched = _Watched(event.source, event.severity, event.opened_at, Shown(0.0, now))
            self._watched[event.id] = watched
        watched.shown = Shown(_best_score(candidate), now, watched.shown.better)
        watched.tracks |= {sighting.track for sighting in candidate.sightings}
        watched.people = len(candidate.sightings)
        watched.candidate = None

    def look(self, camera: str, frame: Candidate) -> None:
        """An analysed frame with all that is seen in it: it may show an event better than what the centre has."""
        for event, watched in list(self._watched.items()):
            if watched.camera == camera:
                self._consider(watched, frame)
                if watched.candidate and (watched.closed or watched.shown.due(frame.captured_at)):
                    self._send(event, watched, watched.candidate)
                if watched.closed and frame.captured_at - watched.opened_at >= LINGER:
                    del self._watched[event]

    def _consider(self, watched: _Watched, frame: Candidate) -> None:
        """Keep the frame at hand when it is the best so far, and shows as many as the picture that it would replace."""
        theirs = tuple(sighting for sighting in frame.sightings if sighting.track in watched.tracks)
        best = best_of(theirs)
        if best is None or len(theirs) < watched.people or not watched.shown.wants(showing(best)):
            return
        candidate = Candidate(frame.picture, frame.captured_at, theirs)
        reached = _best_score(candidate)
        if watched.shown.wants(reached):
            watched.candidate, watched.shown = candidate, watched.shown.keeping(reached)

    def _send(self, event: UUID, watched: _Watched, candidate: Candidate) -> None:
        watched.candidate = None
        watched.shown = watched.shown.sent(candidate.captured_at)
        watched.people = len(candidate.sightings)
        moment = self.moment(candidate, watched.severity)
        if moment.snapshot:
            self._book.add_snapshot(event, candidate.sightings, moment)


def pictured(
    media: MediaStore,
    picture: Picture,
    captured_at: datetime,
    boxes: Sequence[Rect],
    severity: Severity,
    least: float = _LEAST_CROP,
) -> Moment:
    """A frame as a moment of an event, its pictures kept: all of it, and what is around the boxes, which is at least
    this share of its width. A full disk costs the pictures, never the event.
    """
    try:
        snapshot = media.put(_jpeg(picture, SNAPSHOT_QUALITY), severity)
        thumbnail = media.put(_jpeg(_thumbnail(picture, boxes, least), THUMBNAIL_QUALITY), severity)
    except DiskFullError as error:
        log.error("an event goes without a picture: %s", error)
        return Moment(captured_at, datetime.now(UTC))
    return Moment(captured_at, datetime.now(UTC), snapshot, thumbnail)


def _best_score(candidate: Candidate) -> float:
    best = best_of(candidate.sightings)
    return score(best, _edges(candidate.picture, Rect(*best.box))) if best else 0.0


def _edges(picture: Picture, box: Rect) -> float:
    """How much the picture changes from pixel to pixel within a box."""
    height, width = picture.shape[:2]
    crop = picture[int(box.y1 * height) : int(box.y2 * height) + 1, int(box.x1 * width) : int(box.x2 * width) + 1]
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def _thumbnail(picture: Picture, boxes: Sequence[Rect], least: float) -> Picture:
    """The part of the picture in which the boxes are, with some room around them."""
    height, width = picture.shape[:2]
    left, top, right, bottom = thumbnail_crop(boxes, width, height, least)
    crop = picture[top:bottom, left:right]
    size = (THUMBNAIL_WIDTH, max(1, round(THUMBNAIL_WIDTH * crop.shape[0] / crop.shape[1])))
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def thumbnail_crop(
    boxes: Sequence[Rect], width: int, height: int, least: float = _LEAST_CROP
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom, in pixels, of what a thumbnail shows of a picture. Pure."""
    if not boxes:
        return 0, 0, width, height
    left, right = min(box.x1 for box in boxes) * width, max(box.x2 for box in boxes) * width
    top, bottom = min(box.y1 for box in boxes) * height, max(box.y2 for box in boxes) * height
    wide = max(1.6 * (right - left), 1.6 * (bottom - top) * _THUMBNAIL_SHAPE, least * width)
    wide = min(wide, width, height * _THUMBNAIL_SHAPE)
    high = min(height, wide / _THUMBNAIL_SHAPE)
    x = min(max(0.0, (left + right - wide) / 2), width - wide)
    y = min(max(0.0, (top + bottom - high) / 2), height - high)
    return round(x), round(y), round(x + wide), round(y + high)


def _jpeg(picture: Picture, quality: int) -> bytes:
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return jpeg.tobytes()
