from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.devices.reading import PayloadError, Reading
from edge.devices.adoption import Adoption, id_of, kind_of
from edge.devices.settings import AdoptionSettings
from tests.contracts.devices.said import heard

TOPIC = "homeassistant/binary_sensor/0x01/smoke/config"


def announced(device: str = "zigbee_0x01", **changes: object) -> dict[str, Any]:
    named = {"identifiers": [device], "name": "Báo khói kho", "manufacturer": "HEIMAN", "model": "HS1SA"}
    return {"device_class": "smoke", "state_topic": f"z/{device}", "value_template": "{{ value_json.smoke }}",
            "payload_on": True, "payload_off": False, "device": named, **changes}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "devices.json"


def adoption(file: Path, taken: tuple[str, ...] = (), **settings: object) -> Adoption:
    return Adoption(AdoptionSettings.model_validate(settings), "cho-an-luu", file, lambda topic: topic in taken)


def test_a_device_is_what_it_measures_and_keeps_its_name(file: Path) -> None:
    adopts = adoption(file)
    assert adopts.hear(heard(TOPIC, announced()))
    assert adopts.hear(heard(
        "homeassistant/sensor/0x01/temperature/config",
        announced(device_class="temperature", unit_of_measurement="°C", value_template="{{ value_json.temperature }}"),
    ))  # fmt: skip
    assert not adopts.hear(heard(TOPIC, announced())), "the same again is nothing new"
    (device,) = adopts.devices()
    assert (device.name, device.model, device.kind) == ("Báo khói kho", "HEIMAN HS1SA", "smoke")
    assert device.metrics == ("smoke", "temperature")
    assert adopts.filters[2:] == ("z/zigbee_0x01",)
    readings = adopts.read(heard("z/zigbee_0x01", {"smoke": True, "temperature": 31}))
    said = {(one.metric, one.value) for one in readings if isinstance(one, Reading)}
    assert said == {("smoke", 1), ("temperature", 31)}
    assert adopts.settings() == (("zigbee_0x01", adopts._listed(device.id, "smoke")),)


def test_what_was_adopted_is_so_after_a_restart(file: Path) -> None:
    before = adoption(file)
    before.hear(heard(TOPIC, announced()))
    assert adoption(file).devices() == before.devices()
    before.hear(heard(TOPIC, b""))
    assert adoption(file).devices() == ()


@pytest.mark.parametrize("damaged", ["", "[]", "{", '{"a": 1}', "\x00", '{"homeassistant/sensor/a/b/config": "{"}'])
def test_a_damaged_file_costs_what_is_announced_anew(file: Path, damaged: str) -> None:
    file.write_text(damaged)
    adopts = adoption(file)
    assert adopts.devices() == ()
    assert adopts.hear(heard(TOPIC, announced()))


def test_what_is_listed_already_or_cannot_be_read_is_left_out(file: Path) -> None:
    adopts = adoption(file, taken=("z/zigbee_0x01",))
    assert not adopts.hear(heard(TOPIC, announced()))
    assert not adopts.hear(heard(TOPIC, announced("b", value_template="{{ states('x') }}")))
    assert not adopts.hear(heard("homeassistant/light/a/b/config", announced("c")))
    with pytest.raises(PayloadError):
        adopts.hear(heard(TOPIC, "{"))
    assert adopts.devices() == ()


def test_no_more_are_taken_in_than_the_settings_allow(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    adopts = adoption(file, most=3)
    for number in range(9):
        adopts.hear(heard(f"homeassistant/binary_sensor/{number}/smoke/config", announced(f"d{number}")))
    assert len(adopts.devices()) == 3
    assert len(caplog.records) == 1
    for number in range(90):
        adopts.hear(heard(f"homeassistant/binary_sensor/{number}/more/config", announced("d0")))
    assert len(json.loads(file.read_text())) <= 3 * 12


@pytest.mark.parametrize(
    ("metrics", "kind"),
    [
        (("smoke", "temperature"), "smoke"),
        (("battery_pct", "contact_open"), "door"),
        (("current_a", "power_w", "switch_on"), "plug"),
        (("current_a", "energy_kwh"), "meter"),
        (("humidity", "temperature"), "heat"),
        (("motion",), "sensor"),
    ],
)
def test_a_kind_is_told_by_what_is_measured(metrics: tuple[str, ...], kind: str) -> None:
    assert kind_of(metrics) == kind


def test_ids_stay_and_differ() -> None:
    assert id_of("zigbee_0x00158D0001") == "zigbee-0x00158d0001-" + id_of("zigbee_0x00158D0001")[-6:]
    assert id_of("Ổ cắm") != id_of("ổ cắm")
    assert len({id_of(f"{'x' * 60}{number}") for number in range(50)}) == 50
    assert all(len(id_of(name)) <= 40 for name in ("x" * 200, "ổ", "a"))
