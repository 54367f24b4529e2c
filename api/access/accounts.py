"""An administrator's view of accounts: users, their sessions and second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Admin, Database
from api.access.own import Sessions, listed, new_hash
from api.access.passwords import MIN_LENGTH
from api.auditing import audit
from api.problems import ProblemError, documented, not_found
from api.texts import Line, Username
from contracts.ids import Slug
from storage import accounts, grants, wall
from storage.accounts import UserRow

router = APIRouter(prefix="/api/v1", tags=["accounts"])

Role = Literal["admin", "operator", "police", "technician", "viewer"]


class Rights(BaseModel):
    """What an administrator decides about a user. `sites` limits the wards to these; empty means all of them."""

    display_name: Line
    role: Role
    wards: list[Slug] = Field(default=[], max_length=1000)
    sites: list[Slug] = Field(default=[], max_length=1000)
    disabled: bool = False


class Account(Rights):
    username: str
    totp_since: datetime | None


class Accounts(BaseModel):
    items: list[Account]


class NewAccount(Rights):
    username: Username
    password: str = Field(min_length=MIN_LENGTH, max_length=200)


class FirstPassword(BaseModel):
    password: str = Field(min_length=MIN_LENGTH, max_length=200)


@router.get("/users")
def list_users(admin: Admin, db: Database) -> Accounts:
    """All accounts, those that are disabled too."""
    return Accounts(items=[_account(row) for row in accounts.users(db)])


@router.post("/users", status_code=201, responses=documented(409))
def create_user(new: NewAccount, admin: Admin, db: Database) -> Account:
    """A new account."""
    _require_places(db, new)
    password_hash = new_hash(new.password, new.username)
    with db.transaction():
        if not accounts.add_user(db, _row(new.username, password_hash, new)):
            raise ProblemError(409, "user_exists", "There is a user of this name already")
        audit.note(db, admin, "user.created", f"user:{new.username}", **_rights(new))
    return _account(_required(db, new.username))


@router.put("/users/{username}", responses=documented(409))
def change_user(username: Username, rights: Rights, admin: Admin, db: Database) -> Account:
    """Change name, role, places, or whether the account is disabled. A disabled user's sessions end."""
    _require_places(db, rights)
    if username == admin.username and (rights.disabled or rights.role != "admin"):
        raise ProblemError(409, "own_account", "Another administrator must take these rights from you")
    with db.transaction():
        before = _required(db, username)
        accounts.change_user(db, _row(username, before.password_hash, rights))
        if rights.disabled:
            accounts.close_sessions(db, username)
        changes = {name: value for name, value in _rights(rights).items() if getattr(before, name) != value}
        audit.note(db, admin, "user.changed", f"user:{username}", **changes)
    return _account(_required(db, username))


@router.post("/users/{username}/password", status_code=204)
def set_password(username: Username, first: FirstPassword, admin: Admin, db: Database) -> None:
    """Give a user who forgot theirs a password; all their sessions end."""
    password_hash = new_hash(first.password, username)
    with db.transaction():
        _required(db, username)
        accounts.set_password(db, username, password_hash)
        ended = accounts.close_sessions(db, username)
        audit.note(db, admin, "user.password_set", f"user:{username}", sessions_ended=ended)


@router.delete("/users/{username}/totp", status_code=204)
def reset_totp(username: Username, admin: Admin, db: Database) -> None:
    """Remove the second factor of a user who lost their phone; all their sessions end."""
    with db.transaction():
        _required(db, username)
        accounts.set_totp(db, username, None)
        ended = accounts.close_sessions(db, username)
        audit.note(db, admin, "totp.reset", f"user:{username}", sessions_ended=ended)


@router.get("/users/{username}/sessions")
def list_sessions(username: Username, admin: Admin, db: Database) -> Sessions:
    """Where a user is signed in."""
    _required(db, username)
    return Sessions(items=[listed(row, admin.session) for row in accounts.sessions(db, username)])


@router.delete("/users/{username}/sessions", status_code=204)
def end_sessions(username: Username, admin: Admin, db: Database) -> None:
    """End all sessions of a user."""
    with db.transaction():
        _required(db, username)
        ended = accounts.close_sessions(db, username)
        audit.note(db, admin, "session.revoked", f"user:{username}", sessions_ended=ended)


@router.delete("/users/{username}/sessions/{session}", status_code=204)
def end_session(username: Username, session: UUID, admin: Admin, db: Database) -> None:
    """End one session of a user."""
    with db.transaction():
        if not accounts.close_session_of(db, username, session):
            raise not_found("session")
        audit.note(db, admin, "session.revoked", f"session:{session}", user=username)


def _required(db: Connection[TupleRow], username: str) -> UserRow:
    found = accounts.user(db, username)
    if found is None:
        raise not_found("user")
    return found


def _require_places(db: Connection[TupleRow], rights: Rights) -> None:
    """Raises ProblemError 422 for a ward or a site that is not there, or a site outside of the wards."""
    unknown = sorted(set(rights.wards) - set(wall.all_wards(db)))
    if unknown:
        raise ProblemError(422, "invalid", f"There is no ward {unknown[0]}")
    wards = grants.wards_of_sites(db, rights.sites)
    for site in rights.sites:
        if wards.get(site) not in rights.wards:
            raise ProblemError(422, "invalid", f"The site {site} lies in none of the wards")


def _rights(rights: Rights) -> dict[str, Any]:
    return {name: getattr(rights, name) for name in Rights.model_fields}


def _row(username: str, password_hash: str, rights: Rights) -> UserRow:
    return UserRow(username=username, password_hash=password_hash, **_rights(rights))


def _account(row: UserRow) -> Account:
    fields = {name: getattr(row, name) for name in Account.model_fields}
    return Account.model_validate(fields)
