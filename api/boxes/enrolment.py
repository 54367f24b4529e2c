"""Codes that let boxes in, as administrators and technicians make and withdraw them; and how a box is shut out."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.boxes.desk import address_of, desk_of
from api.problems import ProblemError, documented, not_found
from api.texts import Line, Reason
from api.ward.cameras import Place
from contracts.enrolment import new_secret
from contracts.ids import Slug
from storage import enrolments
from storage.enrolments import BoxPlace, CodeRow, NewCode, PlaceRow

router = APIRouter(prefix="/api/v1/boxes", tags=["boxes"])

Db = Connection[TupleRow]

ENROLS = frozenset({"admin", "technician"})


class CodeState(StrEnum):
    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Wanted(BaseModel):
    """A code for a box that is there (`box` alone is enough), or for a new one, which needs a name."""

    box: Slug | None = Field(default=None, description="absent: made from the name")
    name: Line | None = None
    ward: Slug | None = None
    site: Slug | None = None


class Code(BaseModel):
    """A code without itself, which is shown once only."""

    id: UUID
    box: str
    name: str
    ward: Place
    site: Place | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: CodeState
    box_state: str | None = Field(description="how the box is now; null while there is none")


class WardPlaces(BaseModel):
    """A ward where the user may put boxes; `whole`: also at none of its sites."""

    id: str
    name: str
    whole: bool
    sites: list[Place]


class Codes(BaseModel):
    """`set_up`: whether this centre can let boxes in at all; without it no code can be made."""

    items: list[Code]
    places: list[WardPlaces]
    set_up: bool


class MadeCode(BaseModel):
    """A fresh code; nobody can see it a second time."""

    id: UUID
    box: str
    code: str
    command: str = Field(description="what to type on the box")
    expires_at: datetime


class WhyRevoked(BaseModel):
    reason: Reason


async def may_enrol(user: User) -> Person:
    if user.role not in ENROLS:
        raise ProblemError(403, "technicians_only", "Only an administrator or a technician may do this")
    return user


Technician = Annotated[Person, Depends(may_enrol)]


@router.get("/enrolments")
def list_codes(user: Technician, request: Request, db: Database) -> Codes:
    """The codes of the last day for the places that the user sees, newest first; and where they may put a box."""
    items = [_code(row) for row in enrolments.codes(db, user.sees)]
    set_up = request.app.state.enrolment is not None
    return Codes(items=items, places=_places(enrolments.places(db, user.sees)), set_up=set_up)


@router.post("/enrolments", status_code=201, responses=documented(404, 409, 503))
def make_code(wanted: Wanted, user: Technician, request: Request, db: Database) -> MadeCode:
    """Make a code. For a box that is there it is the way back in after its disk died; the old account dies on use."""
    desk = desk_of(request)
    with db.transaction():
        new = new_code(db, wanted, user.username, user, desk.lifetime)
        made = enrolments.make(db, new)
        expires_at = datetime.now(UTC) + desk.lifetime
        about = {"code": made, "site": new.site, "until": expires_at}
        audit.note(db, user, "box.code_made", f"box:{new.box}", ward=new.ward, **about)
    code, command = desk.command(new.secret, address_of(request))
    return MadeCode(id=made, box=new.box, code=code, command=command, expires_at=expires_at)


@router.delete("/enrolments/{code_id}", status_code=204)
def withdraw_code(code_id: UUID, user: Technician, db: Database) -> None:
    """A code that waits is good for nothing from now on."""
    with db.transaction():
        found = next((row for row in enrolments.codes(db, user.sees) if row.id == code_id), None)
        if found is None or not enrolments.withdraw(db, code_id):
            raise not_found("code")
        audit.note(db, user, "box.code_withdrawn", f"box:{found.box_id}", ward=found.ward_id, code=code_id)


@router.post("/{box}/revoke", status_code=204)
def revoke_box(box: Slug, why: WhyRevoked, user: Technician, db: Database) -> None:
    """Shut a box out: its token, its account at the broker and its certificates are good for nothing from now on."""
    with db.transaction():
        place = enrolments.box_place(db, box)
        if place is None or not _may(user, place.ward_id, place.site_id):
            raise not_found("box")
        enrolments.shut_out(db, box, by=user.username, reason=why.reason)
        audit.note(db, user, "box.revoked", f"box:{box}", ward=place.ward_id, reason=why.reason)


def new_code(db: Db, wanted: Wanted, made_by: str, user: Person | None, lifetime: timedelta) -> NewCode:
    """The code that is wanted, for the box and the place that are meant; `user` None may do so everywhere.

    Raises ProblemError.
    """
    there = enrolments.box_place(db, wanted.box) if wanted.box else None
    awaited = enrolments.awaited(db, wanted.box) if wanted.box else None
    # A code for a name makes the one before good for nothing, so it takes somebody who may withdraw that one.
    if (there and not _fits(wanted, there, user)) or (awaited and not _may(user, awaited.ward_id, awaited.site_id)):
        raise ProblemError(409, "box_taken", "A box of another place has this name")
    ward = there.ward_id if there else wanted.ward
    site = wanted.site or (there.site_id if there else None)
    name = wanted.name or (there.name if there else None)
    if ward is None or name is None:
        raise ProblemError(422, "invalid", "A new box needs a name and a ward")
    if not _may(user, ward, site) or enrolments.place(db, ward, site) is None:
        raise not_found("place")
    box = wanted.box or _free_name(db, name)
    return NewCode(new_secret(), box, name, ward, site, made_by, lifetime)


def _may(user: Person | None, ward: str, site: str | None) -> bool:
    """A box of no site is for who sees the whole ward."""
    if user is None:
        return True
    return user.sees.covers(ward, site) if site else ward in user.sees.whole


def _fits(wanted: Wanted, there: BoxPlace, user: Person | None) -> bool:
    return wanted.ward in (None, there.ward_id) and _may(user, there.ward_id, there.site_id)


def slug_of(name: str) -> str:
    """A box's id from its name: small letters without Vietnamese marks, and hyphens."""
    plain = unicodedata.normalize("NFD", name.casefold()).replace("đ", "d").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:36].strip("-") or "hop"


def _free_name(db: Db, name: str) -> str:
    start = slug_of(name)
    taken = enrolments.taken(db, start)
    if start not in taken:
        return start
    return next(found for n in range(2, len(taken) + 3) if (found := f"{start}-{n}") not in taken)


def _code(row: CodeRow) -> Code:
    return Code(
        id=row.id,
        box=row.box_id,
        name=row.box_name,
        ward=Place(id=row.ward_id, name=row.ward_name),
        site=Place(id=row.site_id, name=row.site_name or "") if row.site_id else None,
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        state=_state(row),
        box_state=row.box_state if row.used_at else None,
    )


def _places(rows: list[PlaceRow]) -> list[WardPlaces]:
    wards = {row.ward_id: WardPlaces(id=row.ward_id, name=row.ward_name, whole=row.whole, sites=[]) for row in rows}
    for row in rows:
        if row.site_id:
            wards[row.ward_id].sites.append(Place(id=row.site_id, name=row.site_name or ""))
    return list(wards.values())


def _state(row: CodeRow) -> CodeState:
    if row.used_at:
        return CodeState.USED
    if row.withdrawn_at:
        return CodeState.WITHDRAWN
    return CodeState.EXPIRED if row.expired else CodeState.WAITING
