"""Where things stand on the earth: degrees of latitude and longitude, as maps and phones tell them (WGS 84)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Points = tuple[tuple[Latitude, Longitude], ...]
Outline = Annotated[Points, Field(min_length=2, max_length=200)]
"""Pairs of latitude and longitude: along a street, or around a place whose last side closes by itself."""

Bearing = Annotated[float, Field(ge=0, lt=360, description="where it looks: degrees from north, clockwise")]
ViewAngle = Annotated[float, Field(gt=0, le=360, description="how wide it sees, in degrees")]
Range = Annotated[float, Field(gt=0, le=1000, description="how far it sees, in metres")]


class Position(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: Latitude
    lon: Longitude


class Bounds(BaseModel):
    """The smallest box of a map that holds everything."""

    south: Latitude
    west: Longitude
    north: Latitude
    east: Longitude


def bounds(points: Iterable[tuple[float, float]]) -> Bounds | None:
    """Around all `points` of latitude and longitude; None without any. Vietnam is far from the 180th meridian."""
    found = list(points)
    if not found:
        return None
    lats, lons = [lat for lat, _ in found], [lon for _, lon in found]
    return Bounds(south=min(lats), west=min(lons), north=max(lats), east=max(lons))
