"""Turns what rules ask for into events with a life: one id from open to close, a revision for every change.

`revise` decides; EventBook owns which events are open and writes each revision to the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.event import Event, Phase, PictureBox, TrackSighting
from contracts.ids import new_id
from edge.config import AnyRule
from edge.outbox import Outbox
from edge.rules.command import Close, Command, Open, Update
from edge.rules.presence import Sighting

MAX_TRACKS: Final = 20
"""More tracks than this tell nobody anything; the count still counts all."""

RESTARTED: Final = "restarted"


@dataclass(frozen=True, slots=True)
class Moment:
    """The frame in which something was decided: when it reached the box, when it was decided, its picture."""

    captured_at: datetime
    at: datetime
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    site: str
    camera: str
    model: str


def tracks_of(sightings: Iterable[Sighting]) -> tuple[TrackSighting, ...]:
    """Sightings as they travel."""
    return tuple(
        TrackSighting(
            id=sighting.track,
            label=sighting.label,
            box=PictureBox(**dict(zip(("x1", "y1", "x2", "y2"), sighting.box, strict=True))),
            confidence=sighting.confidence,
        )
        for sighting in sightings
    )


def opened(event_id: UUID, rule: AnyRule, place: Place, command: Open, moment: Moment) -> Event:
    """Revision 0."""
    return Event(
        id=event_id,
        revision=0,
        phase=Phase.OPEN,
        kind=rule.kind,
        severity=rule.severity,
        site=place.site,
        camera=place.camera,
        zone=rule.zone,
        rule=rule.id,
        opened_at=moment.captured_at,
        at=moment.at,
        captured_at=moment.captured_at,
        count=command.count,
        peak_count=command.count,
        confidence=max((sighting.confidence for sighting in command.sightings), default=0.0),
        tracks=tracks_of(command.sightings[:MAX_TRACKS]),
        snapshot=moment.snapshot,
        model=place.model,
        why=dict(command.why),
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
                "snapshot": moment.snapshot,
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


class EventBook:
    """Owns the open events: one a rule of a camera at most."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._open: dict[tuple[str, str], Event] = {}

    def close_left_open(self, now: datetime) -> int:
        """Close what was open when the box last stopped: its rules have forgotten it. Returns how many."""
        left = self._outbox.open_events()
        for event in left:
            self._outbox.append_event(revised(event, Close(RESTARTED), Moment(now, now)))
        return len(left)

    def carry_out(self, rule: AnyRule, place: Place, command: Command, moment: Moment) -> Event:
        """Write the revision that `command` asks for. Raises KeyError when a rule revises what is not open."""
        key = (place.camera, rule.id)
        if isinstance(command, Open):
            event = opened(new_id(), rule, place, command, moment)
        else:
            event = revised(self._open[key], command, moment)
        if event.phase is Phase.CLOSE:
            del self._open[key]
        else:
            self._open[key] = event
        self._outbox.append_event(event)
        return event
