"""Time-boxed grants: an administrator lets a user see the video of a ward or a site for a while, and says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Admin, Database
from api.auditing import audit
from api.moments import Moment
from api.problems import ProblemError, documented, not_found
from api.texts import Reason, Username
from contracts.ids import Slug
from storage import accounts, grants, wall
from storage.grants import GrantRow

router = APIRouter(prefix="/api/v1/grants", tags=["accounts"])

LONGEST = timedelta(days=31)
"""Who needs to see for longer needs another role or other wards."""


class Asked(BaseModel):
    """Exactly one of `ward` and `site`; from now unless `valid_from` says otherwise."""

    username: Username
    ward: Slug | None = None
    site: Slug | None = None
    valid_from: Moment | None = None
    valid_until: Moment
    reason: Reason


class Grant(BaseModel):
    id: UUID
    username: str
    ward_id: str | None = Field(serialization_alias="ward")
    site_id: str | None = Field(serialization_alias="site")
    capability: str
    valid_from: datetime
    valid_until: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    withdrawn_at: datetime | None


class Grants(BaseModel):
    items: list[Grant]


@router.get("")
def list_grants(admin: Admin, db: Database, username: Username | None = None) -> Grants:
    """The newest grants, also those that have ended; of one user or of all."""
    return Grants(items=[_grant(row) for row in grants.grants(db, username)])


@router.post("", status_code=201, responses=documented(404))
def grant(asked: Asked, admin: Admin, db: Database) -> Grant:
    """Let a user see a place's video for a time; it ends by itself."""
    new = _new(asked, admin.username, datetime.now(UTC))
    ward = _ward(db, asked)
    if accounts.user(db, asked.username) is None:
        raise not_found("user")
    with db.transaction():
        made = grants.grant(db, new)
        place = f"site:{asked.site}" if asked.site else f"ward:{asked.ward}"
        span = {"valid_from": new.valid_from, "valid_until": new.valid_until}
        about = {"user": asked.username, "place": place, "reason": asked.reason, **span}
        audit.note(db, admin, "grant.made", f"grant:{made}", ward=ward, **about)
    return next(_grant(row) for row in grants.grants(db, asked.username) if row.id == made)


@router.delete("/{grant_id}", status_code=204)
def withdraw(grant_id: UUID, admin: Admin, db: Database) -> None:
    """End a grant before its time."""
    with db.transaction():
        username = grants.withdraw(db, grant_id)
        if username is None:
            raise not_found("grant")
        audit.note(db, admin, "grant.withdrawn", f"grant:{grant_id}", user=username)


def _new(asked: Asked, granted_by: str, now: datetime) -> grants.NewGrant:
    """Raises ProblemError 422 for a span that is none or too long."""
    valid_from = max(asked.valid_from or now, now)
    if not timedelta(0) < asked.valid_until - valid_from <= LONGEST:
        raise ProblemError(422, "invalid", f"A grant ends after it begins, {LONGEST.days} days later at most")
    return grants.NewGrant(
        asked.username, asked.ward, asked.site, valid_from, asked.valid_until, asked.reason, granted_by
    )


def _ward(db: Connection[TupleRow], asked: Asked) -> str:
    """The ward of the place. Raises ProblemError 422 for none, two, or one that is not there."""
    if asked.ward is not None and asked.site is None and asked.ward in wall.all_wards(db):
        return asked.ward
    if asked.site is not None and asked.ward is None:
        ward = grants.wards_of_sites(db, [asked.site]).get(asked.site)
        if ward is not None:
            return ward
    raise ProblemError(422, "invalid", "Name one ward or one site that is there")


def _grant(row: GrantRow) -> Grant:
    return Grant.model_validate({name: getattr(row, name) for name in Grant.model_fields})
