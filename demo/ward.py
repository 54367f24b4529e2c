"""The sample ward: An Lưu, Kinh Môn. Places are real, where they lie on the map, people and devices are invented, the
pictures a sample film.

One description gives both the centre's inventory and the box's settings, so that zones agree.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

WARD = "an-luu"
BOX = "an-luu-1"

Polygon = list[list[float]]

ROADWAY: Polygon = [
    [0.0, 0.33],
    [0.56, 0.34],
    [0.80, 0.21],
    [0.93, 0.30],
    [1.0, 0.80],
    [0.84, 0.76],
    [0.45, 0.53],
    [0.0, 0.42],
]
CROSSING: Polygon = [[0.62, 0.34], [0.84, 0.24], [0.95, 0.44], [0.99, 0.76], [0.86, 0.76], [0.60, 0.60]]
PAVEMENT: Polygon = [[0.0, 0.25], [0.56, 0.27], [0.56, 0.40], [0.0, 0.40]]
WHOLE: Polygon = [[0.0, 0.15], [1.0, 0.15], [1.0, 1.0], [0.0, 1.0]]


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A simulated camera: where it stands and looks, where in the film it begins, what it watches for, and where codes
    for payment hang.
    """

    id: str
    name: str
    site: str
    position: tuple[float, float]
    bearing: float
    view_angle: float
    offset_s: float
    zones: dict[str, tuple[str, Polygon]]
    rules: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    line_names: dict[str, str] = field(default_factory=dict)
    payment_points: dict[str, Polygon] = field(default_factory=dict)

    @property
    def stall(self) -> bool:
        """Whether it looks at the stall that is drawn (demo.scene), and not at the street of the sample film."""
        return bool(self.payment_points)


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """A simulated device (demo.devices): where it stands, how it speaks, over which gateway, which camera sees it, and
    at which payment point it takes money.
    """

    id: str
    name: str
    site: str
    kind: str
    gateway: str | None = None
    dialect: str = "own"
    address: str | None = None
    camera: str | None = None
    payment_point: str | None = None


SITES = [
    {
        "id": "quang-trung", "name": "Phố Quang Trung", "kind": "street",
        "position": {"lat": 20.9931, "lon": 106.5515},
        "outline": [
            [20.9921, 106.5478], [20.9925, 106.5496], [20.9931, 106.5515], [20.9934, 106.5533], [20.9936, 106.5552],
        ],
    },
    {
        "id": "nguyen-trai", "name": "Phố Nguyễn Trãi", "kind": "street",
        "position": {"lat": 20.9946, "lon": 106.5512},
        "outline": [
            [20.9962, 106.5509], [20.9946, 106.5512], [20.9931, 106.5515], [20.9914, 106.5519], [20.9897, 106.5521],
        ],
    },
    {
        "id": "cho-an-luu", "name": "Chợ An Lưu", "kind": "market",
        "position": {"lat": 20.9945, "lon": 106.5534},
        "outline": [[20.9939, 106.5527], [20.9950, 106.5525], [20.9952, 106.5541], [20.9941, 106.5543]],
    },
    {
        "id": "mot-cua", "name": "Bộ phận Một cửa", "kind": "office",
        "position": {"lat": 20.9919, "lon": 106.5542},
        "outline": [[20.9915, 106.5538], [20.9921, 106.5537], [20.9922, 106.5546], [20.9916, 106.5547]],
    },
]  # fmt: skip

CAMERAS = [
    DemoCamera(
        "quang-trung-1", "Ngã ba Quang Trung", "quang-trung", (20.9930, 106.5514), 75.0, 80.0, 0.0,
        {"long-duong": ("Lòng đường", ROADWAY)},
        [{"id": "dong-nguoi", "kind": "occupancy", "zone": "long-duong", "threshold": 5, "min_seconds": 2}],
    ),
    DemoCamera(
        "nguyen-trai-1", "Đầu phố Nguyễn Trãi", "nguyen-trai", (20.9960, 106.5509), 170.0, 70.0, 20.0,
        {"via-he": ("Vỉa hè rào chắn", PAVEMENT)},
        [{"id": "vao-rao-chan", "kind": "intrusion", "zone": "via-he", "severity": "medium", "min_seconds": 1.5}],
    ),
    DemoCamera(
        "cho-an-luu-1", "Cổng chợ An Lưu", "cho-an-luu", (20.9939, 106.5535), 350.0, 85.0, 40.0,
        {"cong-cho": ("Cổng chợ", CROSSING)},
        [{"id": "ngoai-gio", "kind": "intrusion", "zone": "cong-cho", "severity": "high", "min_seconds": 2}],
        [{"id": "cua-cho", "points": [[0.8, 0.2], [0.8, 0.8]]}],
        {"cua-cho": "Cửa chợ"},
    ),
    DemoCamera(
        "mot-cua-1", "Sân Bộ phận Một cửa", "mot-cua", (20.9920, 106.5541), 180.0, 95.0, 60.0,
        {"san": ("Sân", WHOLE)},
        [
            {"id": "qua-dong", "kind": "occupancy", "zone": "san", "threshold": 6, "min_seconds": 2},
            {"id": "lang-vang", "kind": "loitering", "zone": "san", "min_seconds": 20, "cool_down_s": 60},
        ],
    ),
    DemoCamera(
        "cho-an-luu-2", "Quầy hàng, chợ An Lưu", "cho-an-luu", (20.9946, 106.5531), 20.0, 60.0, 0.0, {},
        payment_points={
            "quay-12": [[0.319, 0.37], [0.5, 0.37], [0.5, 0.824], [0.319, 0.824]],
            "quay-14": [[0.501, 0.373], [0.681, 0.373], [0.681, 0.824], [0.501, 0.824]],
        },
    ),
]  # fmt: skip

STALL = next(camera.id for camera in CAMERAS if camera.stall)

DEVICES = [
    DemoDevice("gw-cho", "Bộ trung tâm thiết bị chợ An Lưu", "cho-an-luu", "gateway"),
    DemoDevice("gw-quang-trung", "Bộ trung tâm thiết bị phố Quang Trung", "quang-trung", "gateway"),
    DemoDevice("loa-quay-12", "Loa thanh toán quầy 12", "cho-an-luu", "soundbox", "gw-cho", payment_point="quay-12"),
    DemoDevice("o-cam-quay-12", "Ổ cắm quầy 12", "cho-an-luu", "plug", "gw-cho", payment_point="quay-12"),
    DemoDevice("loa-quay-14", "Loa thanh toán quầy 14", "cho-an-luu", "soundbox", "gw-cho", payment_point="quay-14"),
    DemoDevice(
        "o-cam-quay-20",
        "Ổ cắm quầy 20",
        "cho-an-luu",
        "plug",
        "gw-cho",
        "tasmota",
        "o-cam-quay-20",
        payment_point="quay-20",
    ),
    DemoDevice("ups-cho", "Bộ lưu điện chợ An Lưu", "cho-an-luu", "ups", "gw-cho"),
    DemoDevice("cong-to-cho", "Công tơ dãy A", "cho-an-luu", "meter", "gw-cho"),
    DemoDevice(
        "khoi-cho-1", "Đầu báo khói dãy A", "cho-an-luu", "smoke", "gw-cho", "zigbee2mqtt", "khoi-cho-1", "cho-an-luu-1"
    ),
]

PAYMENT_POINTS: list[dict[str, str]] = [
    {"id": "quay-12", "name": "Quầy 12, cô Hạnh", "site": "cho-an-luu", "kind": "stall"},
    {"id": "quay-14", "name": "Quầy 14, chị Lan", "site": "cho-an-luu", "kind": "stall"},
    {"id": "quay-20", "name": "Quầy 20, bánh đa cua", "site": "cho-an-luu", "kind": "stall"},
    {"id": "quay-03", "name": "Quầy 3, rau quả", "site": "cho-an-luu", "kind": "stall"},
    {"id": "quay-05", "name": "Quầy 5, thịt tươi", "site": "cho-an-luu", "kind": "stall"},
    {"id": "quay-08", "name": "Quầy 8, đồ khô", "site": "cho-an-luu", "kind": "stall"},
    {"id": "qt-pho", "name": "Phở Sông Kinh", "site": "quang-trung", "kind": "shop"},
    {"id": "qt-thuoc", "name": "Nhà thuốc Hoa Sữa", "site": "quang-trung", "kind": "shop"},
    {"id": "qt-tap-hoa", "name": "Tạp hóa Mùa Gặt", "site": "quang-trung", "kind": "shop"},
    {"id": "qt-ca-phe", "name": "Cà phê Bến Đò", "site": "quang-trung", "kind": "shop"},
    {"id": "qt-dien-may", "name": "Điện máy Hải Âu", "site": "quang-trung", "kind": "shop"},
    {"id": "nt-banh-mi", "name": "Bánh mì Lúa Vàng", "site": "nguyen-trai", "kind": "shop"},
    {"id": "nt-sach", "name": "Nhà sách Trang Vở", "site": "nguyen-trai", "kind": "shop"},
    {"id": "nt-cat-toc", "name": "Cắt tóc Gió Mới", "site": "nguyen-trai", "kind": "shop"},
    {"id": "nt-xe-may", "name": "Sửa xe Bánh Răng", "site": "nguyen-trai", "kind": "shop"},
    {"id": "mot-cua-phi", "name": "Quầy thu phí, Bộ phận Một cửa", "site": "mot-cua", "kind": "desk"},
]

_GATEWAYS = {"cho-an-luu": "gw-cho", "quang-trung": "gw-quang-trung"}
_WITH_DEVICES = {device.payment_point for device in DEVICES}
DEVICES += [
    DemoDevice(
        f"bao-tien-{point['id']}", f"Thiết bị báo tiền, {point['name']}", point["site"],
        "pos" if point["kind"] == "desk" else "soundbox", _GATEWAYS.get(point["site"]), payment_point=point["id"],
    )
    for point in PAYMENT_POINTS if point["id"] not in _WITH_DEVICES
]  # fmt: skip
"""Every other point has one device that tells of money."""


@dataclass(frozen=True, slots=True)
class User:
    username: str
    name: str
    role: str
    password: str


USERS = [
    User("congan", "Trực ban Công an phường", "police", "demo-an-luu"),
    User("congan2", "Nguyễn Văn Bình", "police", "demo-an-luu"),
    User("quantri", "Quản trị hệ thống", "admin", "demo-an-luu"),
    User("kythuat", "Kỹ thuật viên", "technician", "demo-an-luu"),
]
"""Sample accounts for a page on loopback; a real centre creates its own with `phoan-api user`."""


SPEAKER: Final = {
    "id": "loa-cong-cho",
    "name": "Loa cổng chợ An Lưu",
    "site": "cho-an-luu",
    "kind": "speaker",
    "box": BOX,
}
"""On a pole at the gate of the market (demo.speaker)."""


def inventory(box_token: str) -> dict[str, Any]:
    """The inventory file of the sample ward."""
    ward = {"id": WARD, "name": "Phường An Lưu", "aliases": ["Thị trấn An Lưu", "Kinh Môn"], "sites": SITES,
            "payment_points": PAYMENT_POINTS,
            "devices": [*(_declared(device) for device in DEVICES), SPEAKER]}  # fmt: skip
    return {
        "wards": [ward],
        "boxes": [
            {
                "id": BOX,
                "name": "Hộp biên An Lưu 1",
                "ward": WARD,
                "site": "mot-cua",
                "token": box_token,
                "position": {"lat": 20.9919, "lon": 106.5540},
                "cameras": [
                    {
                        "id": camera.id,
                        "name": camera.name,
                        "site": camera.site,
                        "position": dict(zip(("lat", "lon"), camera.position, strict=True)),
                        "bearing": camera.bearing,
                        "view_angle": camera.view_angle,
                        "range_m": 40,
                        "zones": [
                            {"id": zone, "name": name, "polygon": polygon}
                            for zone, (name, polygon) in camera.zones.items()
                        ],
                        "lines": [
                            {"id": line["id"], "name": camera.line_names[line["id"]], "points": line["points"]}
                            for line in camera.lines
                        ],
                    }
                    for camera in CAMERAS
                ],
            }
        ],
    }


def _declared(device: DemoDevice) -> dict[str, Any]:
    """A device as the inventory has it."""
    place = {"id": device.id, "name": device.name, "site": device.site, "kind": device.kind, "box": BOX}
    return {**place, "gateway": device.gateway, "payment_point": device.payment_point}


def _listed(device: DemoDevice) -> dict[str, Any]:
    """A device as the box has it. All speak every few seconds, so that a visitor sees soon that one is silent."""
    spoken = {"dialect": device.dialect, "address": device.address, "gateway": device.gateway, "camera": device.camera}
    return {"id": device.id, "site": device.site, "kind": device.kind, "period_s": 6, **spoken}


def edge_settings(
    *,
    data_dir: Path,
    mqtt: dict[str, Any],
    api_url: str,
    box_token: str,
    camera_urls: dict[str, str],
    sub_urls: Mapping[str, str] = MappingProxyType({}),
    speaker_url: str | None = None,
) -> dict[str, Any]:
    """The sample box's settings file. `sub_urls` are those of the cameras that have a sub-stream.

    The speaker knows no quiet hours: visitors come at night too.
    """
    speakers = (
        [{"id": SPEAKER["id"], "site": SPEAKER["site"], "kind": "http", "url": speaker_url}] if speaker_url else []
    )
    return {
        "ward": WARD,
        "box": BOX,
        "data_dir": str(data_dir),
        "mqtt": mqtt,
        "centre": {"url": api_url, "token": box_token},
        # One core stays free for the demo's own database, broker, cameras and a browser.
        "detector": {"kind": "ssdlite", "threads": max(1, min(4, (os.cpu_count() or 2) - 1))},
        "analysis": {"fps": 5},
        "recording": {"segment_s": 10, "max_gb": 2},
        "cameras": [
            {
                "id": camera.id,
                "site": camera.site,
                "url": camera_urls[camera.id],
                "sub_url": sub_urls.get(camera.id),
                "zones": [{"id": zone, "polygon": polygon} for zone, (_, polygon) in camera.zones.items()],
                "lines": camera.lines,
                "rules": camera.rules,
                "payment_points": [{"id": point, "region": region} for point, region in camera.payment_points.items()],
            }
            for camera in CAMERAS
        ],
        "devices": {
            "broker": mqtt,
            "every_s": 10,
            "opening": [{"from": "04:30", "to": "19:00"}],
            "list": [_listed(device) for device in DEVICES],
        },
        "announce": {"quiet": None, "speakers": speakers, "fire": [{"site": one["site"]} for one in speakers]},
    }
