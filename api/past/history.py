"""The past in figures: events by kind over time, and what a camera counted or how it fared. Never raw rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.access.auth import Database, User
from api.moments import Moment
from api.problems import ProblemError, not_found
from contracts.ids import Code, Slug
from storage import history, recordings
from storage.history import Length, Span

router = APIRouter(prefix="/api/v1/history", tags=["history"])

LONGEST = timedelta(days=400)
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


class Bucket(BaseModel):
    """One time span: how many samples, their mean, bounds, the latest and the sum, which is what a line counted."""

    at: datetime
    n: int
    mean: float
    lowest: float
    highest: float
    latest: float
    total: float


class CameraSeries(BaseModel):
    length: Length
    items: list[Bucket]


class EventCount(BaseModel):
    at: datetime
    kind: str
    severity: str
    n: int


class EventCounts(BaseModel):
    length: Length
    items: list[EventCount]


async def asked_span(start: Moment | None = None, end: Moment | None = None) -> Span:
    """The span of a request; the last day unless it says otherwise."""
    end = end or datetime.now(UTC)
    if not EARLIEST <= end <= datetime.now(UTC) + timedelta(days=1):
        raise ProblemError(422, "invalid", "`end` lies outside of what can be stored")
    start = start or end - timedelta(days=1)
    if not timedelta(0) < end - start <= LONGEST:
        raise ProblemError(422, "invalid", f"`start` must lie before `end`, at most {LONGEST.days} days")
    return Span(start, end)


AskedSpan = Annotated[Span, Depends(asked_span)]


@router.get("/events")
def events(user: User, db: Database, span: AskedSpan) -> EventCounts:
    """How many events of each kind the user's wards had: by the hour up to four weeks, else by the day."""
    length = Length.DAY if span.length is Length.DAY else Length.HOUR
    counts = history.event_counts(db, user.sees, span)
    items = [EventCount(at=row.bucket, kind=row.kind, severity=row.severity, n=row.n) for row in counts]
    return EventCounts(length=length, items=items)


@router.get("/cameras/{camera}/{metric}")
def camera_series(
    camera: Slug,
    metric: Code,
    user: User,
    db: Database,
    span: AskedSpan,
    zone: Annotated[Slug | None, Query()] = None,
) -> CameraSeries:
    """One metric of a camera, such as `zone.people` or `camera.fps`, in buckets of a length that fits the span."""
    place = recordings.place_of(db, camera)
    if place is None or not user.sees.covers(place.ward_id, place.site_id):
        raise not_found("camera")
    buckets = history.series(db, camera, metric, span, zone=zone or "")
    items = [
        Bucket(
            at=row.bucket,
            n=row.n,
            mean=row.mean,
            lowest=row.lowest,
            highest=row.highest,
            latest=row.latest,
            total=row.total,
        )
        for row in buckets
    ]
    return CameraSeries(length=span.length, items=items)
