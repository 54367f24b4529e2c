from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from tests.api.running import RunningApi
from tests.support.samples import EPOCH

BOXES = "/api/v1/boxes"


@pytest.fixture
def reported(api: RunningApi) -> RunningApi:
    """An Lưu's box has spoken: it waits with 3 records, two of its numbers never came, and it measured itself."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "UPDATE boxes SET state = 'online', state_at = now() - interval '1 hour', version = '0.1.0',"
            " outbox_pending = 3, outbox_dropped = 0 WHERE id = 'an-luu-1'"
        )
        db.execute(
            "INSERT INTO box_ledgers (box_id, epoch, seqs) VALUES ('an-luu-1', %s, '{[1,4),[6,9)}')",
            (EPOCH,),
        )
        for metric, value, age in (
            ("box.cpu_percent", 40, "1 minute"),
            ("box.cpu_percent", 95, "3 minutes"),
            ("box.disk_free_bytes", 7e9, "2 minutes"),
            ("box.memory_percent", 50, "20 minutes"),
        ):
            db.execute(
                "INSERT INTO health (at, device_id, metric, value, box_id)"
                " VALUES (now() - %s::interval, 'an-luu-1', %s, %s, 'an-luu-1')",
                (age, metric, value),
            )
    return api


def test_a_box_is_told_with_what_it_said_last_and_what_never_came(reported: RunningApi) -> None:
    with reported.client("tech") as technician:
        (box,) = technician.get(BOXES).raise_for_status().json()["items"]
    assert box["ward"] == {"id": "an-luu", "name": "Phường An Lưu"}
    assert (box["state"], box["version"], box["pending"], box["dropped"], box["missing"]) == (
        "online",
        "0.1.0",
        3,
        0,
        2,
    )
    heard = datetime.fromisoformat(box["heard_at"])
    assert heard > datetime.fromisoformat(box["since"])
    assert (datetime.now(UTC) - heard).total_seconds() < 60


def test_readings_are_the_newest_and_old_ones_are_left_out(reported: RunningApi) -> None:
    with reported.client("tech") as technician:
        (box,) = technician.get(BOXES).json()["items"]
    assert (box["cpu_percent"], box["disk_free_bytes"], box["memory_percent"]) == (40, 7e9, None)


def test_a_box_that_never_spoke_is_listed_as_such(api: RunningApi) -> None:
    with api.client("admin") as admin:
        items = {item["id"]: item for item in admin.get(BOXES).json()["items"]}
    assert set(items) == {"an-luu-1", "phuong-4-1"}
    silent = items["phuong-4-1"]
    assert (silent["state"], silent["heard_at"], silent["pending"], silent["missing"]) == ("unknown", None, None, 0)


def test_boxes_of_other_places_are_not_told(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("lan") as lan:
        assert [box["id"] for box in lan.get(BOXES).json()["items"]] == ["an-luu-1"]
        rights = {"display_name": "Lan", "role": "police", "wards": ["an-luu"], "sites": ["cho-an-luu"]}
        admin.put("/api/v1/users/lan", json=rights).raise_for_status()
        assert [box["id"] for box in lan.get(BOXES).json()["items"]] == ["an-luu-1"]  # it serves a camera there
        admin.put("/api/v1/users/lan", json={**rights, "wards": ["phuong-4"], "sites": []}).raise_for_status()
        assert [box["id"] for box in lan.get(BOXES).json()["items"]] == ["phuong-4-1"]
