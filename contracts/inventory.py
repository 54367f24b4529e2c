"""The inventory file: which wards, sites, boxes, cameras and zones there are. YAML, checked strictly.

The centre applies it; a box's own file (edge.config) says how its cameras are reached and what they watch for.
"""

from __future__ import annotations

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
    def _names_exist_once(self) -> Inventory:
        sites = {site.id: ward.id for ward in self.wards for site in ward.sites}
        wards = {ward.id for ward in self.wards}
        cameras: set[str] = set()
        for box in self.boxes:
            if box.ward not in wards:
                raise ValueError(f"box {box.id} stands in ward {box.ward}, which is not listed")
            for camera in box.cameras:
                if sites.get(camera.site) != box.ward:
                    raise ValueError(
                        f"camera {camera.id} stands at site {camera.site}, which is not in ward {box.ward}"
                    )
                if camera.id in cameras:
                    raise ValueError(f"camera {camera.id} is listed twice")
                cameras.add(camera.id)
        return self
