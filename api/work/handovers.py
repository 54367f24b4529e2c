"""The handover of a shift: a summary of a span of time in a ward, and the note that another officer accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.moments import Moment
from api.problems import ProblemError, documented, not_found
from api.texts import Text
from api.work.incident_models import incident_of, model_of
from api.work.incidents import Officer
from contracts.ids import Slug, new_id
from contracts.incident import UNFINISHED, Incident, IncidentState
from storage import handovers, incidents
from storage.handovers import HandoverRow, Shift
from storage.incidents import Filter

router = APIRouter(prefix="/api/v1", tags=["handovers"])

LONGEST: Final = timedelta(days=7)
USUAL: Final = timedelta(hours=8)


class Count(BaseModel):
    """Incidents of the span, by what they are and how they stand now."""

    kind: str
    severity: str
    state: IncidentState
    n: int


class Times(BaseModel):
    """Seconds, of what was reported in the span; `slowest` is the 95th percentile."""

    acknowledged: int
    median_to_acknowledge: float | None = None
    slowest_to_acknowledge: float | None = None
    median_to_resolve: float | None = None


class Work(BaseModel):
    """How often an officer did something."""

    actor: str
    actor_name: str
    action: str
    n: int


class Remark(BaseModel):
    incident_id: UUID
    kind: str
    at: datetime
    actor: str
    actor_name: str | None
    text: str


class DarkCamera(BaseModel):
    """A camera that shows nothing now."""

    id: str
    name: str
    site: str
    box_state: str
    state: str
    fault: str | None
    since: datetime | None


class Summary(BaseModel):
    """A shift at a glance: what came, who did what, what was said, and what is left to the next."""

    ward: str
    start: datetime
    end: datetime
    counts: list[Count]
    times: Times
    work: list[Work]
    comments: list[Remark]
    cameras: list[DarkCamera]
    unfinished: list[Incident]


class Handover(BaseModel):
    """A note with the summary that its author saw."""

    id: UUID
    ward: str
    start: datetime
    end: datetime
    author: str
    author_name: str
    note: str
    summary: dict[str, Any]
    written_at: datetime
    accepted_by: str | None
    accepted_by_name: str | None
    accepted_at: datetime | None


class Handovers(BaseModel):
    items: list[Handover]


class NewHandover(BaseModel):
    start: Moment
    end: Moment
    note: Text = Field(description="what the next shift must know")


def asked_shift(user: User, ward: Slug, start: Moment | None = None, end: Moment | None = None) -> Shift:
    """The shift of a request; the last eight hours unless it says otherwise."""
    end = end or datetime.now(UTC)
    return _shift(user, ward, start or end - USUAL, end)


@router.get("/wards/{ward}/shift", response_model_exclude_none=True)
def summary(db: Database, shift: Annotated[Shift, Depends(asked_shift)]) -> Summary:
    """What happened in a ward between two times, and what is unfinished now."""
    return _summary(db, shift)


@router.get("/handovers")
def list_handovers(user: User, db: Database, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Handovers:
    """The newest notes of the wards that the user sees whole."""
    rows = handovers.page(db, sorted(user.sees.whole), limit=limit)
    return Handovers(items=[_handover(row) for row in rows])


@router.post("/wards/{ward}/handovers", status_code=201)
def write(ward: Slug, note: NewHandover, user: Officer, db: Database) -> Handover:
    """Leave a note to the next shift, together with the summary as it is now."""
    shift = _shift(user, ward, note.start, note.end)
    if ward not in user.sees.whole:
        raise ProblemError(403, "part_of_ward", "Only who sees the whole ward may hand it over")
    id_ = new_id()
    with db.transaction():
        seen = _summary(db, shift).model_dump(mode="json", exclude_none=True)
        handovers.add(db, id_, shift, author=user.username, note=note.note, summary=seen)
        audit.note(db, user, "handover.write", f"handover:{id_}", ward=ward)
    return _one(db, user, id_)


@router.post("/handovers/{handover_id}/accept", responses=documented(409))
def accept(handover_id: UUID, user: Officer, db: Database) -> Handover:
    """Take the shift over. Not one's own note, and only one officer can."""
    before = _one(db, user, handover_id)
    if before.author == user.username:
        raise ProblemError(409, "own_handover", "Another officer must accept this note")
    with db.transaction():
        if not handovers.accept(db, handover_id, user.username):
            raise ProblemError(409, "accepted_already", "Another officer has accepted this note")
        audit.note(db, user, "handover.accept", f"handover:{handover_id}", ward=before.ward)
    return _one(db, user, handover_id)


def _shift(user: Person, ward: str, start: datetime, end: datetime) -> Shift:
    """Raises ProblemError 404 for a ward that the user does not see, 422 for a span that is none."""
    if ward not in user.sees.wards:
        raise not_found("ward")
    if not timedelta(0) < end - start <= LONGEST:
        raise ProblemError(422, "invalid", f"`start` must lie before `end`, at most {LONGEST.days} days")
    return Shift(ward, start, end, user.sees)


def _summary(db: Connection[TupleRow], shift: Shift) -> Summary:
    states = [state.value for state in UNFINISHED]
    rows = incidents.page(db, shift.scope, Filter(states=states, ward=shift.ward), limit=200)
    return Summary(
        ward=shift.ward,
        start=shift.start,
        end=shift.end,
        counts=_models(Count, handovers.counts(db, shift)),
        times=model_of(Times, handovers.times(db, shift)),
        work=_models(Work, handovers.work(db, shift)),
        comments=_models(Remark, handovers.comments(db, shift)),
        cameras=_models(DarkCamera, handovers.cameras(db, shift)),
        unfinished=[incident_of(row) for row in rows],
    )


def _one(db: Connection[TupleRow], user: Person, handover: UUID) -> Handover:
    for row in handovers.page(db, sorted(user.sees.whole), only=handover):
        return _handover(row)
    raise not_found("handover")


def _handover(row: HandoverRow) -> Handover:
    values = {name: getattr(row, name) for name in Handover.model_fields if hasattr(row, name)}
    return Handover(**values, ward=row.ward_id, start=row.starts_at, end=row.ends_at)


M = TypeVar("M", bound=BaseModel)


def _models(model: type[M], rows: list[Any]) -> list[M]:
    return [model_of(model, row) for row in rows]
