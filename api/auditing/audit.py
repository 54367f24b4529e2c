"""Enters into the audit log what people do and see; storage.audit knows the chain itself.

Write an entry in the transaction of the change that it tells of, as the last thing in it:

    with db.transaction():
        incidents.advance(db, ...)
        audit.note(db, user, "incident.see", f"incident:{incident.id}", ward=incident.ward)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.requests import HTTPConnection

from api.access.permissions import Person
from api.live.looks import RecentLooks
from storage import audit
from storage.audit import Note


class Actor(Protocol):
    """Who did it and from where; every route's `user` is one."""

    @property
    def username(self) -> str: ...

    @property
    def client(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is not signed in, or not by a session: a name and an address."""

    username: str
    client: str = ""


def note(
    db: Connection[TupleRow], who: Actor | str, action: str, thing: str, *, ward: str | None = None, **details: object
) -> None:
    """Enter that `who` did `action` to `thing`, such as `camera:quang-trung-1`.

    `who` is the route's `user`, or the name of a program such as `ingest`. `action` is a code of two or more words
    with dots between. `details` may hold texts, whole numbers, times, ids and lists of them, and never a secret.
    """
    audit.note(db, entry(who, action, thing, ward=ward, **details))


def entry(who: Actor | str, action: str, thing: str, *, ward: str | None = None, **details: object) -> Note:
    """The same as a value, for who enters several at once with `storage.audit.note`."""
    if isinstance(who, str):
        return Note(who, action, thing, ward, "", details)
    return Note(who.username, action, thing, ward, who.client, details)


def look(
    request: HTTPConnection,
    db: Connection[TupleRow],
    user: Person,
    action: str,
    thing: str,
    *,
    ward: str,
    **details: object,
) -> None:
    """Enter a look at a recorded or a single picture, once in a while for each session and thing."""
    looks: RecentLooks = request.app.state.looks
    session, key, now = str(user.session), f"{action} {thing}", time.monotonic()
    if looks.is_new(session, key, now):
        note(db, user, action, thing, ward=ward, **details)
        looks.remember(session, key, now)
