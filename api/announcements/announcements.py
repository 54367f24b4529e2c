"""Announcements over loudspeakers: somebody proposes, somebody approves, the boxes play, and all of it stays.

Words of one's own are approved by another person than who wrote them; one of the known texts may be approved by the
same officer; a text about a fire is approved beforehand. What is approved reaches the boxes on the line that they dial
out (api.live.announcements).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.requests import HTTPConnection

from api.access.auth import Database, SendingBox, User
from api.access.permissions import Person
from api.announcements.models import (
    Announcement,
    Announcements,
    Choices,
    Proposal,
    Remark,
    Wish,
    announcement_of,
    speaker_choice,
    template_choice,
)
from api.announcements.sound import SoundError
from api.announcements.studio import WAV, Made, Studio, problem
from api.auditing import audit
from api.footage.media import served
from api.problems import ProblemError, documented, not_found
from contracts.announcement import Priority, Said, Template
from contracts.ids import Digest, new_id
from storage import announcements, incidents
from storage.announcements import AnnouncementRow, NewAnnouncement, SpeakerRow

router = APIRouter(prefix="/api/v1", tags=["announcements"])

Db = Connection[TupleRow]

PROPOSES: Final = frozenset({"admin", "operator", "police"})
APPROVES: Final = frozenset({"admin", "police"})


def studio_of(connection: HTTPConnection) -> Studio:
    return cast(Studio, connection.app.state.studio)


TheStudio = Annotated[Studio, Depends(studio_of)]


async def may_propose(user: User) -> Person:
    if user.role not in PROPOSES:
        raise ProblemError(403, "may_not_announce", "Police, operators and administrators announce")
    return user


async def may_approve(user: User) -> Person:
    if user.role not in APPROVES:
        raise ProblemError(403, "may_not_approve", "Police and administrators approve what is announced")
    return user


Proposer = Annotated[Person, Depends(may_propose)]
Approver = Annotated[Person, Depends(may_approve)]


@router.get("/announcements/choices")
def choices(user: User, db: Database, studio: TheStudio) -> Choices:
    """The texts that there are, and the loudspeakers of the places that the user sees."""
    return Choices(
        speaks=studio.speech.speaks,
        proposes=user.role in PROPOSES,
        approves=user.role in APPROVES,
        templates=[template_choice(template) for template in studio.templates.values()],
        speakers=[speaker_choice(row) for row in announcements.speakers(db, user.sees)],
    )


@router.post(
    "/announcements/preview",
    response_class=FileResponse,
    responses=cast("dict[int | str, dict[str, Any]]", served(WAV) | documented(404, 422)),
)
def preview(wish: Wish, user: Proposer, db: Database, studio: TheStudio) -> FileResponse:
    """What would be heard. Nothing is kept of it but the sound itself."""
    site = _site(db, user, wish.site)[0]
    template, said = _words(studio, wish, site.site_name)
    return studio.answer(_made(studio, said, wish, template).digest)


@router.post("/announcements", status_code=201, responses=documented(404))
def propose(proposal: Proposal, user: Proposer, db: Database, studio: TheStudio) -> Announcement:
    """Propose what is to be said. A text that is approved beforehand goes out at once."""
    there = _site(db, user, proposal.site)
    over = [row for row in there if row.id in proposal.speakers] if proposal.speakers else there
    if len(over) < len(set(proposal.speakers)):
        raise not_found("speaker")
    _require_incident(db, user, proposal.incident)
    template, said = _words(studio, proposal, there[0].site_name)
    made = _made(studio, said, proposal, template)
    now = datetime.now(UTC)
    new = NewAnnouncement(
        id=new_id(),
        ward_id=there[0].ward_id,
        site_id=proposal.site,
        incident_id=proposal.incident,
        template=proposal.template,
        language=proposal.language,
        said=said.text,
        source=made.source,
        digest=made.digest,
        seconds=made.seconds,
        priority=(template.priority if template else Priority(proposal.priority)).value,
        by=user.username,
        expires_at=now + studio.settings.approval,
    )
    with db.transaction():
        announcements.propose(db, new, over)
        audit.note(
            db, user, "announcement.proposed", f"announcement:{new.id}", ward=new.ward_id, site=new.site_id,
            text=said.text, template=proposal.template or "", speakers=[row.id for row in over],
        )  # fmt: skip
        if template and template.preapproved:
            announcements.approve(db, new.id, by=None, expires_at=now + studio.settings.valid)
            audit.note(
                db, user, "announcement.approved", f"announcement:{new.id}", ward=new.ward_id, beforehand=template.id
            )
    return _shown(db, user, new.id)


@router.get("/announcements")
def list_announcements(
    user: User,
    db: Database,
    incident: UUID | None = None,
    before: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Announcements:
    """What was said or is to be said at the places that the user sees, newest first."""
    rows = announcements.page(db, user.sees, incident=incident, before=before, limit=limit + 1)
    items = _all(db, user, rows[:limit])
    return Announcements(items=items, next=rows[limit - 1].id if len(rows) > limit else None)


@router.get("/announcements/{announcement}")
def one_announcement(announcement: UUID, user: User, db: Database) -> Announcement:
    return _shown(db, user, announcement)


@router.get("/announcements/{announcement}/sound", response_class=FileResponse, responses=served(WAV))
def sound_of(announcement: UUID, user: User, db: Database, studio: TheStudio) -> FileResponse:
    """What was heard or is to be heard. 404 also when it was removed as old: the text stays."""
    row = _found(db, user, announcement)
    if row.digest is None:
        raise not_found("sound")
    return studio.answer(row.digest)


@router.post("/announcements/{announcement}/approve", responses=documented(409))
def approve(announcement: UUID, user: Approver, db: Database, studio: TheStudio) -> Announcement:
    """Have it said. 409 where somebody decided before, or it is too old."""
    with db.transaction():
        row = _found(db, user, announcement)
        if row.template is None and row.proposed_by == user.username:
            raise ProblemError(403, "own_words", "Another person must approve words of your own")
        until = datetime.now(UTC) + studio.settings.valid
        if not announcements.approve(db, row.id, by=user.username, expires_at=until):
            raise _decided()
        audit.note(db, user, "announcement.approved", f"announcement:{row.id}", ward=row.ward_id)
    return _shown(db, user, announcement)


@router.post("/announcements/{announcement}/refuse", responses=documented(409))
def refuse(announcement: UUID, remark: Remark, user: Approver, db: Database) -> Announcement:
    """Have it not said, and say why."""
    with db.transaction():
        row = _found(db, user, announcement)
        if not announcements.refuse(db, row.id, by=user.username, remark=remark.remark):
            raise _decided()
        audit.note(db, user, "announcement.refused", f"announcement:{row.id}", ward=row.ward_id, remark=remark.remark)
    return _shown(db, user, announcement)


@router.post("/announcements/{announcement}/cancel", responses=documented(409))
def cancel(announcement: UUID, user: Proposer, db: Database) -> Announcement:
    """Take it back: what a speaker has begun is said to its end, everything else is not said."""
    with db.transaction():
        row = _found(db, user, announcement)
        undecided = row.state == "proposed"
        if undecided and row.proposed_by != user.username and user.role not in APPROVES:
            raise ProblemError(403, "not_yours", "Who proposed it takes it back, or who may approve it")
        if not announcements.cancel(db, row.id, by=user.username, undecided=undecided):
            raise _decided()
        audit.note(db, user, "announcement.cancelled", f"announcement:{row.id}", ward=row.ward_id)
    return _shown(db, user, announcement)


@router.get("/box/sounds/{digest}", response_class=FileResponse, responses=served(WAV), tags=["box"])
def box_sound(digest: Digest, _box: SendingBox, studio: TheStudio) -> FileResponse:
    """A sound that the box was asked to play or to keep."""
    return studio.answer(digest)


def _site(db: Db, user: Person, site: str) -> list[SpeakerRow]:
    """The speakers of a site. Raises ProblemError 404 for one that the user does not see or that has none."""
    there = [row for row in announcements.speakers(db, user.sees) if row.site_id == site]
    if not there:
        raise not_found("site with loudspeakers")
    return there


def _require_incident(db: Db, user: Person, incident: UUID | None) -> None:
    if incident is None:
        return
    found = incidents.by_id(db, [incident])
    if not found or not user.sees.covers(found[0].ward_id, found[0].site_id):
        raise not_found("incident")


def _words(studio: Studio, wish: Wish, site_name: str) -> tuple[Template | None, Said]:
    template = studio.template(wish.template) if wish.template else None
    values = {"site": site_name, "stall": wish.stall, "plate": wish.plate}
    return template, studio.words(template, wish.text or "", wish.language, values)


def _made(studio: Studio, said: Said, wish: Wish, template: Template | None) -> Made:
    try:
        return studio.make(said, wish.language, template.id if template else None, wish.site)
    except SoundError as error:
        raise problem(error.code) from None


def _decided() -> ProblemError:
    return ProblemError(409, "already_decided", "Somebody was first, or it is too old")


def _found(db: Db, user: Person, announcement: UUID) -> AnnouncementRow:
    for row in announcements.page(db, user.sees, one=announcement, limit=1):
        return row
    raise not_found("announcement")


def _shown(db: Db, user: Person, announcement: UUID) -> Announcement:
    return _all(db, user, [_found(db, user, announcement)])[0]


def _all(db: Db, user: Person, rows: list[AnnouncementRow]) -> list[Announcement]:
    plays = announcements.plays(db, [row.id for row in rows])
    now = datetime.now(UTC)
    return [
        announcement_of(
            row,
            plays[row.id],
            reader=user.username,
            approves=user.role in APPROVES,
            proposes=user.role in PROPOSES,
            now=now,
        )
        for row in rows
    ]
