"""Incidents as officers see them: pages, and one with its events, its steps and who was told. storage.incident_steps
writes what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries
from storage.wall import EventKey, EventRow

SQL = queries("incidents")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    id: UUID
    ward_id: str
    site_id: str | None
    box_id: str | None
    camera_id: str | None
    kind: str
    severity: str
    state: str
    version: int
    cause: str | None
    cause_id: UUID | None
    assignee: str | None
    reason: str | None
    escalations: int
    opened_at: datetime
    reported_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    assignee_name: str | None
    events: int
    open_events: int
    seconds_to_acknowledge: float | None
    seconds_to_resolve: float | None
    device_id: str | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    id: int
    at: datetime
    actor: str | None
    actor_name: str | None
    action: str
    state: str
    assignee: str | None
    assignee_name: str | None
    reason: str | None
    comment: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class NotificationRow:
    step: int
    channel: str
    state: str
    due_at: datetime
    attempts: int
    error: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ColleagueRow:
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where an incident may be: at one of these sites, cameras or devices, or in one of these wards as a whole."""

    wards: Sequence[str]
    sites: Sequence[str]
    cameras: Sequence[str]
    devices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents are asked for; None asks for all."""

    states: Sequence[str] | None = None
    ward: str | None = None
    site: str | None = None
    kinds: Sequence[str] | None = None
    assignee: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    under: UUID | None = None
    hidden: bool = False
    severities: Sequence[str] | None = None
    ids: Sequence[UUID] | None = None
    camera: str | None = None
    device: str | None = None
    places: Places | None = None


def page(
    connection: Db, scope: Scope, wanted: Filter, *, limit: int, before: EventKey | None = None
) -> list[IncidentRow]:
    """At most `limit` incidents of `scope`, newest first, all older than `before`.

    Planned anew each time: which index is best hangs on what is asked.
    """
    parameters: dict[str, object] = {name: getattr(wanted, name) for name in Filter.__slots__ if name != "places"}
    parameters |= {
        **scope.parameters(),
        **{name: _listed(getattr(wanted, name)) for name in ("states", "severities", "kinds", "ids")},
        "anywhere": wanted.places is None,
        "at_wards": list(wanted.places.wards) if wanted.places else [],
        "at_sites": list(wanted.places.sites) if wanted.places else [],
        "at_cameras": list(wanted.places.cameras) if wanted.places else [],
        "at_devices": list(wanted.places.devices) if wanted.places else [],
        "limit": limit,
        "before_at": before and before.opened_at,
        "before_id": before and before.id,
    }
    with connection.cursor(row_factory=class_row(IncidentRow)) as cursor:
        return cursor.execute(SQL["page"], parameters, prepare=False).fetchall()


def _listed(values: Sequence[object] | None) -> list[object] | None:
    return None if values is None else list(values)


def by_id(connection: Db, ids: Sequence[UUID]) -> list[IncidentRow]:
    with connection.cursor(row_factory=class_row(IncidentRow)) as cursor:
        return cursor.execute(SQL["by_id"], {"ids": list(ids)}).fetchall()


def events(connection: Db, incident: UUID, limit: int = 200) -> list[EventRow]:
    """The newest of an incident's events."""
    with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(SQL["events"], {"id": incident, "limit": limit}).fetchall()


def newest_events(connection: Db, ids: Sequence[UUID], each: int = 20) -> dict[UUID, list[UUID]]:
    """The ids of the newest events of each of these incidents."""
    found: dict[UUID, list[UUID]] = {id_: [] for id_ in ids}
    for incident, event in connection.execute(SQL["newest_events"], {"ids": list(ids), "each": each}):
        found[incident].append(event)
    return found


def steps(connection: Db, incident: UUID) -> list[StepRow]:
    with connection.cursor(row_factory=class_row(StepRow)) as cursor:
        return cursor.execute(SQL["steps"], {"id": incident}).fetchall()


def notifications(connection: Db, incident: UUID) -> list[NotificationRow]:
    with connection.cursor(row_factory=class_row(NotificationRow)) as cursor:
        return cursor.execute(SQL["notifications"], {"id": incident}).fetchall()


def colleagues(connection: Db, ward: str, site: str | None, roles: Sequence[str]) -> list[ColleagueRow]:
    """Who can be given an incident of this place."""
    with connection.cursor(row_factory=class_row(ColleagueRow)) as cursor:
        return cursor.execute(SQL["colleagues"], {"ward": ward, "site": site, "roles": list(roles)}).fetchall()
