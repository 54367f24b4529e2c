"""Which boxes, cameras and devices a simulated fleet has, and what its inventory and box settings say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts.inventory import Box, Camera, Inventory, Site, SiteKind, Ward, Zone
from edge.config import CameraSettings, EdgeSettings, MqttSettings, ZoneSettings

BOXES_PER_WARD = 10
ZONE = "loi-vao"
_POLYGON = ((0.1, 0.2), (0.9, 0.2), (0.9, 0.9), (0.1, 0.9))


@dataclass(frozen=True, slots=True)
class SimBox:
    """One box of the fleet and what hangs on it."""

    id: str
    ward: str
    site: str
    cameras: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The size of a fleet; everything else follows from it."""

    boxes: int
    cameras: int
    devices: int
    boxes_per_ward: int = BOXES_PER_WARD

    def all(self) -> tuple[SimBox, ...]:
        """The boxes, in order."""
        return tuple(self._box(number) for number in range(1, self.boxes + 1))

    def _box(self, number: int) -> SimBox:
        name = f"sim-{number:04d}"
        ward = f"sim-phuong-{(number - 1) // self.boxes_per_ward + 1}"
        return SimBox(
            id=name,
            ward=ward,
            site=f"{ward}-cho" if number % 2 else f"{ward}-pho",
            cameras=tuple(f"{name}-c{camera:02d}" for camera in range(1, self.cameras + 1)),
            devices=tuple(f"{name}-d{device:03d}" for device in range(1, self.devices + 1)),
        )


def inventory(fleet: Fleet) -> Inventory:
    """What the centre must know before the fleet speaks."""
    boxes = fleet.all()
    wards = dict.fromkeys(box.ward for box in boxes)
    return Inventory(
        wards=tuple(
            Ward(
                id=ward,
                name=f"Phường mô phỏng {number}",
                sites=(
                    Site(id=f"{ward}-cho", name=f"Chợ mô phỏng {number}", kind=SiteKind.MARKET),
                    Site(id=f"{ward}-pho", name=f"Phố mô phỏng {number}", kind=SiteKind.STREET),
                ),
            )
            for number, ward in enumerate(wards, 1)
        ),
        boxes=tuple(
            Box(
                id=box.id,
                name=f"Hộp {box.id}",
                ward=box.ward,
                site=box.site,
                cameras=tuple(
                    Camera(
                        id=camera,
                        name=f"Máy {camera}",
                        site=box.site,
                        zones=(Zone(id=ZONE, name="Lối vào", polygon=_POLYGON),),
                    )
                    for camera in box.cameras
                ),
            )
            for box in boxes
        ),
    )


def edge_settings(box: SimBox, folder: Path, mqtt: MqttSettings) -> EdgeSettings:
    """The settings of one box, as its own file would say them."""
    cameras = tuple(
        CameraSettings.model_validate(
            {
                "id": camera,
                "site": box.site,
                "url": "rtsp://127.0.0.1:9/none",
                "zones": [ZoneSettings(id=ZONE, polygon=_POLYGON)],
            }
        )
        for camera in box.cameras
    )
    return EdgeSettings(ward=box.ward, box=box.id, data_dir=folder, mqtt=mqtt, cameras=cameras)
