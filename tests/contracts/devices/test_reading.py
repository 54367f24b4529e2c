from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.devices import reading as readings
from contracts.devices.chirpstack import ChirpStack
from contracts.devices.esphome import EspHome
from contracts.devices.metric import METRICS
from contracts.devices.names import NAMES
from contracts.devices.own import OwnShape
from contracts.devices.reading import Adapter, Heard, PayloadError, Quality, Reading
from contracts.devices.tasmota import Tasmota
from contracts.devices.zigbee2mqtt import Zigbee2Mqtt
from contracts.telemetry import Sample, Series, series_of
from tests.contracts.devices.said import NOW, heard

TOPICS: list[tuple[Adapter, str]] = [
    (Zigbee2Mqtt(), "zigbee2mqtt/day-a/bao-khoi"),
    (Zigbee2Mqtt(), "zigbee2mqtt/bridge/state"),
    (Zigbee2Mqtt(), "zigbee2mqtt/bao-khoi/availability"),
    (Tasmota(), "tele/o-cam-3/SENSOR"),
    (Tasmota(), "tele/o-cam-3/STATE"),
    (Tasmota(), "tele/o-cam-3/LWT"),
    (EspHome(("tu-dien",)), "tu-dien/sensor/temperature/state"),
    (EspHome(("tu-dien",)), "tu-dien/status"),
    (ChirpStack(), "application/1/device/70b3d57ed0000001/event/up"),
    (ChirpStack(), "application/1/device/70b3d57ed0000001/event/status"),
    (OwnShape("an-luu"), "phoan/1/an-luu/dev/nhiet-ke/tele"),
    (OwnShape("an-luu"), "phoan/1/an-luu/dev/nhiet-ke/state"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["m", "ts", "s", "state", "object", "rxInfo", "ENERGY", "Time", "voltage", "battery", "smoke"]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(("adapter", "topic"), TOPICS)
@settings(max_examples=40, deadline=None)
@given(content=JSON | st.binary(max_size=60) | st.text(max_size=30))
def test_no_payload_breaks_a_dialect(adapter: Adapter, topic: str, content: object) -> None:
    with suppress(PayloadError):
        for one in adapter.read(heard(topic, content)):
            if isinstance(one, Reading):
                Sample(at=one.at, device="x", metric=one.metric, value=one.value)


@pytest.mark.parametrize(("adapter", "topic"), TOPICS)
def test_a_payload_without_bounds_is_refused_unread(adapter: Adapter, topic: str) -> None:
    with pytest.raises(PayloadError, match="too_long"):
        adapter.read(heard(topic, b"1" * 16_385))


@pytest.mark.parametrize(("adapter", "topic"), TOPICS)
def test_each_topic_is_in_what_its_dialect_subscribes_to(adapter: Adapter, topic: str) -> None:
    assert any(_covers(one, topic) for one in adapter.filters)


def _covers(pattern: str, topic: str) -> bool:
    wanted, given_ = pattern.split("/"), topic.split("/")
    for index, word in enumerate(wanted):
        if word == "#":
            return True
        if index >= len(given_) or word not in ("+", given_[index]):
            return False
    return len(wanted) == len(given_)


def test_every_metric_goes_over_the_wire_as_telemetry() -> None:
    for metric in METRICS:
        assert series_of(metric) is Series.TELEMETRY
        Sample(at=NOW, device="x", metric=metric, value=1)
    assert {meaning.metric for meaning in NAMES.values()} <= set(METRICS)


@pytest.mark.parametrize(
    ("own", "retained", "quality", "at"),
    [
        (None, False, Quality.GOOD, NOW),
        (None, True, Quality.OLD, NOW),
        (NOW - timedelta(minutes=5), False, Quality.GOOD, NOW - timedelta(minutes=5)),
        (NOW - timedelta(minutes=5), True, Quality.GOOD, NOW - timedelta(minutes=5)),
        (NOW + timedelta(minutes=3), False, Quality.CLOCK, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), False, Quality.CLOCK, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), True, Quality.OLD, NOW),
    ],
)
def test_a_device_s_time_counts_when_it_can_be_right(
    own: datetime | None, retained: bool, quality: Quality, at: datetime
) -> None:
    read = readings.reading("x", "temperature", 20, Heard("t", b"", NOW, retained), own)
    assert (read.quality, read.at, read.unit) == (quality, at, "°C")


def test_a_value_that_no_sensor_can_measure_is_kept_and_marked() -> None:
    assert readings.reading("x", "temperature", 850, heard("t", "")).quality is Quality.SUSPECT


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (True, 1), (False, 0), ("ON", 1), (" off ", 0), ("27.4", 27.4), (5, 5), ("nan", None), (float("inf"), None),
        ("", None), (None, None), ([], None), (10**400, None), ("1e400", None), ("đóng", None),
    ],
)  # fmt: skip
def test_values_become_numbers(raw: object, value: float | None) -> None:
    assert readings.number(raw) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-22T03:00:00Z", NOW),
        ("2026-11-22T10:00:00+07:00", NOW),
        ("2026-11-22T03:00:00.000000999Z", NOW),
        (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW),
        ("2026-11-22T03:00:00", None),
        ("yesterday", None),
        (1e300, None),
        (True, None),
    ],
)
def test_times_are_read_only_with_their_zone(raw: object, expected: datetime | None) -> None:
    assert readings.moment(raw) == expected
