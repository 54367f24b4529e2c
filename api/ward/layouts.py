"""Walls as people arrange them: which camera in which tile. One's own, and those shared with everybody of a role.

Nobody learns from a layout of cameras that they do not see: their tiles are empty.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api import preferences
from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.problems import ProblemDocument, ProblemError, documented, not_found
from api.texts import LINE_PATTERN
from contracts.ids import Slug, new_id
from storage import layouts, wall
from storage.layouts import Arrangement, LayoutRow

router = APIRouter(prefix="/api/v1/layouts", tags=["layouts"])

MAY_SHARE: Final = frozenset({"admin", "operator"})
MOST: Final = 50

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=LINE_PATTERN)]
Role = Literal["admin", "operator", "police", "technician", "viewer"]


class NewLayout(BaseModel):
    """`role` shares it with all of that role, `ward` only with those of them who see that ward."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    tiles: Literal[1, 4, 9, 16]
    cameras: list[Slug | None] = Field(max_length=16, description="one for each tile, or none")
    follow_alerts: bool = False
    role: Role | None = None
    ward: Slug | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        named = [camera for camera in self.cameras if camera]
        if len(self.cameras) != self.tiles:
            raise ValueError("there must be one camera, or none, for each tile")
        if len(set(named)) < len(named):
            raise ValueError("a camera stands in two tiles")
        if self.ward and not self.role:
            raise ValueError("a ward says with whom it is shared and needs a role")
        return self


class ChangedLayout(NewLayout):
    version: int = Field(ge=1, description="of the layout as the user saw it")


class Layout(BaseModel):
    id: UUID
    name: str
    tiles: int
    cameras: list[str | None]
    follow_alerts: bool
    owner: str
    mine: bool
    role: str | None
    ward: str | None
    version: int
    updated_at: datetime


class Layouts(BaseModel):
    """`default` is the one that the user begins with, if they still see it."""

    items: list[Layout]
    default: UUID | None


class LateDocument(ProblemDocument):
    """Somebody changed the layout meanwhile; `version` is the one it has now."""

    version: int


class LateError(ProblemError):
    def __init__(self, version: int) -> None:
        super().__init__(409, "changed_meanwhile", "Somebody changed this layout meanwhile")
        self.document = LateDocument(**self.document.model_dump(), version=version)


@router.get("")
def list_layouts(user: User, db: Database) -> Layouts:
    """The user's own layouts, then those that others share with them, by name."""
    seen = {row.id for row in wall.cameras(db, user.sees)}
    items = [_layout(row, user, seen) for row in layouts.seen(db, user.username, user.role, user.wards)]
    wish = preferences.chosen(db, user.username).default_layout
    return Layouts(items=items, default=wish if wish in {item.id for item in items} else None)


@router.post("", status_code=201, responses=documented(403, 409))
def create(new: NewLayout, user: User, db: Database) -> Layout:
    with db.transaction():
        if layouts.owned(db, user.username) >= MOST:
            raise ProblemError(409, "too_many", f"A user has at most {MOST} layouts")
        return _put(db, user, new_id(), user.username, new)


@router.put("/{layout}", responses={**documented(403), 409: {"model": LateDocument, "description": "Late"}})
def change(layout: UUID, changed: ChangedLayout, user: User, db: Database) -> Layout:
    """Replace it. 409 for who saw an older version; the answer says the one it has now."""
    with db.transaction():
        held = _held(db, user, layout)
        if held.version != changed.version:
            raise LateError(held.version)
        return _put(db, user, layout, held.owner, changed)


@router.delete("/{layout}", status_code=204, responses=documented(403))
def remove(layout: UUID, user: User, db: Database) -> None:
    with db.transaction():
        held = _held(db, user, layout)
        layouts.remove(db, layout)
        audit.note(db, user, "layout.removed", f"layout:{layout}", ward=held.ward_id, name=held.name)


def _held(db: Connection[TupleRow], user: Person, layout: UUID) -> LayoutRow:
    """A layout that `user` may change: their own, or as an admin a shared one. Raises ProblemError 404 or 403."""
    if layout not in {row.id for row in layouts.seen(db, user.username, user.role, user.wards)}:
        raise not_found("layout")
    held = layouts.hold(db, layout)
    if held is None:
        raise not_found("layout")
    if held.owner != user.username and user.role != "admin":
        raise ProblemError(403, "not_yours", "Who made a layout changes it")
    return held


def _put(db: Connection[TupleRow], user: Person, layout: UUID, owner: str, wish: NewLayout) -> Layout:
    seen = {row.id for row in wall.cameras(db, user.sees)}
    _require_rights(user, wish, seen)
    arranged = Arrangement(wish.name, wish.tiles, wish.cameras, wish.follow_alerts, wish.role, wish.ward)
    row = layouts.put(db, layout, owner, arranged)
    audit.note(
        db, user, "layout.put", f"layout:{layout}", ward=wish.ward, name=wish.name, role=wish.role, version=row.version
    )
    return _layout(row, user, seen)


def _require_rights(user: Person, wish: NewLayout, seen: set[str]) -> None:
    """Raises ProblemError 403 for sharing, 422 for what the user does not see."""
    if wish.role and user.role not in MAY_SHARE:
        raise ProblemError(403, "may_not_share", "Only administrators and operators share layouts")
    if wish.ward and wish.ward not in user.wards:
        raise ProblemError(422, "unknown_ward", "No such ward")
    if not {camera for camera in wish.cameras if camera} <= seen:
        raise ProblemError(422, "unknown_camera", "No such camera")


def _layout(row: LayoutRow, user: Person, seen: set[str]) -> Layout:
    return Layout(
        id=row.id,
        name=row.name,
        tiles=row.tiles,
        cameras=[camera if camera in seen else None for camera in row.cameras],
        follow_alerts=row.follow_alerts,
        owner=row.owner,
        mine=row.owner == user.username,
        role=row.role,
        ward=row.ward_id,
        version=row.version,
        updated_at=row.updated_at,
    )
