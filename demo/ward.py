"""The sample ward: An Lưu, Kinh Môn. Places are real, where they lie on the map, people and devices are invented, the
pictures a sample film.

One description gives both the centre's inventory and the box's settings, so that zones agree.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    """A simulated camera: where it stands and looks, where in the film it begins, what it watches for."""

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
]  # fmt: skip


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


def inventory(box_token: str) -> dict[str, Any]:
    """The inventory file of the sample ward."""
    ward = {"id": WARD, "name": "Phường An Lưu", "aliases": ["Thị trấn An Lưu", "Kinh Môn"], "sites": SITES}
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


def edge_settings(
    *, data_dir: Path, mqtt: dict[str, Any], api_url: str, box_token: str, camera_urls: dict[str, str]
) -> dict[str, Any]:
    """The sample box's settings file."""
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
                "zones": [{"id": zone, "polygon": polygon} for zone, (_, polygon) in camera.zones.items()],
                "lines": camera.lines,
                "rules": camera.rules,
            }
            for camera in CAMERAS
        ],
    }
