"""Recorded video that somebody asks of a box: a range of time, with the reason for which they want to see it.

The request is kept in the database, reaches the box over its live link (api.live), now or when it dials in next, and
the film comes as every upload does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from api.access.auth import Database, Watcher, require_sight
from api.access.permissions import Person
from api.auditing import audit
from api.footage.media import folder_of, served
from api.problems import ProblemError, documented, not_found, removed
from api.texts import Reason
from contracts.command import LONGEST_RANGE_S, RecordingWanted
from contracts.ids import Slug, new_id
from contracts.media import MP4
from contracts.wire import Timestamp
from storage import grants, media, recordings
from storage.media import MediumRow
from storage.recordings import RecordingRow

router = APIRouter(prefix="/api/v1", tags=["recordings"])

MAY_ASK = frozenset({"admin", "operator", "police"})
AHEAD = timedelta(minutes=1)
"""A range may end a little later than now: clocks differ."""

MOST_LISTED = 50


class Wish(BaseModel):
    """What to see, and why: the reason is kept with who asked."""

    begin: Timestamp
    end: Timestamp
    reason: Reason


class Recording(BaseModel):
    """A request and how far it is. `ready`: its film can be fetched, until `removed_at`. `refusal` is a code."""

    id: UUID
    camera: str
    begin: datetime
    end: datetime
    reason: str
    requested_by: str
    requested_at: datetime
    state: str
    ready: bool
    refusal: str | None = None
    removed_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    digest: str | None = None


class Recordings(BaseModel):
    items: list[Recording] = Field(description="the newest first")


async def may_ask(user: Watcher) -> Person:
    if user.role not in MAY_ASK:
        raise ProblemError(403, "may_not_ask", "This role sees live video and alerts, not recordings")
    return user


Asker = Annotated[Person, Depends(may_ask)]


@router.post("/cameras/{camera}/recordings", status_code=202, response_model_exclude_none=True)
def ask_recording(camera: Slug, wish: Wish, user: Asker, db: Database) -> Recording:
    """Have the camera's box send what it recorded of that time."""
    place = recordings.place_of(db, camera)
    if place is None:
        raise not_found("camera")
    require_sight(user, place.ward_id, place.site_id, "camera")
    _require_sense(wish, datetime.now(UTC))
    wanted = RecordingWanted(id=new_id(), camera=camera, begin=wish.begin, end=wish.end)
    with db.transaction():
        recordings.ask(db, wanted, place, reason=wish.reason, by=user.username)
        audit.note(
            db, user, "recording.asked", f"camera:{camera}", ward=place.ward_id,
            recording=wanted.id, begin=wish.begin, end=wish.end, reason=wish.reason,
        )  # fmt: skip
    return _recording(db, _found(db, wanted.id))


@router.get("/cameras/{camera}/recordings", response_model_exclude_none=True)
def list_recordings(camera: Slug, user: Asker, db: Database) -> Recordings:
    """The newest requests for a camera, whoever asked."""
    place = recordings.place_of(db, camera)
    if place is None:
        raise not_found("camera")
    require_sight(user, place.ward_id, place.site_id, "camera")
    return Recordings(items=[_recording(db, row) for row in recordings.of_camera(db, camera, MOST_LISTED)])


@router.get("/recordings/{recording}", response_model_exclude_none=True)
def one_recording(recording: UUID, user: Asker, db: Database) -> Recording:
    """How far a request is."""
    row = _seen(db, recording, user)
    return _recording(db, row)


@router.get("/recordings/{recording}/video", response_class=FileResponse, responses=served(MP4) | documented(410))
def recorded_video(recording: UUID, request: Request, user: Asker, db: Database) -> FileResponse:
    """The film, also in parts (Range). 404 while it is still on its way from the box.

    Who asked for it has said why; anybody else gets 403 `reason_needed` until their session has said so for the camera
    (POST /api/v1/playback).
    """
    row = _seen(db, recording, user)
    _require_reason(db, user, row)
    film = _film(db, row)
    if row.digest is None or film is None:
        raise not_found("recording")
    if film.removed_at is not None:
        raise removed()
    answer = folder_of(request).answer(row.digest, MP4)
    audit.look(request, db, user, "recording.viewed", f"recording:{row.id}", ward=row.ward_id, camera=row.camera_id)
    return answer


def _require_sense(wish: Wish, now: datetime) -> None:
    """Raises ProblemError 422 for a range that no box could serve."""
    if not timedelta(0) < wish.end - wish.begin <= timedelta(seconds=LONGEST_RANGE_S):
        raise ProblemError(422, "bad_range", f"A range is longer than 0 and at most {LONGEST_RANGE_S} seconds")
    if wish.end > now + AHEAD:
        raise ProblemError(422, "bad_range", "A range ends before now")


def _seen(db: Database, recording: UUID, user: Person) -> RecordingRow:
    row = recordings.one(db, recording)
    if row is None:
        raise not_found("recording")
    require_sight(user, row.ward_id, row.site_id, "recording")
    return row


def _require_reason(db: Database, user: Person, row: RecordingRow) -> None:
    if row.requested_by == user.username:
        return
    if grants.playback_reason(db, user.session, (f"camera:{row.camera_id}",)) is None:
        raise ProblemError(403, "reason_needed", "Say first why this is played back: POST /api/v1/playback")


def _found(db: Database, recording: UUID) -> RecordingRow:
    row = recordings.one(db, recording)
    assert row
    return row


def _film(db: Database, row: RecordingRow) -> MediumRow | None:
    """The film as far as the centre knows it; what a box sends instead of a film is none."""
    found = media.find(db, row.digest) if row.digest else None
    return found if found and found.media_type == MP4 else None


def _recording(db: Database, row: RecordingRow) -> Recording:
    film = _film(db, row)
    return Recording(
        id=row.id,
        camera=row.camera_id,
        begin=row.wanted_from,
        end=row.wanted_to,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        state=row.state,
        ready=film is not None and film.removed_at is None,
        removed_at=film and film.removed_at,
        refusal=row.refusal,
        began_at=row.began_at,
        ended_at=row.ended_at,
        digest=row.digest,
    )
