"""Decides which incident an event belongs to: same place and kind within minutes, a camera's troubles together, and
what may be one fire. Pure.

An event never changes its incident. What an officer has finished stays finished, unless it grows worse; what ended by
itself begins again when it does. The cause stands above the symptom: see also ingest.incidents.silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.event import FIRE
from contracts.incident import RECOVERED, IncidentState, Recover, Relapse
from ingest.incidents.commands import (
    RANK,
    SILENCES,
    Command,
    Hide,
    Move,
    Open,
    Put,
    box_key,
    is_over,
    is_symptom,
    is_unfinished,
)
from ingest.incidents.settings import CorrelationSettings
from storage.correlation import Known, Sighting


@dataclass(frozen=True, slots=True)
class Book:
    """The incidents that matter to a batch of events, and which of them holds which event."""

    incidents: Mapping[UUID, Known]
    members: Mapping[UUID, UUID]

    def with_(self, incident: Known, event: Sighting) -> Book:
        return Book({**self.incidents, incident.id: incident}, {**self.members, event.id: incident.id})


def group_of(event: Sighting) -> str:
    """What gathers: all troubles of a camera, the silences of a device, all that may be one fire at a site, else one
    kind at one site.
    """
    if event.kind.startswith("camera_"):
        return f"camera/{event.camera}"
    if event.kind in SILENCES:
        return f"device/{event.device}"
    return f"fire/{event.site}" if event.kind in FIRE else f"{event.kind}/{event.site}"


def correlate(
    book: Book, event: Sighting, settings: CorrelationSettings, make_id: Callable[[], UUID]
) -> tuple[Book, list[Command]]:
    """What becomes of `event`, and the book after it."""
    commands: list[Command] = []
    home = _home(book, event, settings)
    if home is None:
        if RANK[event.severity] < RANK[settings.lowest]:
            return book, []
        home = _opened(event, make_id())
        commands.append(Open(home))
    raised = RANK[event.severity] > RANK[home.severity]
    incident = _grown(home, event)
    if _begins_again(home, event, raised):
        commands.append(Move(home.id, Relapse()))
        incident = replace(incident, state=IncidentState.NEW.value, ended_at=None, reason=None)
    commands.append(Put(incident, event, raised))
    incident, after = _settled(book, incident, settings)
    return book.with_(incident, event), [*commands, *after]


def _home(book: Book, event: Sighting, settings: CorrelationSettings) -> Known | None:
    """The incident that holds `event` already, or that it joins: the one in which something happened last."""
    if event.id in book.members:
        return book.incidents.get(book.members[event.id])
    fitting = [incident for incident in book.incidents.values() if _fits(incident, event, settings)]
    return max(fitting, key=lambda incident: (is_unfinished(incident), incident.last_at, incident.id), default=None)


def _fits(incident: Known, event: Sighting, settings: CorrelationSettings) -> bool:
    """Whether `event` is the same happening. A finished incident takes what came late from before its end, if it is no
    worse, and what ended by itself takes what begins again soon.
    """
    if incident.key != group_of(event):
        return False
    near = settings.joins_within
    lasting = is_unfinished(incident) and bool(incident.open_events)
    if event.last_at < incident.opened_at - near or (event.opened_at > incident.last_at + near and not lasting):
        return False
    if incident.ended_at is None or incident.reason == RECOVERED:
        return True
    return event.opened_at <= incident.ended_at and RANK[event.severity] <= RANK[incident.severity]


def _opened(event: Sighting, id_: UUID) -> Known:
    return Known(
        id=id_, key=group_of(event), kind=event.kind, kinds=(event.kind,), severity=event.severity,
        state=IncidentState.NEW.value, reason=None, site=event.site, box=event.box, camera=event.camera,
        opened_at=event.opened_at, last_at=event.last_at, ended_at=None, cause=None, under=None,
        open_events=frozenset(), device=event.device,
    )  # fmt: skip


def _grown(incident: Known, event: Sighting) -> Known:
    """The incident with what `event` says by now; it bears the kind of what is worst in it."""
    raised = RANK[event.severity] > RANK[incident.severity]
    alone = frozenset({event.id})
    return replace(
        incident,
        kind=event.kind if raised else incident.kind,
        kinds=tuple(sorted({*incident.kinds, event.kind})),
        severity=event.severity if raised else incident.severity,
        opened_at=min(incident.opened_at, event.opened_at),
        last_at=max(incident.last_at, event.last_at),
        open_events=incident.open_events - alone if event.closed else incident.open_events | alone,
    )


def _begins_again(incident: Known, event: Sighting, raised: bool) -> bool:
    """Whether a finished incident needs somebody again."""
    if incident.state != IncidentState.RESOLVED:
        return False
    return raised or (incident.reason == RECOVERED and not event.closed)


def _settled(book: Book, incident: Known, settings: CorrelationSettings) -> tuple[Known, list[Command]]:
    """End what is over, and hide what a silent box explains."""
    if not is_unfinished(incident):
        return incident, []
    if is_over(incident):
        ended = replace(
            incident, state=IncidentState.RESOLVED.value, reason=RECOVERED, ended_at=incident.last_at, under=None
        )
        return ended, [Move(incident.id, Recover())]
    if incident.under is None and is_symptom(incident):
        for other in book.incidents.values():
            explains = incident.box is not None and other.key == box_key(incident.box) and is_unfinished(other)
            if explains and incident.opened_at >= other.opened_at - settings.symptom_lead:
                return replace(incident, under=other.id), [Hide(incident.id, other.id)]
    return incident, []
