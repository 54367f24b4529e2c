"""One's own account: password, second factor, and the browsers in which one is signed in.

What a stolen session must not do, change the password or the second factor, asks for the password once more.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access import totp
from api.access.auth import Database, Enrolling, User, settings_of
from api.access.passwords import MIN_LENGTH, WeakPasswordError, hash_password
from api.access.sessions import check_both, check_code, check_password, seal_of
from api.auditing import audit
from api.problems import ProblemError, documented, not_found
from storage import accounts
from storage.accounts import SessionRow

router = APIRouter(prefix="/api/v1/account", tags=["account"])

Password = Field(min_length=1, max_length=200)


class NewPassword(BaseModel):
    current: str = Password
    new: str = Field(min_length=MIN_LENGTH, max_length=200)


class Again(BaseModel):
    """The password once more, and the code of a second factor that is in force."""

    password: str = Password
    code: str | None = Field(default=None, max_length=40)


class Code(BaseModel):
    code: str = Field(min_length=1, max_length=40)


class SecondFactor(BaseModel):
    since: datetime | None
    recovery_codes_left: int


class Enrolment(BaseModel):
    """For the authenticator app: `uri` as a QR code, or `secret` typed in."""

    uri: str
    secret: str


class RecoveryCodes(BaseModel):
    """Shown once; each signs in once instead of a code."""

    codes: list[str]


class Session(BaseModel):
    """A browser that is signed in. `current`: the one that asks."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    client: str
    agent: str
    current: bool = False


class Sessions(BaseModel):
    items: list[Session]


def listed(row: SessionRow, current: UUID) -> Session:
    """A database row as it leaves the API."""
    return Session(
        id=row.id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        client=row.client,
        agent=row.agent,
        current=row.id == current,
    )


def new_hash(password: str, username: str) -> str:
    """The hash of a password that is chosen now. Raises ProblemError 422 for one that may not be chosen."""
    try:
        return hash_password(password, username)
    except WeakPasswordError as error:
        raise ProblemError(422, "weak_password", "Choose another password", str(error)) from None


@router.post("/password", status_code=204)
def change_password(change: NewPassword, user: User, db: Database) -> None:
    """Set a new password; all other sessions of this user end."""
    password_hash = new_hash(change.new, user.username)
    check_password(db, user.username, change.current)
    with db.transaction():
        accounts.set_password(db, user.username, password_hash)
        ended = accounts.close_sessions(db, user.username, keep=user.session)
        audit.note(db, user, "user.password_changed", f"user:{user.username}", sessions_ended=ended)


@router.get("/sessions")
def list_sessions(user: User, db: Database) -> Sessions:
    """Where this user is signed in, the latest seen first."""
    return Sessions(items=[listed(row, user.session) for row in accounts.sessions(db, user.username)])


@router.delete("/sessions", status_code=204)
def end_other_sessions(user: User, db: Database) -> None:
    """End all of this user's sessions but the one that asks."""
    with db.transaction():
        ended = accounts.close_sessions(db, user.username, keep=user.session)
        audit.note(db, user, "session.revoked", f"user:{user.username}", sessions_ended=ended)


@router.delete("/sessions/{session}", status_code=204)
def end_session(session: UUID, user: User, db: Database) -> None:
    """End one of this user's sessions."""
    with db.transaction():
        if not accounts.close_session_of(db, user.username, session):
            raise not_found("session")
        audit.note(db, user, "session.revoked", f"session:{session}")


@router.get("/totp")
def second_factor(user: Enrolling, db: Database) -> SecondFactor:
    """Since when there is a second factor, if there is one."""
    found = accounts.user(db, user.username)
    left = accounts.recovery_codes_left(db, user.username)
    return SecondFactor(since=found and found.totp_since, recovery_codes_left=left)


@router.post("/totp", status_code=201, responses=documented(409))
def enrol(again: Again, request: Request, user: Enrolling, db: Database) -> Enrolment:
    """Make a secret for an authenticator app. It counts once `confirm` has seen a code of it."""
    found = check_password(db, user.username, again.password)
    if found.totp_since is not None:
        raise ProblemError(409, "totp_exists", "There is a second factor already: remove it first")
    secret = totp.new_secret()
    with db.transaction():
        accounts.set_totp(db, user.username, seal_of(settings_of(request)).close(secret))
        audit.note(db, user, "totp.offered", f"user:{user.username}")
    return Enrolment(uri=totp.uri(secret, user.username), secret=secret)


@router.post("/totp/confirm", responses=documented(409))
def confirm(shown: Code, request: Request, user: Enrolling, db: Database) -> RecoveryCodes:
    """Show the first code; from now on every sign-in asks for one. Returns the recovery codes, once."""
    found = accounts.user(db, user.username)
    if found is None or found.totp_secret is None or found.totp_since is not None:
        raise ProblemError(409, "totp_not_offered", "Ask for a secret first")
    with db.transaction():
        if check_code(db, settings_of(request), found, shown.code) is None:
            raise ProblemError(403, "bad_code", "The code is wrong")
        codes = totp.new_recovery_codes()
        digests = [totp.digest_of_recovery_code(user.username, code) for code in codes]  # dear: not for a wrong code
        accounts.confirm_totp(db, user.username, digests)
        ended = accounts.close_sessions(db, user.username, keep=user.session)
        audit.note(db, user, "totp.enrolled", f"user:{user.username}", sessions_ended=ended)
    return RecoveryCodes(codes=codes)


@router.delete("/totp", status_code=204, responses=documented(404))
def remove(again: Again, request: Request, user: User, db: Database) -> None:
    """Remove the second factor, against the password and a code; not where the role must have one."""
    settings = settings_of(request)
    if user.role in settings.totp_roles:
        raise ProblemError(403, "totp_needed", "This role must have a second factor")
    found = check_both(db, settings, user.username, again.password, again.code)
    if found.totp_since is None:
        raise not_found("second factor")
    with db.transaction():
        accounts.set_totp(db, user.username, None)
        audit.note(db, user, "totp.removed", f"user:{user.username}")
