"""What officers say of banks: that one is down, until when, and that it works again. No sensor of a ward sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.moments import Moment
from api.payments.desk import TheDesk
from api.payments.models import EMPTY_OR_LINE
from api.problems import ProblemError, documented, not_found
from api.work.incidents import Officer
from contracts.banks import Banks, Bin, name_of
from contracts.ids import Slug, new_id
from storage import payability
from storage.payability import NoticeRow

router = APIRouter(prefix="/api/v1/payments/notices", tags=["payments"])

LONGEST: Final = timedelta(days=3)

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=EMPTY_OR_LINE)]


class NewNotice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ward: Slug
    bank: Bin
    note: Note = Field(default="", description="for colleagues; it is not shown to the public")
    until: Moment


class Notice(BaseModel):
    """`active`: it counts now."""

    id: UUID
    ward: str
    bank: str
    bank_name: str | None
    note: str
    posted_by: str
    posted_by_name: str | None
    starts: datetime
    until: datetime
    ended_at: datetime | None
    ended_by_name: str | None
    active: bool


class NoticePage(BaseModel):
    """Notices, the latest first."""

    items: list[Notice]


@router.get("")
def list_notices(user: User, db: Database, desk: TheDesk) -> NoticePage:
    """The newest notices of the wards of which the user sees anything."""
    now = datetime.now(UTC)
    return NoticePage(items=[notice_of(row, desk.banks, now) for row in payability.notices(db, user.wards)])


@router.post("", status_code=201, responses=documented(403, 404))
def post(new: NewNotice, user: Officer, db: Database, desk: TheDesk) -> Notice:
    """Say that a bank is down. Points that only it pays count as not payable until the notice ends."""
    require_ward(user, new.ward)
    now = datetime.now(UTC)
    if not timedelta(0) < new.until - now <= LONGEST:
        raise ProblemError(422, "invalid", f"`until` must lie ahead, {LONGEST.days} days at most")
    id_ = new_id()
    with db.transaction():
        payability.post_notice(db, id_, ward=new.ward, bank=new.bank, note=new.note, by=user.username, until=new.until)
        audit.note(db, user, "bank_notice.posted", f"notice:{id_}", ward=new.ward, bank=new.bank, until=new.until)
    return _one(db, user, id_, desk.banks)


@router.post("/{notice}/end", responses=documented(403, 409))
def end(notice: UUID, user: Officer, db: Database, desk: TheDesk) -> Notice:
    """Say that the bank works again, before the time that was given."""
    before = _one(db, user, notice, desk.banks)
    require_ward(user, before.ward)
    with db.transaction():
        if not payability.end_notice(db, notice, by=user.username):
            raise ProblemError(409, "ended_already", "This notice has ended")
        audit.note(db, user, "bank_notice.ended", f"notice:{notice}", ward=before.ward, bank=before.bank)
    return _one(db, user, notice, desk.banks)


def require_ward(user: Person, ward: str) -> None:
    """Raises ProblemError 404 for a ward that the user does not see, 403 for one of which they see a part."""
    if ward not in user.sees.wards:
        raise not_found("ward")
    if ward not in user.sees.whole:
        raise ProblemError(403, "whole_ward_only", "Only who sees the whole ward may say this for it")


def notice_of(row: NoticeRow, banks: Banks, now: datetime) -> Notice:
    values = {name: getattr(row, name) for name in Notice.model_fields if hasattr(row, name)}
    active = row.ended_at is None and row.starts <= now < row.until
    return Notice(**values, ward=row.ward_id, bank_name=name_of(row.bank, banks), active=active)


def _one(db: Connection[TupleRow], user: Person, notice: UUID, banks: Banks) -> Notice:
    for row in payability.notices(db, user.wards, only=notice):
        return notice_of(row, banks, datetime.now(UTC))
    raise not_found("notice")
