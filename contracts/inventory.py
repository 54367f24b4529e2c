"""The inventory file: which wards, sites, boxes, cameras and zones there are. YAML, checked strictly.

The centre applies it; a box's own file (edge.config) says how its cameras are reached and what they watch for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from contracts.ids import Code, Slug
from contracts.position import Bearing, Outline, Position, Range, ViewAngle
from contracts.wire import Fraction

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Polygon = Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=3, max_length=64)]
Polyline = Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=2, max_length=16)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteKind(StrEnum):
    STREET = "street"
    MARKET = "market"
    KHU_PHO = "khu_pho"
    OFFICE = "office"


class Hours(_Strict):
    """When people pay at a site, by the ward's clock; a night market closes after midnight."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _lasts(self) -> Hours:
        if self.opens == self.closes:
            raise ValueError("opening and closing are the same; leave the hours out of a site that is always open")
        return self


class Site(_Strict):
    """`outline` is a line along a street, and the border of anything else. Without `hours` it is always open."""

    id: Slug
    name: Name
    kind: SiteKind
    position: Position | None = None
    outline: Outline | None = None
    hours: Hours | None = None

    @model_validator(mode="after")
    def _encloses_something(self) -> Site:
        if self.outline and self.kind is not SiteKind.STREET and len(self.outline) < 3:
            raise ValueError(f"the outline of site {self.id} is its border and needs three points")
        return self


class PaymentPointKind(StrEnum):
    STALL = "stall"
    SHOP = "shop"
    DESK = "desk"


class PaymentPoint(_Strict):
    """Where people pay: a stall, a shop, a desk of the one-stop office."""

    id: Slug
    name: Name
    site: Slug
    kind: PaymentPointKind


class Device(_Strict):
    """A sensor, meter or speaker. `box` reads it; it is reached over the device `gateway`, if it hangs on one."""

    id: Slug
    name: Name
    site: Slug
    kind: Code
    box: Slug | None = None
    gateway: Slug | None = None
    payment_point: Slug | None = Field(default=None, description="where it takes money or tells of money")


class Unit(_Strict):
    """An administrative unit. Units are merged, renamed and ended; people go on searching by the old names."""

    id: Slug
    name: Name
    aliases: tuple[Name, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = Field(default=None, description="the first day on which it is no more")


class Province(Unit):
    pass


class Ward(Unit):
    province: Slug | None = None
    sites: tuple[Site, ...] = ()
    payment_points: tuple[PaymentPoint, ...] = ()
    devices: tuple[Device, ...] = ()


class Zone(_Strict):
    """A named polygon in normalised coordinates of a camera's picture."""

    id: Slug
    name: Name
    polygon: Polygon


class Line(_Strict):
    """A named line in normalised coordinates, whose crossings the box counts under the same id (edge.rule_settings)."""

    id: Slug
    name: Name
    points: Polyline


class Camera(_Strict):
    id: Slug
    name: Name
    site: Slug
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    position: Position | None = None
    bearing: Bearing | None = None
    view_angle: ViewAngle | None = None
    range_m: Range | None = None


class Box(_Strict):
    id: Slug
    name: Name
    ward: Slug
    site: Slug | None = None
    token: SecretStr | None = Field(default=None, min_length=32)
    position: Position | None = None
    cameras: tuple[Camera, ...] = ()


class Inventory(_Strict):
    provinces: tuple[Province, ...] = ()
    wards: tuple[Ward, ...]
    boxes: tuple[Box, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Inventory:
        _require_once("ward", (ward.id for ward in self.wards))
        _require_once("site", (site.id for ward in self.wards for site in ward.sites))
        _require_once("province", (province.id for province in self.provinces))
        _require_once("payment point", (point.id for ward in self.wards for point in ward.payment_points))
        _require_once("device", (device.id for ward in self.wards for device in ward.devices))
        _require_once("box", (box.id for box in self.boxes))
        _require_once("camera", (camera.id for box in self.boxes for camera in box.cameras))
        for box in self.boxes:
            for camera in box.cameras:
                shapes = [*(zone.id for zone in camera.zones), *(line.id for line in camera.lines)]
                _require_once(f"zone or line of camera {camera.id}:", shapes)
        tokens = [box.token.get_secret_value() for box in self.boxes if box.token]
        if len(set(tokens)) < len(tokens):
            raise ValueError("two boxes have the same token")
        self._require_places()
        return self

    def _require_places(self) -> None:
        """Every box stands in a listed ward, and it and its cameras at sites of that ward."""
        wards = {ward.id for ward in self.wards}
        sites = {site.id: ward.id for ward in self.wards for site in ward.sites}
        boxes = {box.id for box in self.boxes}
        provinces = {province.id for province in self.provinces}
        for ward in self.wards:
            if ward.province and ward.province not in provinces:
                raise ValueError(f"ward {ward.id} lies in province {ward.province}, which is not listed")
            standing = [(point.id, point.site) for point in ward.payment_points]
            standing += [(device.id, device.site) for device in ward.devices]
            for thing, site in standing:
                if sites.get(site) != ward.id:
                    raise ValueError(f"{thing} stands at site {site}, which is not in ward {ward.id}")
            points = {point.id: point.site for point in ward.payment_points}
            for device in ward.devices:
                if device.payment_point and points.get(device.payment_point, device.site) != device.site:
                    raise ValueError(
                        f"device {device.id} stands at another site than payment point {device.payment_point}"
                    )
                if device.box and device.box not in boxes:
                    raise ValueError(f"device {device.id} is read by box {device.box}, which is not listed")
        for box in self.boxes:
            if box.ward not in wards:
                raise ValueError(f"box {box.id} stands in ward {box.ward}, which is not listed")
            places = [(f"box {box.id}", box.site)] if box.site else []
            places += [(f"camera {camera.id}", camera.site) for camera in box.cameras]
            for what, site in places:
                if sites.get(site) != box.ward:
                    raise ValueError(f"{what} stands at site {site}, which is not in ward {box.ward}")


def _require_once(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} {name} is listed twice")
        seen.add(name)
