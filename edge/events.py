"""Turns what rules ask for into events with a life: one id from open to close, a revision for every change.

`revised` decides; EventBook owns which events are open and writes each revision to the outbox. Pictures and clips that
come later than what they show are revisions too, also after the close.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from contracts.event import Event, EventKind, Phase, PictureBox, Severity, TrackSighting
from contracts.ids import new_id
from contracts.model import ModelCard
from edge.centre.outbox import MediaKind, Medium, Outbox
from edge.geometry import Box, Rect
from edge.rules.command import Close, Command, Open, Update
from edge.rules.presence import Sighting

MAX_TRACKS: Final = 20
"""More tracks than this tell nobody anything; the count still counts all."""

MAX_CLOSED: Final = 256
"""Closed events that may still get a clip: minutes of a box on which every camera fires without end."""

RESTARTED: Final = "restarted"
RECONFIGURED: Final = "reconfigured"


class Cause(Protocol):
    """What asks for events: a rule, a check of the camera's health, or the watch on a payment point. `place` is the
    zone or line that it watches.
    """

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> EventKind | str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def place(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """The frame in which something was decided: when it reached the box, when it was decided, its picture."""

    captured_at: datetime
    at: datetime
    snapshot: str | None = None
    thumbnail: str | None = None

    def media(self) -> tuple[Medium, ...]:
        """Its pictures, to be uploaded."""
        kinds = ((self.thumbnail, MediaKind.THUMBNAIL), (self.snapshot, MediaKind.SNAPSHOT))
        return tuple(Medium(digest, kind) for digest, kind in kinds if digest)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was decided, by which camera or device, and the network that saw it. `payment_point` and `box`:
    whose code, and where in the picture.
    """

    site: str
    camera: str | None = None
    model: str | None = None
    card: ModelCard | None = None
    payment_point: str | None = None
    box: Box | None = None
    device: str | None = None

    @property
    def source(self) -> str:
        """The camera or device."""
        return self.camera or self.device or ""


def picture_box(box: Box) -> PictureBox:
    """A box as it travels."""
    x1, y1, x2, y2 = Rect(*box).clipped()
    return PictureBox(x1=x1, y1=y1, x2=x2, y2=y2)


def tracks_of(sightings: Iterable[Sighting]) -> tuple[TrackSighting, ...]:
    """Sightings as they travel."""
    return tuple(
        TrackSighting(
            id=sighting.track,
            label=sighting.label,
            box=picture_box(sighting.box),
            confidence=sighting.confidence,
        )
        for sighting in sightings
    )


def opened(event_id: UUID, rule: Cause, place: Place, command: Open, moment: Moment) -> Event:
    """Revision 0."""
    return Event(
        id=event_id,
        revision=0,
        phase=Phase.OPEN,
        kind=rule.kind,
        severity=rule.severity,
        site=place.site,
        camera=place.camera,
        device=place.device,
        zone=rule.place,
        rule=rule.id,
        opened_at=moment.captured_at,
        at=moment.at,
        captured_at=moment.captured_at,
        count=command.count,
        peak_count=command.count,
        confidence=max((sighting.confidence for sighting in command.sightings), default=0.0),
        tracks=tracks_of(command.sightings[:MAX_TRACKS]),
        snapshot=moment.snapshot,
        thumbnail=moment.thumbnail,
        model=place.model,
        card=place.card,
        why=dict(command.why),
        payment_point=place.payment_point,
        place=picture_box(place.box) if place.box else None,
    )


def revised(event: Event, command: Update | Close, moment: Moment) -> Event:
    """The next revision of an open event."""
    changes: dict[str, object] = {
        "revision": event.revision + 1,
        "at": moment.at,
        "captured_at": moment.captured_at,
    }
    match command:
        case Update():
            best = max((sighting.confidence for sighting in command.sightings), default=0.0)
            changes |= {
                "phase": Phase.UPDATE,
                "count": command.count,
                "peak_count": max(event.peak_count, command.count),
                "confidence": max(event.confidence, best),
                "tracks": tracks_of(command.sightings[:MAX_TRACKS]),
                "snapshot": moment.snapshot or (event.snapshot if event.device else None),
                "thumbnail": moment.thumbnail or (event.thumbnail if event.device else None),
                "why": dict(command.why),
            }
        case Close():
            changes |= {
                "phase": Phase.CLOSE,
                "count": 0,
                "closed_at": moment.captured_at,
                "close_reason": command.reason,
            }
    return event.model_copy(update=changes)


def amended(event: Event, at: datetime, **media: object) -> Event:
    """The next revision of an event of which nothing is new but its pictures or its clip: open or closed as it was."""
    phase = Phase.CLOSE if event.phase is Phase.CLOSE else Phase.UPDATE
    return event.model_copy(update={"revision": event.revision + 1, "phase": phase, "at": at, **media})


class EventBook:
    """Owns the open events: one a rule of a camera or device at most, one a kind of a payment point; and those lately
    closed, whose clips are still being made. May be called from any thread.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._open: dict[tuple[str | None, ...], Event] = {}
        self._closed: OrderedDict[UUID, Event] = OrderedDict()
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> None:
        """`listener` hears of every event that opens from now on, once it is on disk, in the thread that opens it."""
        self._listeners.append(listener)

    def close_left_open(self, now: datetime, goes_on: Callable[[Event], bool] = lambda _: False) -> int:
        """Close what was open when the box last stopped and its rules have forgotten. Returns how many.

        What `goes_on` stays open: a device's alarm lasts until the device says otherwise.
        """
        left = self._outbox.open_events()
        forgotten = [event for event in left if not goes_on(event)]
        for event in forgotten:
            self._outbox.append_event(revised(event, Close(RESTARTED), Moment(now, now)))
        with self._lock:
            for event in left:
                if event not in forgotten:
                    self._remember(event)
        return len(forgotten)

    def close_those(self, which: Callable[[Event], bool], reason: str, now: datetime) -> tuple[Event, ...]:
        """Close the open events that nobody will close any more. Returns their last revisions."""
        with self._lock:
            closed = [revised(event, Close(reason), Moment(now, now)) for event in self._open.values() if which(event)]
            for event in closed:
                del self._open[event.source, event.rule, event.payment_point, event.kind]
                self._remember(event)
                self._outbox.append_event(event)
        return tuple(closed)

    def open_events(self) -> tuple[Event, ...]:
        """What is open now."""
        with self._lock:
            return tuple(self._open.values())

    def carry_out(self, rule: Cause, place: Place, command: Command, moment: Moment) -> Event:
        """Write the revision that `command` asks for. Raises KeyError when a rule revises what is not open."""
        key = (place.source, rule.id, place.payment_point, str(rule.kind))
        with self._lock:
            if isinstance(command, Open):
                event = opened(new_id(), rule, place, command, moment)
            else:
                event = revised(self._open[key], command, moment)
            if event.phase is Phase.CLOSE:
                del self._open[key]
            self._remember(event)
            self._outbox.append_event(event, moment.media())
        if isinstance(command, Open):
            for listener in self._listeners:
                listener(event)
        return event

    def add_clip(self, event: UUID, clip: str, began_at: datetime, at: datetime) -> Event | None:
        """Write the revision that brings a clip; None when the event is too long closed to be known."""
        return self._amend(event, at, (Medium(clip, MediaKind.CLIP),), clip=clip, clip_began_at=began_at)

    def add_snapshot(self, event: UUID, sightings: Sequence[Sighting], moment: Moment) -> Event | None:
        """Write the revision that brings a better picture, with the tracks that are seen in it."""
        return self._amend(
            event,
            moment.at,
            moment.media(),
            captured_at=moment.captured_at,
            tracks=tracks_of(sightings[:MAX_TRACKS]),
            snapshot=moment.snapshot,
            thumbnail=moment.thumbnail,
        )

    def _amend(self, event_id: UUID, at: datetime, media: Sequence[Medium], **changes: object) -> Event | None:
        with self._lock:
            still_open = {event.id: event for event in self._open.values()}
            before = still_open.get(event_id) or self._closed.get(event_id)
            if before is None:
                return None
            event = amended(before, at, **changes)
            self._remember(event)
            self._outbox.append_event(event, media)
        return event

    def _remember(self, event: Event) -> None:
        if event.phase is not Phase.CLOSE:
            self._open[event.source, event.rule, event.payment_point, event.kind] = event
            return
        self._closed[event.id] = event
        if len(self._closed) > MAX_CLOSED:
            self._closed.popitem(last=False)
