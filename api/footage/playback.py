"""A reason before playback: who wants to see what was recorded says why, once for an event or a camera.

The answer lets the session, and nobody else, fetch that object's clips for some minutes, since a video element can
send no reason with its own requests. Live pictures and the alerts' snapshots need none.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Database, Watcher, require_sight, settings_of
from api.access.permissions import Person
from api.auditing import audit
from api.problems import ProblemError, documented, not_found
from api.texts import Reason
from contracts.ids import Slug
from storage import grants, wall
from storage.wall import EventRow

router = APIRouter(prefix="/api/v1/playback", tags=["playback"])


class Asked(BaseModel):
    """Exactly one of `event` and `camera`. A camera's permission covers the clips of all its events."""

    event: UUID | None = None
    camera: Slug | None = None
    reason: Reason = Field(description="why; it stands in the audit log")


class Allowed(BaseModel):
    object: str
    until: datetime


@router.post("", status_code=201, responses=documented(404))
def ask(asked: Asked, request: Request, user: Watcher, db: Database) -> Allowed:
    """Give a reason; this session may then play the object back for a while."""
    thing, ward = _thing(db, user, asked)
    lifetime = settings_of(request).playback_lifetime
    with db.transaction():
        until = grants.allow_playback(db, user.session, thing, asked.reason, lifetime)
        audit.note(db, user, "playback.asked", thing, ward=ward, reason=asked.reason, until=until)
    return Allowed(object=thing, until=until)


def require_reason(request: Request, db: Connection[TupleRow], user: Person, row: EventRow) -> None:
    """Let `user` play back what was recorded of an event, and enter it. Raises ProblemError 403 or 404."""
    site, camera = str(row.body["site"]), str(row.body["camera"])
    require_sight(user, row.ward_id, site, "event")
    things = (f"event:{row.body['id']}", f"camera:{camera}")
    reason = grants.playback_reason(db, user.session, things)
    if reason is None:
        raise ProblemError(403, "reason_needed", "Say first why this is played back: POST /api/v1/playback")
    audit.look(request, db, user, "playback.viewed", things[0], ward=row.ward_id, camera=camera, reason=reason)


def _thing(db: Connection[TupleRow], user: Person, asked: Asked) -> tuple[str, str]:
    """What is asked for, and its ward. Raises ProblemError for what `user` may not watch."""
    if asked.event is not None and asked.camera is None:
        row = wall.event(db, asked.event, user.sees)
        if row is None:
            raise not_found("event")
        require_sight(user, row.ward_id, str(row.body["site"]), "event")
        return f"event:{asked.event}", row.ward_id
    if asked.camera is not None and asked.event is None:
        found = next((row for row in wall.cameras(db, user.sees) if row.id == asked.camera), None)
        if found is None:
            raise not_found("camera")
        require_sight(user, found.ward_id, found.site_id, "camera")
        return f"camera:{found.id}", found.ward_id
    raise ProblemError(422, "invalid", "Name either an event or a camera")
