"""Who is asking: browsers by a session cookie, boxes by a bearer token; and what each may do. Signing in is
`api.access.sessions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.requests import HTTPConnection

from api.access.limits import client_address
from api.access.permissions import Person, person
from api.config import ApiSettings
from api.problems import ProblemError, not_found
from storage import accounts, grants
from storage.pool import Pool


def settings_of(connection: HTTPConnection) -> ApiSettings:
    settings: ApiSettings = connection.app.state.settings
    return settings


def pool_of(connection: HTTPConnection) -> Pool:
    pool: Pool = connection.app.state.pool
    return pool


def client_of(connection: HTTPConnection) -> str:
    """The address that the request came from, through the configured proxies."""
    return client_address(connection, settings_of(connection).trusted_proxies)


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


def find_user(connection: HTTPConnection) -> Person | None:
    """The signed-in user with what they may do now. Holds no connection to the database afterwards."""
    settings = settings_of(connection)
    token = connection.cookies.get(cookie_name(settings))
    if not token:
        return None
    with pool_of(connection).connection() as db:
        return person_of(db, token, settings, client_of(connection))


def person_of(db: Connection[TupleRow], token: str, settings: ApiSettings, client: str) -> Person | None:
    """Who holds the session `token`, with what they may do now."""
    row = accounts.session_user(db, token, settings.session_idle)
    if row is None:
        return None
    reach = grants.reach(db, row.username, row.sites, everywhere=row.role == "admin")
    must_enrol = row.role in settings.totp_roles and not row.has_second_factor
    return person(row, reach, client=client, must_enrol=must_enrol, now=datetime.now(UTC))


def signed_in_somehow(request: Request) -> Person:
    user = find_user(request)
    if user is None:
        raise ProblemError(401, "not_signed_in", "Sign in first")
    if request.method not in ("GET", "HEAD"):
        require_same_origin(request)
    return user


Enrolling = Annotated[Person, Depends(signed_in_somehow)]
"""Also a user who must set up their second factor before anything else."""


async def signed_in(user: Enrolling) -> Person:  # waits for nothing, and so needs no thread; the next two likewise
    if user.must_enrol:
        raise ProblemError(403, "totp_needed", "This role needs a second factor; set it up first")
    return user


User = Annotated[Person, Depends(signed_in)]


async def may_see_video(user: User) -> Person:
    if not user.watches:
        raise ProblemError(403, "no_video", "This role sees health, not video")
    return user


Watcher = Annotated[Person, Depends(may_see_video)]
"""Somebody who may see some video; which, says `require_sight`."""


def require_sight(user: Person, ward: str, site: str | None, what: str) -> None:
    """Refuse video of a place outside of what `user` watches. Raises ProblemError 404, or 403 where they see health."""
    if not user.sees.covers(ward, site):
        raise not_found(what)
    if not user.watches.covers(ward, site):
        raise ProblemError(403, "no_video", "This role sees health, not video")


async def is_admin(user: User) -> Person:
    if user.role != "admin":
        raise ProblemError(403, "admins_only", "Only an administrator may do this")
    return user


Admin = Annotated[Person, Depends(is_admin)]


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
