"""Ranges of recorded video that people asked for: who, why, and what the camera's box answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from contracts.command import RecordingReply, RecordingWanted
from storage.sql import queries

SQL = queries("recordings")
CHANNEL = "phoan_recordings"
MOST_UNFINISHED = 100

Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class CameraPlace:
    ward_id: str
    site_id: str
    box_id: str


@dataclass(frozen=True, slots=True)
class RecordingRow:
    id: UUID
    ward_id: str
    site_id: str
    box_id: str
    camera_id: str
    wanted_from: datetime
    wanted_to: datetime
    reason: str
    requested_by: str
    requested_at: datetime
    state: str
    refusal: str | None
    digest: str | None
    began_at: datetime | None
    ended_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnfinishedRow:
    id: UUID
    camera_id: str
    wanted_from: datetime
    wanted_to: datetime


def place_of(connection: Db, camera: str) -> CameraPlace | None:
    """Where a camera is; None when there is no such camera."""
    with connection.cursor(row_factory=class_row(CameraPlace)) as cursor:
        return cursor.execute(SQL["place"], {"camera": camera}).fetchone()


def ask(connection: Db, wanted: RecordingWanted, place: CameraPlace, *, reason: str, by: str) -> None:
    """Keep a request, and have the box hear of it once the caller's transaction is committed."""
    connection.execute(
        SQL["ask"],
        {
            "id": wanted.id,
            "ward": place.ward_id,
            "site": place.site_id,
            "box": place.box_id,
            "camera": wanted.camera,
            "wanted_from": wanted.begin,
            "wanted_to": wanted.end,
            "reason": reason,
            "by": by,
        },
    )
    connection.execute(SQL["notify"], {"box": place.box_id})


def one(connection: Db, request: UUID) -> RecordingRow | None:
    with connection.cursor(row_factory=class_row(RecordingRow)) as cursor:
        return cursor.execute(SQL["one"], {"id": request}).fetchone()


def of_camera(connection: Db, camera: str, limit: int) -> list[RecordingRow]:
    """The newest requests for a camera."""
    with connection.cursor(row_factory=class_row(RecordingRow)) as cursor:
        return cursor.execute(SQL["of_camera"], {"camera": camera, "limit": limit}).fetchall()


def unfinished(connection: Db, box: str) -> list[RecordingWanted]:
    """What a box is still to do, as it is asked."""
    with connection.cursor(row_factory=class_row(UnfinishedRow)) as cursor:
        rows = cursor.execute(SQL["unfinished"], {"box": box, "limit": MOST_UNFINISHED}).fetchall()
    return [RecordingWanted(id=row.id, camera=row.camera_id, begin=row.wanted_from, end=row.wanted_to) for row in rows]


def answer(connection: Db, box: str, reply: RecordingReply) -> bool:
    """Note a box's answer; False when it was not asked, or has answered for good before."""
    parameters = {
        "id": reply.id,
        "box": box,
        "state": reply.state.value,
        "refusal": reply.reason,
        "digest": reply.digest,
        "began_at": reply.began_at,
        "ended_at": reply.ended_at,
    }
    return connection.execute(SQL["answer"], parameters).fetchone() is not None
