"""Payloads as the dialects' own documentation shows them, and their traps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.devices import chirpstack
from contracts.devices.chirpstack import ChirpStack
from contracts.devices.esphome import EspHome
from contracts.devices.own import OwnShape
from contracts.devices.reading import Adapter, LifeSign, PayloadError, Quality, Reading, Sign, Unread
from contracts.devices.tasmota import Tasmota
from contracts.devices.zigbee2mqtt import Zigbee2Mqtt
from tests.contracts.devices.said import NOW, heard, values

Z2M, TASMOTA, LORA, OWN = Zigbee2Mqtt(), Tasmota(), ChirpStack(), OwnShape("an-luu")
ESP = EspHome(("tu-dien-a",), {"dong_dien_day_a": "current_a"})
EUI = "70B3D57ED0000001"
UP = f"application/1/device/{EUI}/event/up"


@pytest.mark.parametrize(
    ("adapter", "topic", "payload", "expected"),
    [
        (Z2M, "zigbee2mqtt/bao-khoi", {"smoke": True, "battery": 78.4, "battery_low": False, "linkquality": 55},
         {"smoke": 1, "battery_pct": 78.4, "battery_low": 0, "link.quality": 55}),
        (Z2M, "zigbee2mqtt/cua-tu", {"contact": False}, {"contact_open": 1}),
        (Z2M, "zigbee2mqtt/cua-tu", {"contact": True}, {"contact_open": 0}),
        (Z2M, "zigbee2mqtt/day-a/quay 12", {"occupancy": True, "illuminance": None}, {"motion": 1}),
        (Z2M, "zigbee2mqtt/cua-tu", {"voltage": 2985, "battery": 90}, {"battery_v": 2.985, "battery_pct": 90}),
        (Z2M, "zigbee2mqtt/o-cam", {"voltage": 231, "power": 42, "current": 0.18, "state": "ON"},
         {"voltage_v": 231, "power_w": 42, "current_a": 0.18, "switch_on": 1}),
        (Z2M, "zigbee2mqtt/o-cam/set", {"state": "ON"}, {}),
        (Z2M, "zigbee2mqtt/bridge/devices", [{"ieee_address": "0x1"}], {}),
        (TASMOTA, "tele/o-cam-3/SENSOR",
         {"Time": "2026-11-22T09:59:38", "ENERGY": {"Total": 3.1, "Today": 0.2, "Power": 42, "Voltage": 231,
          "Current": 0.18, "Factor": 0.97}},
         {"energy_kwh": 3.1, "power_w": 42, "voltage_v": 231, "current_a": 0.18, "power_factor": 0.97}),
        (TASMOTA, "tele/ba-pha/SENSOR", {"ENERGY": {"Power": [10, 20, 30], "Voltage": [230, 231, 229]}},
         {"power_w": 60, "voltage_v": 230}),
        (TASMOTA, "tele/kho-lanh/SENSOR", {"AM2301": {"Temperature": 41, "Humidity": 80}, "TempUnit": "F"},
         {"temperature": 5, "humidity": 80}),
        (TASMOTA, "tele/o-cam-3/STATE", {"POWER": "ON", "Uptime": "0T00:10:00", "Wifi": {"RSSI": 80, "Signal": -60}},
         {"switch_on": 1, "link.rssi": -60}),
        (Tasmota("%topic%/%prefix%/"), "o-cam-3/tele/SENSOR", {"ENERGY": {"Power": 7}}, {"power_w": 7}),
        (TASMOTA, "stat/o-cam-3/RESULT", {"POWER": "ON"}, {}),
        (ESP, "tu-dien-a/sensor/cabinet_temperature/state", "27.4", {"temperature": 27.4}),
        (ESP, "tu-dien-a/sensor/dong_dien_day_a/state", "3.2", {"current_a": 3.2}),
        (ESP, "tu-dien-a/binary_sensor/cabinet_door/state", "ON", {"contact_open": 1}),
        (ESP, "tu-dien-a/switch/quat/state", "OFF", {"switch_on": 0}),
        (ESP, "tu-dien-a/sensor/cabinet_temperature/state", "nan", {}),
        (ESP, "tu-dien-a/debug", "[D][sensor:094]", {}),
        (ESP, "another/sensor/temperature/state", "27.4", {}),
        (LORA, UP, {"deduplicationId": "a", "time": "2026-11-22T02:59:00.123456789+00:00", "object": {
            "waterLevel": 42, "battery": {"battery_level": 88}},
            "rxInfo": [{"rssi": -110, "snr": -3}, {"rssi": -36, "snr": 10.5}]},
         {"water_cm": 42, "battery_pct": 88, "link.rssi": -36, "link.snr": 10.5}),
        (LORA, UP.replace("/up", "/status"), {"margin": 10, "batteryLevel": 88.3}, {"battery_pct": 88.3}),
        (LORA, UP.replace("/up", "/status"), {"batteryLevel": 255}, {}),
        (LORA, UP.replace("/up", "/status"), {"batteryLevel": 100, "externalPowerSource": True}, {}),
        (LORA, UP.replace("/up", "/ack"), {"acknowledged": True}, {}),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/tele",
         {"ts": "2026-11-22T02:59:59Z", "m": {"temperature": 31.2, "power_w": 42}},
         {"temperature": 31.2, "power_w": 42}),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/cmd", {"m": {"temperature": 31.2}}, {}),
    ],
)  # fmt: skip
def test_payloads_become_readings(adapter: Adapter, topic: str, payload: object, expected: dict[str, float]) -> None:
    assert values(adapter.read(heard(topic, payload))) == expected


@pytest.mark.parametrize(
    ("adapter", "topic", "payload", "expected"),
    [
        (Z2M, "zigbee2mqtt/bao-khoi/availability", "online", LifeSign("bao-khoi", Sign.ONLINE)),
        (Z2M, "zigbee2mqtt/a/b/availability", {"state": "offline"}, LifeSign("a/b", Sign.OFFLINE)),
        (Z2M, "zigbee2mqtt/bridge/state", {"state": "offline"}, LifeSign("bridge", Sign.OFFLINE, gateway=True)),
        (Z2M, "zigbee2mqtt/bridge/state", "online", LifeSign("bridge", Sign.ONLINE, gateway=True)),
        (TASMOTA, "tele/o-cam-3/LWT", "Offline", LifeSign("o-cam-3", Sign.OFFLINE)),
        (ESP, "tu-dien-a/status", "online", LifeSign("tu-dien-a", Sign.ONLINE)),
        (LORA, UP.replace("/up", "/join"), {"devAddr": "00189440"}, LifeSign(EUI.lower(), Sign.ONLINE)),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/state", {"s": "sleeping"}, LifeSign("nhiet-ke", Sign.SLEEPING)),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/state", {"s": "lost"}, LifeSign("nhiet-ke", Sign.OFFLINE)),
    ],
)
def test_births_and_wills_become_signs_of_life(
    adapter: Adapter, topic: str, payload: object, expected: LifeSign
) -> None:
    assert adapter.read(heard(topic, payload)) == (expected,)


@pytest.mark.parametrize(
    ("adapter", "topic", "payload", "code"),
    [
        (Z2M, "zigbee2mqtt/bao-khoi", "online", "not_json"),
        (Z2M, "zigbee2mqtt/bao-khoi", [1], "not_an_object"),
        (Z2M, "zigbee2mqtt/bao-khoi", b"\xff", "not_text"),
        (Z2M, "zigbee2mqtt/bao-khoi/availability", "maybe", "not_a_sign"),
        (Z2M, "zigbee2mqtt/bao-khoi", "[" * 9000, "not_json"),
        (TASMOTA, "tele/o-cam-3/LWT", "", "not_a_sign"),
        (LORA, UP, {"data": "qg==", "fPort": 1}, "no_codec"),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/tele", {"temperature": 3}, "no_metrics"),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/tele", {"ts": "2026-11-22T03:00:00", "m": {}}, "not_a_time"),
        (OWN, "phoan/1/an-luu/dev/nhiet-ke/state", {"s": "fine"}, "not_a_sign"),
    ],
)
def test_broken_payloads_are_refused_with_their_reason(
    adapter: Adapter, topic: str, payload: object, code: str
) -> None:
    with pytest.raises(PayloadError) as caught:
        adapter.read(heard(topic, payload))
    assert caught.value.code == code


def test_a_quantity_without_a_name_here_is_told_and_the_rest_is_read() -> None:
    said = Z2M.read(heard("zigbee2mqtt/x", {"smoke": False, "alarm_volume": "high"}))
    assert values(said) == {"smoke": 0}
    assert Unread("x", "alarm_volume") in said


def test_tasmota_times_are_those_of_the_ward() -> None:
    (read,) = TASMOTA.read(heard("tele/x/SENSOR", {"Time": "2026-11-22T09:58:00", "ENERGY": {"Power": 1}}))
    assert isinstance(read, Reading)
    assert (read.at, read.quality) == (NOW - timedelta(minutes=2), Quality.GOOD)


def test_a_tasmota_that_has_found_no_clock_counts_from_its_receipt() -> None:
    (read,) = TASMOTA.read(heard("tele/x/SENSOR", {"Time": "1970-01-01T00:00:12", "ENERGY": {"Power": 1}}))
    assert isinstance(read, Reading)
    assert (read.at, read.quality) == (NOW, Quality.CLOCK)


def test_what_the_broker_had_kept_is_old() -> None:
    (read,) = Z2M.read(heard("zigbee2mqtt/x", {"smoke": True}, retained=True))
    assert isinstance(read, Reading)
    assert read.quality is Quality.OLD


def test_a_zigbee_message_kept_with_its_time_is_as_old_as_it_says() -> None:
    (read,) = Z2M.read(heard("zigbee2mqtt/x", {"smoke": True, "last_seen": "2026-11-22T02:30:00Z"}, retained=True))
    assert isinstance(read, Reading)
    assert (read.at, read.quality) == (datetime(2026, 11, 22, 2, 30, tzinfo=UTC), Quality.GOOD)


def test_one_uplink_over_two_gateways_has_one_key() -> None:
    first, again = (heard(UP, {"deduplicationId": "3a", "rxInfo": [{"rssi": rssi}]}) for rssi in (-90, -60))
    assert chirpstack.repeat_key(first) == chirpstack.repeat_key(again) == "3a"
    assert chirpstack.repeat_key(heard(UP, "{")) is None


@pytest.mark.parametrize("adapter", [Zigbee2Mqtt(), Tasmota(), OwnShape("an-luu"), ChirpStack(), EspHome(("esp",))])
@pytest.mark.parametrize("topic", ["nobody/state", "a/b/c/state", "state", "x/tele", "tele/SENSOR", "zigbee2mqttx/a"])
def test_nobody_reads_what_others_say(adapter: Adapter, topic: str) -> None:
    assert adapter.read(heard(topic, "31.5")) == ()
