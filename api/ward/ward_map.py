"""The map: sites with their outlines, boxes and cameras with their states, each where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access.auth import Database, User, settings_of
from api.ward.cameras import position_of
from contracts.position import Bounds, Position, bounds
from storage import places, wall
from storage.places import BoxRow, SiteRow
from storage.wall import CameraRow

router = APIRouter(prefix="/api/v1/map", tags=["map"])


class Tiles(BaseModel):
    """Where the background comes from."""

    url: str
    attribution: str
    max_zoom: int


class Outline(BaseModel):
    """Pairs of latitude and longitude; the last side of a polygon closes by itself."""

    shape: Literal["line", "polygon"]
    points: list[tuple[float, float]]


class MapSite(BaseModel):
    id: str
    name: str
    kind: str
    ward: str
    position: Position | None
    outline: Outline | None


class MapBox(BaseModel):
    id: str
    name: str
    ward: str
    site: str | None
    state: str
    state_at: datetime | None
    position: Position | None


class MapCamera(BaseModel):
    """`bearing` is in degrees from north, clockwise; it sees `view_angle` degrees around it, `range_m` metres far."""

    id: str
    name: str
    site: str
    ward: str
    box: str
    state: str
    box_state: str
    position: Position | None
    bearing: float | None
    view_angle: float | None
    range_m: float | None
    watched: bool


class WardMap(BaseModel):
    """`tiles` is none where there is no background, `bounds` where nothing has a place yet."""

    tiles: Tiles | None
    bounds: Bounds | None
    sites: list[MapSite]
    boxes: list[MapBox]
    cameras: list[MapCamera]


@router.get("")
def whole_map(request: Request, user: User, db: Database) -> WardMap:
    """All that the user sees, also what has no position yet."""
    tiles = settings_of(request).map_tiles
    answer = WardMap(
        tiles=tiles and Tiles(url=tiles.url, attribution=tiles.attribution, max_zoom=tiles.max_zoom),
        bounds=None,
        sites=[_site(row) for row in places.sites(db, user.sees)],
        boxes=[_box(row) for row in places.boxes(db, user.sees)],
        cameras=[_camera(row, user.watches.covers(row.ward_id, row.site_id)) for row in wall.cameras(db, user.sees)],
    )
    answer.bounds = bounds(_points(answer))
    return answer


def _points(shown: WardMap) -> Iterator[tuple[float, float]]:
    standing = [thing.position for things in (shown.sites, shown.boxes, shown.cameras) for thing in things]
    yield from ((position.lat, position.lon) for position in standing if position)
    for site in shown.sites:
        if site.outline:
            yield from site.outline.points


def _site(row: SiteRow) -> MapSite:
    shape: Literal["line", "polygon"] = "line" if row.kind == "street" else "polygon"
    return MapSite(
        id=row.id,
        name=row.name,
        kind=row.kind,
        ward=row.ward_id,
        position=position_of(row.lat, row.lon),
        outline=Outline(shape=shape, points=row.outline) if row.outline else None,
    )


def _box(row: BoxRow) -> MapBox:
    return MapBox(
        id=row.id,
        name=row.name,
        ward=row.ward_id,
        site=row.site_id,
        state=row.state,
        state_at=row.state_at,
        position=position_of(row.lat, row.lon),
    )


def _camera(row: CameraRow, watched: bool) -> MapCamera:
    return MapCamera(
        id=row.id,
        name=row.name,
        site=row.site_id,
        ward=row.ward_id,
        box=row.box_id,
        state=row.state,
        box_state=row.box_state,
        position=position_of(row.lat, row.lon),
        bearing=row.bearing,
        view_angle=row.view_angle,
        range_m=row.range_m,
        watched=watched,
    )
