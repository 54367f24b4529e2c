"""Signing in and out: password, second factor, the lock-out, and the session cookie. Every try is in the audit log."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access import totp
from api.access.auth import (
    Database,
    Enrolling,
    client_of,
    cookie_name,
    person_of,
    require_same_origin,
    settings_of,
)
from api.access.passwords import matches
from api.access.permissions import Person
from api.auditing import audit
from api.config import ApiSettings
from api.problems import ProblemError, documented
from api.texts import Username
from storage import accounts
from storage.accounts import UserRow
from storage.tokens import new_token

log = logging.getLogger(__name__)

MAX_FAILURES = 5
LOCK_OUT = timedelta(minutes=5)
"""Decision 724/QD-BTTTT: five failures lock for five minutes."""

NOBODY = "unknown"
"""Who tried a name that nobody has. The name is not kept: people type passwords into the wrong field."""

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class Credentials(BaseModel):
    username: Username
    password: str = Field(min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=40, description="of the authenticator app, or a recovery code")


class Me(BaseModel):
    """Who is signed in. An admin's `wards` are all there are. `must_enrol`: a second factor must be set up first."""

    username: str
    display_name: str
    role: str
    wards: list[str]
    sees_video: bool
    must_enrol: bool = False


class OtherWay(BaseModel):
    """A provider; `name` is what its button says."""

    name: str


class Ways(BaseModel):
    password: bool = True
    oidc: OtherWay | None = None


@router.post("", response_model_exclude_defaults=True, responses=documented(401, 403))
def sign_in(credentials: Credentials, request: Request, response: Response, db: Database) -> Me:
    """Check name, password and second factor, and set the session cookie."""
    require_same_origin(request)
    settings, client = settings_of(request), client_of(request)
    user = accounts.user(db, credentials.username)
    who = audit.Somebody(user.username if user else NOBODY, client)
    try:
        user, factor = _let_in(db, settings, user, credentials)
    except ProblemError as refusal:
        audit.note(db, who, "session.refused", f"user:{who.username}", reason=refusal.document.code)
        raise
    token = new_token()
    agent = request.headers.get("user-agent", "")
    with db.transaction():
        accounts.forget_failures(db, user.username)
        session = accounts.open_session(db, user.username, token, settings.session_lifetime, client=client, agent=agent)
        audit.note(db, who, "session.opened", f"session:{session}", factor=factor)
    keep_cookie(response, settings, token)
    person = person_of(db, token, settings, client)
    if person is None:  # disabled or ended within these milliseconds
        raise _wrong()
    return _me(person)


@router.get("/ways", response_model_exclude_none=True)
def ways(request: Request) -> Ways:
    """How one can sign in here. For the page, before anybody is signed in."""
    oidc = settings_of(request).oidc
    return Ways(oidc=OtherWay(name=oidc.name) if oidc else None)


@router.get("", response_model_exclude_defaults=True)
def who_am_i(user: Enrolling) -> Me:
    """The signed-in user."""
    return _me(user)


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, user: Enrolling, db: Database) -> None:
    """End this session; its token is worth nothing from now on."""
    name = cookie_name(settings_of(request))
    with db.transaction():
        accounts.close_session(db, request.cookies[name])
        audit.note(db, user, "session.closed", f"session:{user.session}")
    response.delete_cookie(name, httponly=True, secure=settings_of(request).cookie_secure, samesite="strict")


def keep_cookie(response: Response, settings: ApiSettings, token: str) -> None:
    """Have the browser keep `token`, out of reach of scripts and of other sites' pages."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(settings.session_lifetime.total_seconds()),
        httponly=True,
        secure=settings.cookie_secure,
        samesite="strict",
    )


def check_code(db: Connection[TupleRow], settings: ApiSettings, user: UserRow, code: str) -> str | None:
    """Use up a code of the user's second factor; says which kind it was, None for a wrong or a used one."""
    if user.totp_secret is None:
        return None
    step = totp.step_of(_open(settings, user.totp_secret), code.replace(" ", ""), datetime.now(UTC))
    if step is not None:
        return "totp" if accounts.use_totp_step(db, user.username, step) else None
    digest = totp.digest_of_recovery_code(user.username, code)
    return "recovery" if accounts.use_recovery_code(db, user.username, digest) else None


def _open(settings: ApiSettings, stored: str) -> str:
    try:
        return seal_of(settings).open(stored)
    except totp.SealError as error:
        log.error("nobody with a second factor can sign in: %s", error)
        raise ProblemError(503, "totp_unreadable", "The second factor cannot be checked") from None


def seal_of(settings: ApiSettings) -> totp.Seal:
    return totp.Seal(settings.secret_key.get_secret_value() if settings.secret_key else None)


def check_password(db: Connection[TupleRow], username: str, password: str) -> UserRow:
    """Ask once more who is there, before something that a stolen session must not do. Counts as a try to sign in."""
    user, attempt = _same_password(db, username, password)
    accounts.forget_failure(db, username, attempt)
    return user


def check_both(
    db: Connection[TupleRow], settings: ApiSettings, username: str, password: str, code: str | None
) -> UserRow:
    """The same, and a code of the second factor where there is one."""
    user, attempt = _same_password(db, username, password)
    if user.totp_since is not None and check_code(db, settings, user, code or "") is None:
        raise ProblemError(403, "bad_code", "The code is wrong, or was used already")
    accounts.forget_failure(db, username, attempt)
    return user


def _same_password(db: Connection[TupleRow], username: str, password: str) -> tuple[UserRow, datetime]:
    attempt = _count_attempt(db, username)
    user = accounts.user(db, username)
    if user is None or not matches(password, user.password_hash):
        raise ProblemError(403, "bad_credentials", "The password is wrong")
    return user, attempt


def _let_in(
    db: Connection[TupleRow], settings: ApiSettings, user: UserRow | None, credentials: Credentials
) -> tuple[UserRow, str]:
    """The user, and by which factor beside the password. Raises ProblemError 401 or 429."""
    attempt = _count_attempt(db, credentials.username)
    if not matches(credentials.password, user.password_hash if user else None) or user is None or user.disabled:
        raise _wrong()
    if user.totp_since is None:
        return user, "none"
    if not credentials.code:
        accounts.forget_failure(db, user.username, attempt)  # the page asks for the code next
        raise ProblemError(401, "code_needed", "This account has a second factor: send its code too")
    factor = check_code(db, settings, user, credentials.code)
    if factor is None:
        raise ProblemError(401, "bad_code", "The code is wrong, or was used already")
    return user, factor


def _wrong() -> ProblemError:
    return ProblemError(401, "bad_credentials", "User name or password is wrong")


def _count_attempt(db: Connection[TupleRow], username: str) -> datetime:
    """Note a failure before the password is looked at, so that many attempts at once are not more than five."""
    if accounts.recent_failures(db, username, LOCK_OUT) < MAX_FAILURES:
        attempt = accounts.note_failure(db, username)
        if accounts.recent_failures(db, username, LOCK_OUT) <= MAX_FAILURES:
            return attempt
    seconds = str(int(LOCK_OUT.total_seconds()))
    raise ProblemError(429, "too_many_attempts", "Too many failed attempts", headers={"Retry-After": seconds})


def _me(user: Person) -> Me:
    return Me(
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        wards=user.wards,
        sees_video=bool(user.watches),
        must_enrol=user.must_enrol,
    )
