"""Events, newest first, page by page; one event; its pictures and its clip."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel

from api import audit, playback
from api import cursor as cursors
from api.auth import Database, User, Watcher, require_sight
from api.media import folder_of
from api.permissions import Person
from api.problems import not_found
from contracts.event import Event
from contracts.ids import Slug
from contracts.media import JPEG, MP4
from storage import media, wall
from storage.wall import EventKey, EventRow

router = APIRouter(prefix="/api/v1/events", tags=["events"])


class StoredEvent(BaseModel):
    """An event's newest revision, and when the centre first heard of it."""

    ward: str
    box: str
    event: Event
    received_at: datetime


class EventPage(BaseModel):
    items: list[StoredEvent]
    next_cursor: str | None


@router.get("", response_model_exclude_none=True)
def list_events(
    user: User,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    camera: Slug | None = None,
) -> EventPage:
    """Events of the places that the user sees. `next_cursor` leads to the older ones; it is absent on the last page."""
    before = cursors.decode(cursor) if cursor else None
    rows = wall.events_page(db, user.sees, limit=limit + 1, before=before, camera=camera)
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


@router.get("/{event_id}/snapshot", response_class=FileResponse, responses={200: {"content": {JPEG: {}}}})
def snapshot(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """The best picture of the event so far. 404 while it is still on its way from the box."""
    row = _watched(db, user, event_id)
    audit.look(request, db, user, "picture.viewed", f"event:{event_id}", ward=row.ward_id)
    return _medium(request, db, row, "snapshot")


@router.get("/{event_id}/thumbnail", response_class=FileResponse, responses={200: {"content": {JPEG: {}}}})
def thumbnail(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """A small picture of what the event is about."""
    row = _watched(db, user, event_id)
    audit.look(request, db, user, "picture.viewed", f"event:{event_id}", ward=row.ward_id)
    return _medium(request, db, row, "thumbnail")


@router.get("/{event_id}/clip", response_class=FileResponse, responses={200: {"content": {MP4: {}}}})
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
    media_type = media.media_type(db, digest) if digest else None
    if not digest or media_type is None:
        raise not_found("picture")
    return folder_of(request).answer(digest, media_type)


def stored(row: EventRow) -> StoredEvent:
    """A database row as it leaves the API."""
    event = Event.model_validate(row.body)
    return StoredEvent(ward=row.ward_id, box=row.box_id, event=event, received_at=row.received_at)
