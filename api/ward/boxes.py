"""The boxes that a user may know of, each with how it fares; their cameras are told by api.cameras."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access.auth import Database, User
from api.ward.cameras import Place
from storage import boxes
from storage.boxes import BoxRow

router = APIRouter(prefix="/api/v1/boxes", tags=["boxes"])


class Box(BaseModel):
    """A box as the centre knows it."""

    id: str
    name: str
    ward: Place
    site: Place | None
    state: str
    since: datetime | None = Field(description="when it said so, or was found to be silent")
    heard_at: datetime | None = Field(description="when anything last came of it")
    version: str
    pending: int | None = Field(description="records that wait on the box")
    dropped: int | None = Field(description="records that it gave up for want of disk space, ever")
    missing: int = Field(description="records that it numbered and that never arrived")
    access: str = Field(description="granted, revoked, or none where it was never let in")
    cpu_percent: float | None
    memory_percent: float | None
    disk_free_bytes: float | None


class Boxes(BaseModel):
    items: list[Box]


@router.get("")
def list_boxes(user: User, db: Database) -> Boxes:
    """All boxes of the places that the user sees. Readings older than 15 minutes are left out."""
    return Boxes(items=[_box(row) for row in boxes.boxes(db, user.sees)])


def _box(row: BoxRow) -> Box:
    return Box(
        id=row.id,
        name=row.name,
        ward=Place(id=row.ward_id, name=row.ward_name),
        site=Place(id=row.site_id, name=row.site_name or "") if row.site_id else None,
        state=row.state,
        since=row.state_at,
        heard_at=row.heard_at,
        version=row.version,
        pending=row.pending,
        dropped=row.dropped,
        missing=row.missing,
        access=row.access,
        cpu_percent=row.readings.get("box.cpu_percent"),
        memory_percent=row.readings.get("box.memory_percent"),
        disk_free_bytes=row.readings.get("box.disk_free_bytes"),
    )
