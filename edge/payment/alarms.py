"""Makes events of what is decided about payment points: with the frame, the board cut out of it, and the clip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from contracts.event import EventKind, Severity
from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.capture.picture import in_colour
from edge.events import EventBook, Moment, Place
from edge.footage.clip import Clips
from edge.footage.evidence import pictured
from edge.footage.media import MediaStore
from edge.geometry import Rect, bounds
from edge.payment.point import Clear, Raise
from edge.payment.settings import RULE, PaymentPointSettings
from edge.rules.command import Close, Open

LEAST_CROP: Final = 0.12
"""Of the picture's width, that a thumbnail shows: a board is small, and what is printed on it is to be seen."""


@dataclass(frozen=True, slots=True)
class PointCause:
    """The watch on payment points, as what asks for events."""

    kind: EventKind
    severity: Severity
    id: str = RULE
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Which camera looks at a point, where that is, and what of its view nobody may see."""

    site: str
    camera: str
    mask: Mask


class Alarms:
    """Writes what the watch decides into the book. For the thread that watches."""

    def __init__(self, media: MediaStore, book: EventBook, clips: Clips | None) -> None:
        self._media = media
        self._book = book
        self._clips = clips

    def carry_out(self, site: Site, point: PaymentPointSettings, frame: CapturedFrame, command: Raise | Clear) -> None:
        """Open or close the event that a look at `frame` asks for."""
        if isinstance(command, Raise):
            self._open(site, point, frame, command)
        else:
            cause = PointCause(command.kind, Severity.LOW)
            place = Place(site.site, site.camera, payment_point=point.id)
            moment = Moment(frame.captured_at, datetime.now(UTC))
            event = self._book.carry_out(cause, place, Close(command.reason), moment)
            if self._clips:
                self._clips.hear(event)

    def _open(self, site: Site, point: PaymentPointSettings, frame: CapturedFrame, command: Raise) -> None:
        where = Rect(*(command.place or bounds(point.region))).clipped()
        picture = site.mask.burn(in_colour(frame.picture, frame.rotation))
        moment = pictured(self._media, picture, frame.captured_at, [where], command.severity, LEAST_CROP)
        place = Place(site.site, site.camera, payment_point=point.id, box=where)
        cause = PointCause(command.kind, command.severity)
        event = self._book.carry_out(cause, place, Open(0, (), command.why), moment)
        if self._clips:
            self._clips.hear(event, command.since)
