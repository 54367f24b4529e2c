"""Events, newest first, page by page; one event; its picture."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from api import cursor as cursors
from api.auth import Database, User, Watcher
from api.media import MediaFolder
from api.problems import not_found
from contracts.event import Event
from contracts.ids import Slug
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
    """Events of the user's wards. `next_cursor` leads to the older ones; it is absent on the last page."""
    before = cursors.decode(cursor) if cursor else None
    rows = wall.events_page(db, user.wards, limit=limit + 1, before=before, camera=camera)
    items = [stored(row) for row in rows[:limit]]
    more = len(rows) > limit
    last = EventKey(items[-1].event.opened_at, items[-1].event.id) if more else None
    return EventPage(items=items, next_cursor=last and cursors.encode(last))


@router.get("/{event_id}", response_model_exclude_none=True)
def one_event(event_id: UUID, user: User, db: Database) -> StoredEvent:
    row = wall.event(db, event_id, user.wards)
    if row is None:
        raise not_found("event")
    return stored(row)


@router.get("/{event_id}/snapshot", response_class=FileResponse, responses={200: {"content": {"image/jpeg": {}}}})
def snapshot(event_id: UUID, request: Request, user: Watcher, db: Database) -> FileResponse:
    """The picture taken when the event opened. 404 while it is still on its way from the box."""
    row = wall.event(db, event_id, user.wards)
    digest = row and row.body.get("snapshot")
    media_type = media.media_type(db, digest) if digest else None
    if not digest or media_type is None:
        raise not_found("picture")
    folder: MediaFolder = request.app.state.media
    path = folder.path(digest)
    if not path.is_file():
        raise not_found("picture")
    return FileResponse(path, media_type=media_type)


def stored(row: EventRow) -> StoredEvent:
    """A database row as it leaves the API."""
    event = Event.model_validate(row.body)
    return StoredEvent(ward=row.ward_id, box=row.box_id, event=event, received_at=row.received_at)
