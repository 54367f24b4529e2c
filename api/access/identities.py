"""Which accounts may sign in through the provider, as an administrator decides, by the provider's own word for them.

An account that `create_as` made is here too, as `managed`: its role and places follow the provider at every sign-in.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access.auth import Admin, Database, settings_of
from api.auditing import audit
from api.problems import ProblemError, documented, not_found
from api.texts import LINE_PATTERN, Username
from storage import accounts, identities
from storage.identities import IdentityRow

router = APIRouter(prefix="/api/v1/users/{username}/identities", tags=["accounts"])


class NewIdentity(BaseModel):
    subject: str = Field(min_length=1, max_length=255, pattern=LINE_PATTERN, description="the claim `sub`")


class Identity(BaseModel):
    id: UUID
    issuer: str
    subject: str
    managed: bool
    linked_at: datetime


class Identities(BaseModel):
    items: list[Identity]


@router.get("")
def list_identities(username: Username, admin: Admin, db: Database) -> Identities:
    """As whom the provider knows this user."""
    _require_user(db, username)
    return Identities(items=[_listed(row) for row in identities.identities(db, username)])


@router.post("", status_code=201, responses=documented(409))
def link(username: Username, new: NewIdentity, request: Request, admin: Admin, db: Database) -> Identity:
    """Let this user sign in through the provider; the audit log holds the subject of who tried in vain."""
    oidc = settings_of(request).oidc
    if oidc is None:
        raise ProblemError(409, "oidc_off", "The settings name no provider")
    with db.transaction():
        _require_user(db, username)
        made = identities.link(db, oidc.issuer, new.subject, username)
        if made is None:
            raise ProblemError(409, "identity_exists", "This identity belongs to an account already")
        audit.note(db, admin, "identity.linked", f"user:{username}", issuer=oidc.issuer, subject=new.subject)
    return next(_listed(row) for row in identities.identities(db, username) if row.id == made)


@router.delete("/{identity}", status_code=204)
def unlink(username: Username, identity: UUID, admin: Admin, db: Database) -> None:
    """From now on the provider does not bring this user any more; all their sessions end."""
    with db.transaction():
        if not identities.unlink(db, username, identity):
            raise not_found("identity")
        ended = accounts.close_sessions(db, username)
        audit.note(db, admin, "identity.removed", f"user:{username}", identity=identity, sessions_ended=ended)


def _require_user(db: Database, username: str) -> None:
    if accounts.user(db, username) is None:
        raise not_found("user")


def _listed(row: IdentityRow) -> Identity:
    return Identity.model_validate({name: getattr(row, name) for name in Identity.model_fields})
