"""The cameras that a user may see, each with its place, state, zones and lines, and a single live picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.access.auth import Database, User, Watcher, pool_of, require_sight
from api.access.permissions import Person
from api.auditing import audit
from api.live.hub import Hub
from api.problems import ProblemError, not_found
from contracts.ids import Slug
from contracts.picture import unpack
from contracts.position import Position
from storage import recordings, wall
from storage.wall import CameraRow

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])

PICTURE_TIMEOUT_S = 4.0


class Place(BaseModel):
    id: str
    name: str


class Camera(BaseModel):
    """`watched`: whether who asks may see its pictures."""

    id: str
    name: str
    site: Place
    ward: Place
    box: str
    box_state: str
    state: str
    fault: str | None
    since: datetime | None
    width: int | None
    height: int | None
    fps: float | None
    analysed_fps: float | None
    zones: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    position: Position | None
    bearing: float | None
    view_angle: float | None
    range_m: float | None
    watched: bool


class Cameras(BaseModel):
    items: list[Camera]


@router.get("")
def list_cameras(user: User, db: Database) -> Cameras:
    """All cameras of the places that the user sees, in the order of the inventory."""
    return Cameras(items=[_camera(row, user) for row in wall.cameras(db, user.sees)])


@router.get("/{camera}/picture", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def live_picture(camera: Slug, request: Request, user: Watcher) -> Response:
    """One picture of this moment, straight from the box."""
    hub: Hub = request.app.state.hub
    await run_in_threadpool(_enter_look, request, user, camera)
    message = await hub.next_picture(camera, PICTURE_TIMEOUT_S)
    if message is None:
        raise ProblemError(503, "no_picture", "The box sends no picture of this camera", headers={"Retry-After": "5"})
    header, jpeg = unpack(message)
    captured_at = header.captured_at.isoformat(timespec="milliseconds")
    return Response(jpeg, media_type="image/jpeg", headers={"X-Captured-At": captured_at})


def _enter_look(request: Request, user: Person, camera: str) -> None:
    """Raises ProblemError 404 or 403 for a camera that `user` may not watch."""
    with pool_of(request).connection() as db:
        place = recordings.place_of(db, camera)
        if place is None:
            raise not_found("camera")
        require_sight(user, place.ward_id, place.site_id, "camera")
        audit.look(request, db, user, "live.picture", f"camera:{camera}", ward=place.ward_id)


def position_of(lat: float | None, lon: float | None) -> Position | None:
    """Two columns of the database as they leave the API."""
    return None if lat is None or lon is None else Position(lat=lat, lon=lon)


def _camera(row: CameraRow, user: Person) -> Camera:
    return Camera(
        id=row.id,
        name=row.name,
        site=Place(id=row.site_id, name=row.site_name),
        ward=Place(id=row.ward_id, name=row.ward_name),
        box=row.box_id,
        box_state=row.box_state,
        state=row.state,
        fault=row.fault,
        since=row.since,
        width=row.width,
        height=row.height,
        fps=row.fps,
        analysed_fps=row.analysed_fps,
        zones=row.zones,
        lines=row.lines,
        position=position_of(row.lat, row.lon),
        bearing=row.bearing,
        view_angle=row.view_angle,
        range_m=row.range_m,
        watched=user.watches.covers(row.ward_id, row.site_id),
    )
