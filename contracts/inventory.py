"""The inventory file: which wards, sites, boxes, cameras and zones there are. YAML, checked strictly.

The centre applies it; a box's own file (edge.config) says how its cameras are reached and what they watch for.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from contracts.ids import Slug
from contracts.wire import Fraction

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Polygon = Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=3, max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteKind(StrEnum):
    STREET = "street"
    MARKET = "market"
    KHU_PHO = "khu_pho"
    OFFICE = "office"


class Site(_Strict):
    id: Slug
    name: Name
    kind: SiteKind


class Ward(_Strict):
    id: Slug
    name: Name
    sites: tuple[Site, ...] = ()


class Zone(_Strict):
    """A named polygon in normalised coordinates of a camera's picture."""

    id: Slug
    name: Name
    polygon: Polygon


class Camera(_Strict):
    id: Slug
    name: Name
    site: Slug
    zones: tuple[Zone, ...] = ()


class Box(_Strict):
    id: Slug
    name: Name
    ward: Slug
    site: Slug | None = None
    token: SecretStr | None = Field(default=None, min_length=32)
    cameras: tuple[Camera, ...] = ()


class Inventory(_Strict):
    wards: tuple[Ward, ...]
    boxes: tuple[Box, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Inventory:
        _require_once("ward", (ward.id for ward in self.wards))
        _require_once("site", (site.id for ward in self.wards for site in ward.sites))
        _require_once("box", (box.id for box in self.boxes))
        _require_once("camera", (camera.id for box in self.boxes for camera in box.cameras))
        for box in self.boxes:
            for camera in box.cameras:
                _require_once(f"zone of camera {camera.id}:", (zone.id for zone in camera.zones))
        tokens = [box.token.get_secret_value() for box in self.boxes if box.token]
        if len(set(tokens)) < len(tokens):
            raise ValueError("two boxes have the same token")
        self._require_places()
        return self

    def _require_places(self) -> None:
        """Every box stands in a listed ward, and it and its cameras at sites of that ward."""
        wards = {ward.id for ward in self.wards}
        sites = {site.id: ward.id for ward in self.wards for site in ward.sites}
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
