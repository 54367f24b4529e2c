"""Events, newest first, page by page, all or those that are searched for; one event; its pictures and its clip."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel

from api.access.auth import Database, User, Watcher, require_sight
from api.access.permissions import Person
from api.auditing import audit
from api.footage import playback
from api.footage.media import folder_of, served
from api.moments import Moment
from api.past import cursor as cursors
from api.problems import documented, not_found, removed
from api.texts import LINE_PATTERN
from api.ward import places
from contracts.event import Event, Severity
from contracts.ids import Code, Slug
from contracts.media import JPEG, MP4
from storage import media, search, wall
from storage import places as stored_places
from storage.search import EventFilter
from storage.wall import EventKey, EventRow

router = APIRouter(prefix="/api/v1/events", tags=["events"])


class StoredEvent(BaseModel):
    """An event's newest revision, when the centre first heard of it, and the incident that it is part of."""

    ward: str
    box: str
    event: Event
    received_at: datetime
    incident: UUID | None = None


class EventPage(BaseModel):
    items: list[StoredEvent]
    next_cursor: str | None


Words = Annotated[
    str | None, Query(min_length=1, max_length=100, pattern=LINE_PATTERN, description="words of the names of places")
]
Kinds = Annotated[list[Code] | None, Query(max_length=32)]
From = Annotated[Moment | None, Query(alias="from", description="opened at this moment or later")]
To = Annotated[Moment | None, Query(alias="to", description="opened before this moment")]


def at_least(severity: Severity | None) -> list[str] | None:
    """The severities from `severity` on."""
    every = list(Severity)
    return None if severity is None else [one.value for one in every[every.index(severity) :]]


def wanted(
    user: User,
    db: Database,
    q: Words = None,
    ward: Slug | None = None,
    site: Slug | None = None,
    camera: Slug | None = None,
    device: Slug | None = None,
    kind: Kinds = None,
    severity: Severity | None = None,
    start: From = None,
    end: To = None,
    state: Literal["open", "closed"] | None = None,
    has: Annotated[list[Literal["clip", "snapshot"]] | None, Query(max_length=2)] = None,
) -> EventFilter:
    """What a page is to hold. `q` finds places by their names, `severity` is the least."""
    found = None if q is None else places.find(q, stored_places.names(db, user.sees))
    return EventFilter(
        spots=found.spots if found else None,
        ward=ward,
        site=site,
        camera=camera,
        device=device,
        kinds=kind,
        severities=at_least(severity),
        start=start,
        end=end,
        open=None if state is None else state == "open",
        snapshot="snapshot" in (has or ()),
        clip="clip" in (has or ()),
    )


@router.get("", response_model_exclude_none=True)
def list_events(
    user: User,
    db: Database,
    filters: Annotated[EventFilter, Depends(wanted)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> EventPage:
    """Events of the places that the user sees. `next_cursor` leads to the older ones; it is absent on the last page."""
    before = cursors.decode(cursor) if cursor else None
    rows = search.events(db, user.sees, filters, limit=limit + 1, before=before)
    items = [stored(row) for row in rows[:limit]]
    more = len(rows) > limit
    last = EventKey(items[-1].event.opened_at, items[-1].event.id) if more else None
    return EventPage(items=items, next_cursor=last and cursors.encode(last))


@router.get("/{event_id}", response_model_exclude_none=True)
def one_event(event_id: UUID, user: User, db: Database) -> StoredEvent:
    row = wall.event(db, event_id, user.sees)
    if row is None:
        raise not_found("event")
    return stored(row)


@router.get("/{event_id}/snapshot", response_class=FileResponse, responses=served(JPEG) | documented(410))
def snapshot(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """The best picture of the event so far. 404 while it is still on its way from the box."""
    row = _watched(db, user, event_id)
    audit.look(request, db, user, "picture.viewed", f"event:{event_id}", ward=row.ward_id)
    return _medium(request, db, row, "snapshot")


@router.get("/{event_id}/thumbnail", response_class=FileResponse, responses=served(JPEG) | documented(410))
def thumbnail(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """A small picture of what the event is about."""
    row = _watched(db, user, event_id)
    audit.look(request, db, user, "picture.viewed", f"event:{event_id}", ward=row.ward_id)
    return _medium(request, db, row, "thumbnail")


@router.get("/{event_id}/clip", response_class=FileResponse, responses=served(MP4) | documented(410))
def clip(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """The moments around the opening, as MP4, also in parts (Range). 404 while it is still on its way from the box.

    403 `reason_needed` until this session has said why it plays back (POST /api/v1/playback).
    """
    row = _watched(db, user, event_id)
    playback.require_reason(request, db, user, row)
    return _medium(request, db, row, "clip")


def _watched(db: Connection[TupleRow], user: Person, event_id: UUID) -> EventRow:
    """The event, if `user` may watch its place. Raises ProblemError 404 or 403."""
    row = wall.event(db, event_id, user.sees)
    if row is None:
        raise not_found("picture")
    require_sight(user, row.ward_id, str(row.body["site"]), "picture")
    return row


def _medium(request: Request, db: Connection[TupleRow], row: EventRow, name: str) -> FileResponse:
    digest = row.body.get(name)
    medium = media.find(db, digest) if digest else None
    if not digest or medium is None:
        raise not_found("picture")
    if medium.removed_at is not None:
        raise removed()
    return folder_of(request).answer(digest, medium.media_type)


def stored(row: EventRow) -> StoredEvent:
    """A database row as it leaves the API."""
    event = Event.model_validate(row.body)
    return StoredEvent(
        ward=row.ward_id, box=row.box_id, event=event, received_at=row.received_at, incident=row.incident_id
    )
