"""Who is asking: browsers by a session cookie, boxes by a bearer token. Sign-in, sign-out and the lock-out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from api.config import ApiSettings
from api.passwords import matches
from api.problems import ProblemError
from storage import accounts, wall
from storage.accounts import UserRow
from storage.pool import Pool
from storage.tokens import new_token

MAX_FAILURES = 5
LOCK_OUT = timedelta(minutes=5)
"""Decision 724/QD-BTTTT: five failures lock for five minutes."""

SEES_VIDEO = frozenset({"admin", "operator", "police", "viewer"})
"""A technician sees health, not video."""

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class Credentials(BaseModel):
    username: str = Field(min_length=1, max_length=80, pattern=r"^\P{Cc}+$")
    password: str = Field(min_length=1, max_length=200)


class Me(BaseModel):
    """Who is signed in. An admin's `wards` are all there are."""

    username: str
    display_name: str
    role: str
    wards: list[str]
    sees_video: bool


def settings_of(connection: HTTPConnection) -> ApiSettings:
    settings: ApiSettings = connection.app.state.settings
    return settings


def pool_of(connection: HTTPConnection) -> Pool:
    pool: Pool = connection.app.state.pool
    return pool


def database(request: Request) -> Iterator[Connection[TupleRow]]:
    with pool_of(request).connection() as connection:
        yield connection


Database = Annotated[Connection[TupleRow], Depends(database, scope="function")]
"""A connection while the route's function runs; it goes back before the answer is sent to a slow reader."""


def cookie_name(settings: ApiSettings) -> str:
    """`__Host-` binds the cookie to this host over TLS; browsers refuse the prefix without it."""
    return "__Host-phoan_session" if settings.cookie_secure else "phoan_session"


def require_same_origin(connection: HTTPConnection) -> None:
    """Refuse what another site's page makes the browser send. Raises ProblemError 403."""
    origin = connection.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != connection.headers.get("host"):
        raise ProblemError(403, "wrong_origin", "The request comes from another site's page")


def find_user(connection: HTTPConnection) -> UserRow | None:
    """The signed-in user with the wards that they may see. Holds no connection to the database afterwards."""
    token = connection.cookies.get(cookie_name(settings_of(connection)))
    if not token:
        return None
    with pool_of(connection).connection() as db:
        user = accounts.session_user(db, token)
        return user and _with_wards(db, user)


def signed_in(request: Request) -> UserRow:
    user = find_user(request)
    if user is None:
        raise ProblemError(401, "not_signed_in", "Sign in first")
    if request.method not in ("GET", "HEAD"):
        require_same_origin(request)
    return user


User = Annotated[UserRow, Depends(signed_in)]


def may_see_video(user: User) -> UserRow:
    if user.role not in SEES_VIDEO:
        raise ProblemError(403, "no_video", "This role sees health, not video")
    return user


Watcher = Annotated[UserRow, Depends(may_see_video)]


def find_box(connection: HTTPConnection) -> str | None:
    """The box whose bearer token came with the request. Holds no connection to the database afterwards."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    with pool_of(connection).connection() as db:
        return accounts.box_of_token(db, token)


def known_box(request: Request) -> str:
    box = find_box(request)
    if box is None:
        raise ProblemError(401, "unknown_box", "No box has this token", headers={"WWW-Authenticate": "Bearer"})
    return box


SendingBox = Annotated[str, Depends(known_box)]


@router.post("")
def sign_in(credentials: Credentials, request: Request, response: Response, db: Database) -> Me:
    """Check name and password, and set the session cookie."""
    require_same_origin(request)
    settings = settings_of(request)
    _count_attempt(db, credentials.username)
    user = accounts.user(db, credentials.username)
    if not matches(credentials.password, user.password_hash if user else None) or user is None or user.disabled:
        raise ProblemError(401, "bad_credentials", "User name or password is wrong")
    accounts.forget_failures(db, credentials.username)
    token = new_token()
    accounts.open_session(db, user.username, token, settings.session_lifetime)
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(settings.session_lifetime.total_seconds()),
        httponly=True,
        secure=settings.cookie_secure,
        samesite="strict",
    )
    return _me(_with_wards(db, user))


@router.get("")
def who_am_i(user: User) -> Me:
    """The signed-in user."""
    return _me(user)


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, user: User, db: Database) -> None:
    """End this session; its token is worth nothing from now on."""
    name = cookie_name(settings_of(request))
    accounts.close_session(db, request.cookies[name])
    response.delete_cookie(name, httponly=True, secure=settings_of(request).cookie_secure, samesite="strict")


def _count_attempt(db: Connection[TupleRow], username: str) -> None:
    """Note a failure before the password is looked at, so that many attempts at once are not more than five."""
    locked = accounts.recent_failures(db, username, LOCK_OUT) >= MAX_FAILURES
    if not locked:
        accounts.note_failure(db, username)
        locked = accounts.recent_failures(db, username, LOCK_OUT) > MAX_FAILURES
    if locked:
        seconds = str(int(LOCK_OUT.total_seconds()))
        raise ProblemError(429, "too_many_attempts", "Too many failed attempts", headers={"Retry-After": seconds})


def _with_wards(db: Connection[TupleRow], user: UserRow) -> UserRow:
    if user.role != "admin":
        return user
    return UserRow(user.username, user.display_name, user.password_hash, user.role, wall.all_wards(db), user.disabled)


def _me(user: UserRow) -> Me:
    return Me(
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        wards=user.wards,
        sees_video=user.role in SEES_VIDEO,
    )
