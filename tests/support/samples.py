"""Sample messages and inventory, the same in all tests."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from contracts.event import Event, Phase, PictureBox, Severity, TrackSighting
from contracts.inventory import Inventory

NOON = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)
"""Noon in Vietnam, on a weekday before Tết."""

EVENT_ID = UUID("019c4573-9a80-7abc-8def-000000000001")
TRACK_ID = UUID("019c4573-9a80-7abc-8def-000000000002")
EPOCH = UUID("019c4573-9a80-7abc-8def-0000000000e1")
SESSION = UUID("019c4573-9a80-7abc-8def-0000000000f1")
BOX_TOKEN = "box-token-that-is-long-enough-for-the-rules"

INVENTORY = Inventory.model_validate(
    {
        "wards": [
            {
                "id": "an-luu",
                "name": "Phường An Lưu",
                "sites": [
                    {"id": "quang-trung", "name": "Phố Quang Trung", "kind": "street"},
                    {"id": "cho-an-luu", "name": "Chợ An Lưu", "kind": "market"},
                ],
                "devices": [
                    {
                        "id": "gw-cho",
                        "name": "Bộ trung tâm chợ",
                        "site": "cho-an-luu",
                        "kind": "gateway",
                        "box": "an-luu-1",
                    },
                    {
                        "id": "khoi-cho-1",
                        "name": "Đầu báo khói dãy A",
                        "site": "cho-an-luu",
                        "kind": "smoke",
                        "box": "an-luu-1",
                        "gateway": "gw-cho",
                    },
                ],
            },
            {
                "id": "phuong-4",
                "name": "Phường 4, Mỹ Tho",
                "sites": [{"id": "yersin", "name": "Đường Yersin", "kind": "street"}],
            },
        ],
        "boxes": [
            {
                "id": "an-luu-1",
                "name": "Hộp An Lưu 1",
                "ward": "an-luu",
                "token": BOX_TOKEN,
                "cameras": [
                    {
                        "id": "quang-trung-1",
                        "name": "Ngã ba Quang Trung",
                        "site": "quang-trung",
                        "zones": [{"id": "via-he", "name": "Vỉa hè", "polygon": [[0, 0], [1, 0], [1, 1]]}],
                    },
                    {"id": "cho-an-luu-1", "name": "Cổng chợ", "site": "cho-an-luu"},
                ],
            },
            {
                "id": "phuong-4-1",
                "name": "Hộp phường 4",
                "ward": "phuong-4",
                "token": BOX_TOKEN + "-4",
                "cameras": [{"id": "yersin-1", "name": "Yersin", "site": "yersin"}],
            },
        ],
    }
)


def event(**changes: object) -> Event:
    """An intrusion that just opened, with `changes`."""
    sample = Event(
        id=EVENT_ID,
        revision=0,
        phase=Phase.OPEN,
        kind="intrusion",
        severity=Severity.HIGH,
        site="quang-trung",
        camera="quang-trung-1",
        zone="via-he",
        rule="ngoai-gio",
        opened_at=NOON,
        at=NOON,
        captured_at=NOON,
        count=1,
        peak_count=1,
        confidence=0.875,
        tracks=(
            TrackSighting(
                id=TRACK_ID, label="person", box=PictureBox(x1=0.25, y1=0.25, x2=0.5, y2=0.75), confidence=0.875
            ),
        ),
        model="ssdlite-mobilenet-person",
        why={"seconds_in_zone": 2.5, "threshold_s": 2.0},
    )
    return sample.model_copy(update=changes)


def smoke(**changes: object) -> Event:
    """A smoke alarm that just rang, with `changes`."""
    sample = Event(
        id=EVENT_ID,
        revision=0,
        phase=Phase.OPEN,
        kind="smoke",
        severity=Severity.CRITICAL,
        site="cho-an-luu",
        device="khoi-cho-1",
        rule="smoke",
        opened_at=NOON,
        at=NOON,
        captured_at=NOON,
        why={"metric": "smoke", "value": 1.0, "bound": 1.0},
    )
    return Event.model_validate(sample.model_dump() | changes)
