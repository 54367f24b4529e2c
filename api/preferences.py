"""What a user chose for themselves and finds again at every desk: the wall they begin with, the language, the sound."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from api.access.auth import Database, User
from api.auditing import audit
from storage import layouts

router = APIRouter(prefix="/api/v1/session/preferences", tags=["session"])


class Preferences(BaseModel):
    """What is none was not chosen: the page decides."""

    model_config = ConfigDict(extra="forbid")

    default_layout: UUID | None = None
    language: Literal["vi", "en"] | None = None
    sound: bool | None = None


@router.get("")
def read(user: User, db: Database) -> Preferences:
    return chosen(db, user.username)


@router.put("")
def choose(wish: Preferences, user: User, db: Database) -> Preferences:
    """Replace all of them."""
    with db.transaction():
        layouts.prefer(db, user.username, wish.model_dump(mode="json", exclude_none=True))
        audit.note(db, user, "preferences.changed", f"user:{user.username}")
    return wish


def chosen(db: Connection[TupleRow], username: str) -> Preferences:
    """What a user chose; what an older release kept and this one does not know is passed over."""
    body = layouts.preferences(db, username)
    return Preferences.model_validate({name: body[name] for name in Preferences.model_fields if name in body})
