"""One camera over up to a week, in one answer: what happened, how it fared, what it counted, which films there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access.auth import Database, User
from api.footage.recordings import MAY_ASK
from api.moments import Moment
from api.problems import ProblemError, not_found
from api.ward import camera_states
from api.ward.camera_states import Fared, Stretch, bucket_of
from contracts.ids import Slug
from storage import timeline
from storage.history import Length, Span
from storage.timeline import CameraNow, CrossingCount, EventMark, Film, PeopleCount

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])

LONGEST: Final = timedelta(days=7)
LONGEST_FINE: Final = timedelta(days=2)
MOST_EVENTS: Final = 500
MOST_FILMS: Final = 50
STEPS: Final = {Length.MINUTES_5: timedelta(minutes=5), Length.HOUR: timedelta(hours=1)}


class _Between(BaseModel):
    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")


class State(_Between):
    """How the camera fared for a time. `silent`: its box told nothing. `share` is how much of the time it streamed."""

    state: Fared
    share: float | None


class Mark(BaseModel):
    """An event. Its pictures are true once they have arrived, for who may see them."""

    id: UUID
    kind: str
    severity: str
    zone: str | None
    opened_at: datetime
    closed_at: datetime | None
    snapshot: bool
    thumbnail: bool
    clip: bool
    incident: UUID | None


class People(BaseModel):
    """The mean of all zones together, and the most that one of them held."""

    at: datetime
    mean: float
    highest: float


class Crossings(BaseModel):
    """How many persons crossed a line."""

    at: datetime
    line: str
    into: int
    out: int


class Recorded(_Between):
    """A film that somebody asked for; `ready`: it has arrived."""

    id: UUID
    state: str
    ready: bool
    requested_by: str


class Timeline(_Between):
    """`states` reach to now at most. Counts are absent for who sees no video, films for who may not ask for them."""

    camera: str
    step: Length
    events: list[Mark] = Field(description="the newest first, also those that began before and went on")
    truncated: bool = Field(description="there are older events, which are left out")
    states: list[State]
    people: list[People] | None = None
    crossings: list[Crossings] | None = None
    recordings: list[Recorded] | None = None


@router.get("/{camera}/timeline", response_model_exclude_none=True)
def camera_timeline(
    camera: Slug,
    user: User,
    db: Database,
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
    step: Literal["5m", "1h"] | None = None,
) -> Timeline:
    """The last day unless it says otherwise; a week at most, in steps of five minutes up to two days."""
    now = datetime.now(UTC)
    span, length = _asked(start, end, step, now)
    found = timeline.camera(db, camera)
    if found is None or not user.sees.covers(found.ward_id, found.site_id):
        raise not_found("camera")
    watched = user.watches.covers(found.ward_id, found.site_id)
    marks = timeline.events(db, camera, user.sees, span, MOST_EVENTS + 1)
    answer = Timeline(
        camera=camera,
        start=span.start,
        end=span.end,
        step=length,
        events=[_mark(mark, watched) for mark in marks[:MOST_EVENTS]],
        truncated=len(marks) > MOST_EVENTS,
        states=_states(db, camera, found, span, length, now),
    )
    if watched:
        counted = _whole(span, length)
        answer.people = [_people(row) for row in timeline.people(db, camera, counted, length)]
        answer.crossings = [_crossings(row) for row in timeline.crossings(db, camera, counted, length)]
    if watched and user.role in MAY_ASK:
        answer.recordings = [_recorded(film) for film in timeline.films(db, camera, span, MOST_FILMS)]
    return answer


def _asked(start: datetime | None, end: datetime | None, step: str | None, now: datetime) -> tuple[Span, Length]:
    """Raises ProblemError 422 for more than one answer holds."""
    end = end or now
    span = Span(start or end - timedelta(days=1), end)
    length = span.end - span.start
    if not timedelta(0) < length <= LONGEST:
        raise ProblemError(422, "invalid", f"`from` must lie before `to`, at most {LONGEST.days} days")
    if step == Length.MINUTES_5 and length > LONGEST_FINE:
        raise ProblemError(422, "invalid", f"Steps of five minutes reach over {LONGEST_FINE.days} days at most")
    return span, Length(step or (Length.MINUTES_5 if length <= LONGEST_FINE else Length.HOUR))


def _whole(span: Span, length: Length) -> Span:
    """`span` from the start of its first bucket."""
    return Span(bucket_of(span.start, STEPS[length]), span.end)


def _states(db: Database, camera: str, found: CameraNow, span: Span, length: Length, now: datetime) -> list[State]:
    shares = timeline.streaming(db, camera, _whole(span, length), length)
    return [_state(one) for one in camera_states.stretches(shares, span, STEPS[length], now=now, camera=found)]


def _state(one: Stretch) -> State:
    return State(start=one.start, end=one.end, state=one.state, share=one.share)


def _mark(row: EventMark, watched: bool) -> Mark:
    return Mark(
        id=row.id,
        kind=row.kind,
        severity=row.severity,
        zone=row.zone_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        snapshot=watched and row.snapshot,
        thumbnail=watched and row.thumbnail,
        clip=watched and row.clip,
        incident=row.incident_id,
    )


def _people(row: PeopleCount) -> People:
    return People(at=row.bucket, mean=row.mean, highest=row.highest)


def _crossings(row: CrossingCount) -> Crossings:
    return Crossings(at=row.bucket, line=row.line, into=row.into, out=row.out)


def _recorded(film: Film) -> Recorded:
    return Recorded(
        start=film.began_at,
        end=film.ended_at,
        id=film.id,
        state=film.state,
        ready=film.ready,
        requested_by=film.requested_by,
    )
