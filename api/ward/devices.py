"""The sensors, meters, gateways and speakers of the places that a user sees, each with whether it lives."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access.auth import Database, User
from api.ward.cameras import Place
from storage import devices
from storage.devices import DeviceRow

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])


class DeviceLife(StrEnum):
    """What is known of a device right now."""

    ALIVE = "alive"
    UNKNOWN = "unknown"  # nobody has said anything of it lately, or its gateway is dead
    SILENT = "silent"


class Device(BaseModel):
    """A device as the centre knows it."""

    id: str
    name: str
    kind: str
    ward: Place
    site: Place
    box: str | None = Field(description="the box that reads it")
    gateway: str | None = Field(description="the device that it is reached over")
    model: str
    adopted: bool = Field(description="a box took it in by itself; nobody has declared it")
    life: DeviceLife
    life_at: datetime | None = Field(description="when its box said so")


class Devices(BaseModel):
    items: list[Device]


@router.get("")
def list_devices(user: User, db: Database) -> Devices:
    """All devices of the places that the user sees. A word on their life older than 15 minutes counts no more."""
    return Devices(items=[_device(row) for row in devices.devices(db, user.sees)])


def life_of(value: float | None) -> DeviceLife:
    """What the sample `device.life` says."""
    if value is None:
        return DeviceLife.UNKNOWN
    return DeviceLife.ALIVE if value >= 2 else DeviceLife.SILENT if value < 1 else DeviceLife.UNKNOWN


def _device(row: DeviceRow) -> Device:
    return Device(
        id=row.id,
        name=row.name,
        kind=row.kind,
        ward=Place(id=row.ward_id, name=row.ward_name),
        site=Place(id=row.site_id, name=row.site_name),
        box=row.box_id,
        gateway=row.gateway_id,
        model=row.model,
        adopted=row.adopted,
        life=life_of(row.life),
        life_at=row.life_at,
    )
