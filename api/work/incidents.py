"""Incidents: pages of them, one with all that is known of it, and the steps that officers take.

Every step names the `version` of the incident that the officer saw. Where somebody was first the answer is a 409 that
says who, what they did, and how the incident stands now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from psycopg import Connection
from psycopg.rows import TupleRow

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.moments import Moment
from api.past import cursor as cursors
from api.past.events import Kinds, Words, at_least, stored
from api.problems import ProblemError, not_found
from api.texts import Username
from api.ward import places
from api.work.incident_models import (
    AssignStep,
    Colleague,
    Colleagues,
    Comment,
    ConflictDocument,
    ConflictError,
    DismissStep,
    IncidentDetail,
    IncidentPage,
    ResolveStep,
    Step,
    StepTaken,
    Told,
    incident_of,
    model_of,
)
from contracts.event import Severity
from contracts.ids import Slug
from contracts.incident import (
    ACTIONS,
    Assign,
    Dismiss,
    Escalate,
    Happening,
    Incident,
    IncidentState,
    Reopen,
    Resolve,
    See,
)
from storage import incident_steps, incidents
from storage import places as stored_places
from storage.incident_steps import Held
from storage.incidents import Filter, IncidentRow, Places
from storage.wall import EventKey

WORKS: Final = frozenset({"admin", "operator", "police"})
"""Roles that take steps; the others read."""

ME: Final = "me"

router = APIRouter(
    prefix="/api/v1/incidents", tags=["incidents"], responses={409: {"model": ConflictDocument, "description": "Late"}}
)


async def working(user: User) -> Person:
    if user.role not in WORKS:
        raise ProblemError(403, "reads_only", "This role reads incidents and does not work on them")
    return user


Officer = Annotated[Person, Depends(working)]


def wanted(
    user: User,
    db: Database,
    q: Words = None,
    state: Annotated[list[IncidentState] | None, Query()] = None,
    ward: Slug | None = None,
    site: Slug | None = None,
    camera: Slug | None = None,
    device: Slug | None = None,
    kind: Kinds = None,
    assignee: Username | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    under: UUID | None = None,
    hidden: bool = False,
    severity: Severity | None = None,
    ids: Annotated[list[UUID] | None, Query(alias="id", max_length=100)] = None,
) -> Filter:
    """What a page is to hold. `under` asks for what one incident explains; `hidden` for all that others explain too.

    `q` finds places by their names; the assignee `me` is who asks, `severity` the least.
    """
    states = None if state is None else [one.value for one in state]
    found = None if q is None else places.find(q, stored_places.names(db, user.sees))
    return Filter(
        states=states,
        ward=ward,
        site=site,
        kinds=kind,
        assignee=user.username if assignee == ME else assignee,
        start=start,
        end=end,
        under=under,
        hidden=hidden or under is not None,
        severities=at_least(severity),
        ids=ids,
        camera=camera,
        device=device,
        places=_places(found) if found else None,
    )


def _places(found: places.Found) -> Places:
    cameras = [spot.camera for spot in found.spots if spot.camera]
    return Places(found.wards, found.sites, cameras, [spot.device for spot in found.spots if spot.device])


@router.get("", response_model_exclude_none=True)
def list_incidents(
    user: User,
    db: Database,
    filters: Annotated[Filter, Depends(wanted)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> IncidentPage:
    """Incidents of the places that the user sees, newest first. `next_cursor` leads to the older ones."""
    before = cursors.decode(cursor) if cursor else None
    rows = incidents.page(db, user.sees, filters, limit=limit + 1, before=before)
    last = EventKey(rows[limit - 1].opened_at, rows[limit - 1].id) if len(rows) > limit else None
    return IncidentPage(items=[incident_of(row) for row in rows[:limit]], next_cursor=last and cursors.encode(last))


@router.get("/{incident_id}", response_model_exclude_none=True)
def one_incident(incident_id: UUID, user: User, db: Database) -> IncidentDetail:
    row = _seen(db, user, incident_id)
    symptoms = incidents.page(db, user.sees, Filter(under=row.id, hidden=True), limit=100)
    return IncidentDetail(
        incident=incident_of(row),
        events=[stored(event) for event in incidents.events(db, row.id)],
        steps=[model_of(StepTaken, step) for step in incidents.steps(db, row.id)],
        symptoms=[incident_of(symptom) for symptom in symptoms],
        told=[model_of(Told, notification) for notification in incidents.notifications(db, row.id)],
    )


@router.get("/{incident_id}/colleagues")
def colleagues(incident_id: UUID, user: Officer, db: Database) -> Colleagues:
    """Who can be given this incident."""
    row = _seen(db, user, incident_id)
    found = incidents.colleagues(db, row.ward_id, row.site_id, sorted(WORKS))
    return Colleagues(items=[model_of(Colleague, colleague) for colleague in found])


@router.post("/{incident_id}/see", response_model_exclude_none=True)
def see(incident_id: UUID, step: Step, user: Officer, db: Database) -> Incident:
    """Somebody looks at it; the time to acknowledge ends here."""
    return _take(db, user, incident_id, See(), step.version)


@router.post("/{incident_id}/assign", response_model_exclude_none=True)
def assign(incident_id: UUID, step: AssignStep, user: Officer, db: Database) -> Incident:
    """Take it, or give it to a colleague who may work on it."""
    row = _seen(db, user, incident_id)
    to = step.to or user.username
    if to not in {one.username for one in incidents.colleagues(db, row.ward_id, row.site_id, sorted(WORKS))}:
        raise ProblemError(422, "cannot_be_assigned", "This user does not work on incidents of that place")
    return _take(db, user, incident_id, Assign(to), step.version, to=to)


@router.post("/{incident_id}/resolve", response_model_exclude_none=True)
def resolve(incident_id: UUID, step: ResolveStep, user: Officer, db: Database) -> Incident:
    return _take(db, user, incident_id, Resolve(step.reason), step.version, reason=step.reason)


@router.post("/{incident_id}/false-alarm", response_model_exclude_none=True)
def false_alarm(incident_id: UUID, step: DismissStep, user: Officer, db: Database) -> Incident:
    return _take(db, user, incident_id, Dismiss(step.reason), step.version, reason=step.reason)


@router.post("/{incident_id}/escalate", response_model_exclude_none=True)
def escalate(incident_id: UUID, step: Step, user: Officer, db: Database) -> Incident:
    """Call the next ones on the ladder now."""
    return _take(db, user, incident_id, Escalate(), step.version)


@router.post("/{incident_id}/reopen", response_model_exclude_none=True)
def reopen(incident_id: UUID, step: Step, user: Officer, db: Database) -> Incident:
    return _take(db, user, incident_id, Reopen(), step.version)


@router.post("/{incident_id}/undo", response_model_exclude_none=True)
def undo(incident_id: UUID, step: Step, user: Officer, db: Database) -> Incident:
    """Take one's own last step back, within a minute."""

    def back(held: Held) -> int | None:
        return incident_steps.undo(db, held, actor=user.username, version=step.version, now=datetime.now(UTC))

    return _change(db, user, incident_id, back, "undo")


@router.post("/{incident_id}/comments", response_model_exclude_none=True)
def comment(incident_id: UUID, said: Comment, user: Officer, db: Database) -> Incident:
    """Add a comment; it stays, whatever becomes of the incident."""

    def add(held: Held) -> int:
        incident_steps.comment(db, held, said.text, actor=user.username)
        return held.version

    return _change(db, user, incident_id, add, "comment")


def _seen(db: Connection[TupleRow], user: Person, incident: UUID) -> IncidentRow:
    """Raises ProblemError 404 for what the user does not see."""
    for row in incidents.by_id(db, [incident]):
        if user.sees.covers(row.ward_id, row.site_id):
            return row
    raise not_found("incident")


def _take(
    db: Connection[TupleRow], user: Person, incident: UUID, what: Happening, version: int, **details: object
) -> Incident:
    """Take a step. Raises ConflictError where somebody was first."""

    def step(held: Held) -> int | None:
        return incident_steps.move(db, held, what, actor=user.username, version=version)

    return _change(db, user, incident, step, ACTIONS[type(what)], **details)


def _change(
    db: Connection[TupleRow],
    user: Person,
    incident: UUID,
    step: Callable[[Held], int | None],
    action: str,
    **details: object,
) -> Incident:
    _seen(db, user, incident)
    with db.transaction():
        held = incident_steps.hold(db, incident)
        if held is None:
            raise not_found("incident")
        version = step(held)
        if version is None:
            raise ConflictError(held, incident_steps.first(db, incident))
        incident_steps.tell(db, [incident])
        audit.note(
            db, user, f"incident.{action}", f"incident:{incident}", ward=held.ward_id, version=version, **details
        )
    (row,) = incidents.by_id(db, [incident])
    return incident_of(row)
