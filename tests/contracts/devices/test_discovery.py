from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.devices import discovery
from contracts.devices.discovery import Entity, Gone
from contracts.devices.reading import PayloadError
from tests.contracts.devices.said import heard, values

SMOKE = {
    "device": {"identifiers": ["zigbee2mqtt_0x00158d0001"], "name": "Báo khói dãy A",
               "manufacturer": "HEIMAN", "model": "HS1SA"},
    "device_class": "smoke", "payload_on": True, "payload_off": False, "state_topic": "zigbee2mqtt/bao-khoi-a",
    "unique_id": "0x00158d0001_smoke", "value_template": "{{ value_json.smoke }}",
}  # fmt: skip
DOOR = {
    **SMOKE,
    "device_class": "door",
    "payload_on": False,
    "payload_off": True,
    "value_template": "{{ value_json['contact'] }}",
}
SHORT = {
    "~": "tasmota_3/tele/", "stat_t": "~SENSOR", "dev_cla": "power", "unit_of_meas": "kW", "uniq_id": "x",
    "val_tpl": "{{ value_json['ENERGY']['Power'] | float | round(1) }}",
    "dev": {"ids": "A1B2", "mdl": "Sonoff", "mf": "iTead"},
}  # fmt: skip


def announced(fields: object, topic: str = "homeassistant/sensor/node/power/config") -> Entity:
    entity = discovery.read(heard(topic, fields))
    assert isinstance(entity, Entity)
    return entity


def test_an_announced_detector_is_read_from_its_own_topic() -> None:
    entity = announced(SMOKE, "homeassistant/binary_sensor/0x00158d0001/smoke/config")
    assert (entity.device, entity.device_name, entity.model) == (
        "zigbee2mqtt_0x00158d0001",
        "Báo khói dãy A",
        "HEIMAN HS1SA",
    )
    assert entity.key == "binary_sensor/0x00158d0001/smoke"
    assert values(entity.read(heard(entity.topic, {"smoke": True}))) == {"smoke": 1}
    assert values(entity.read(heard(entity.topic, {"smoke": False, "battery": 3}))) == {"smoke": 0}
    assert entity.read(heard(entity.topic, {"battery": 3})) == ()


def test_on_and_off_are_what_the_device_says_they_are() -> None:
    entity = announced(DOOR, "homeassistant/binary_sensor/x/contact/config")
    assert values(entity.read(heard(entity.topic, {"contact": False}))) == {"contact_open": 1}
    assert values(entity.read(heard(entity.topic, {"contact": True}))) == {"contact_open": 0}


def test_abbreviations_and_units_are_understood() -> None:
    entity = announced(SHORT)
    assert (entity.topic, entity.device, entity.model) == ("tasmota_3/tele/SENSOR", "A1B2", "iTead Sonoff")
    assert values(entity.read(heard(entity.topic, {"ENERGY": {"Power": 1.5}}))) == {"power_w": 1500}


def test_a_plain_payload_needs_no_template() -> None:
    plain = announced({"stat_t": "a/b", "dev_cla": "temperature", "unit_of_meas": "°F"})
    assert values(plain.read(heard("a/b", "212"))) == {"temperature": 100}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"val_tpl": "{{ value_json.a if value_json.b else 0 }}"}, "template"),
        ({"val_tpl": "{{ ''.__class__.__mro__ }}"}, "template"),
        ({"val_tpl": "{% for x in range(10**9) %}{% endfor %}"}, "template"),
        ({"val_tpl": "{{ value_json }}"}, "template"),
        ({"val_tpl": 5}, "template"),
        ({"dev_cla": None}, "no_class"),
        ({"dev_cla": "aqi"}, "no_class"),
        ({"unit_of_meas": "hp"}, "unit"),
    ],
)
def test_what_is_not_understood_is_told_and_never_run(changes: dict[str, object], why: str) -> None:
    entity = announced({**SHORT, **changes})
    assert (entity.meaning, entity.why_not) == (None, why)
    assert entity.read(heard(entity.topic, {"ENERGY": {"Power": 1}})) == ()


def test_an_empty_message_takes_an_entity_back() -> None:
    assert discovery.read(heard("homeassistant/sensor/node/power/config", b"")) == Gone("sensor/node/power")


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/status",
        "homeassistant/light/x/config",
        "other/sensor/x/config",
        "homeassistant/sensor/a/b/c/config",
    ],
)
def test_what_announces_no_sensor_is_nothing(topic: str) -> None:
    assert discovery.read(heard(topic, SHORT)) is None


@pytest.mark.parametrize("topic", ["", None, "a/#", "+/b", 5])
def test_an_entity_must_have_a_topic_of_its_own(topic: object) -> None:
    with pytest.raises(PayloadError, match="no_state_topic"):
        announced({**SHORT, "~": None, "stat_t": topic})


@given(st.text(max_size=60) | st.from_regex(discovery._TEMPLATE, fullmatch=True), st.binary(max_size=40))
def test_no_template_and_no_payload_breaks_anything(template: str, payload: bytes) -> None:
    entity = announced({**SHORT, "val_tpl": template})
    with suppress(PayloadError):
        assert len(entity.read(heard(entity.topic, payload))) <= 1
