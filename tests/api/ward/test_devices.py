from __future__ import annotations

import psycopg
import pytest

from api.ward.devices import DeviceLife, life_of
from tests.api.running import RunningApi

DEVICES = "/api/v1/devices"


def say(api: RunningApi, device: str, life: int, age: str) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO telemetry (at, device_id, metric, value, box_id)"
            " VALUES (now() - %s::interval, %s, 'device.life', %s, 'an-luu-1')",
            (age, device, life),
        )


def test_devices_are_told_with_what_their_box_last_said_of_them(api: RunningApi) -> None:
    say(api, "gw-cho", 2, "5 minutes")
    say(api, "gw-cho", 0, "1 minute")
    say(api, "khoi-cho-1", 2, "20 minutes")
    with api.client("tech") as technician:
        found = {item["id"]: item for item in technician.get(DEVICES).raise_for_status().json()["items"]}
    assert found.keys() == {"gw-cho", "khoi-cho-1"}
    smoke = found["khoi-cho-1"]
    assert (smoke["name"], smoke["kind"], smoke["gateway"], smoke["box"]) == (
        "Đầu báo khói dãy A",
        "smoke",
        "gw-cho",
        "an-luu-1",
    )
    assert smoke["site"] == {"id": "cho-an-luu", "name": "Chợ An Lưu"}
    assert (smoke["life"], found["gw-cho"]["life"]) == ("unknown", "silent"), "an old word counts no more"


@pytest.mark.parametrize(
    ("value", "life"),
    [(None, DeviceLife.UNKNOWN), (0, DeviceLife.SILENT), (1, DeviceLife.UNKNOWN), (2, DeviceLife.ALIVE)],
)
def test_the_sample_of_a_life_is_one_of_three_words(value: float | None, life: DeviceLife) -> None:
    assert life_of(value) is life
