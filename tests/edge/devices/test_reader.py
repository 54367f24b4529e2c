"""A real broker, real messages of four dialects, and the outbox that the centre would read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from contracts.event import Event, EventRecord
from contracts.ids import digest_of
from contracts.media import JPEG
from contracts.telemetry import SampleRecord
from edge.centre.outbox import Kind, Outbox
from edge.config import EdgeSettings
from edge.devices.parts import Devices, devices_of
from edge.events import EventBook
from edge.footage.media import MediaStore
from edge.footage.newest import Newest
from tests.support.mosquitto import Mosquitto

UPLINK = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "deviceInfo": {"devEui": "24e124136b502217"},
    "object": {"water_level": 42},
    "rxInfo": [{"rssi": -70, "snr": 9}],
}
LISTED: list[dict[str, Any]] = [
    {"id": "gw-cho", "kind": "gateway", "dialect": "zigbee2mqtt", "period_s": 1},
    {"id": "khoi-cho-1", "kind": "smoke", "dialect": "zigbee2mqtt", "address": "khói/1", "camera": "cho-1"},
    {"id": "o-cam-20", "kind": "plug", "dialect": "tasmota", "address": "plug20"},
    {"id": "nuoc", "kind": "water", "dialect": "chirpstack", "address": "24e124136b502217"},
    {"id": "khong-khi", "kind": "air", "dialect": "esphome", "address": "esp-cho", "objects": {"bui": "pm25"}},
    {"id": "loa-quay-12", "kind": "soundbox"},
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path_factory.mktemp("broker"))
    started.start()
    yield started
    started.stop()


def file_of(folder: Path, port: int, **devices: object) -> dict[str, Any]:
    """A box's settings."""
    camera = {"id": "cho-1", "site": "cho-an-luu", "url": "rtsp://127.0.0.1:9/x", "masks": []}
    given = {"site": "cho-an-luu", "broker": {"port": port}, "list": LISTED, **devices}
    return {
        "ward": "an-luu",
        "box": f"hop-{digest_of(str(folder).encode())[:8]}",  # the broker keeps a session for each
        "data_dir": str(folder / "box"),
        "mqtt": {"host": "127.0.0.1", "port": 9},
        "cameras": [camera],
        "devices": given,
    }


class Box:
    """The device part of a box, at work in this process."""

    def __init__(self, folder: Path, port: int, **devices: object) -> None:
        settings = EdgeSettings.model_validate(file_of(folder, port, **devices))
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.outbox = Outbox(settings.data_dir / "outbox.db", max_records=10_000)
        self.media = MediaStore(settings.data_dir / "media", max_bytes=50_000_000)
        self.newest = Newest()
        book = EventBook(self.outbox)
        assert settings.devices
        self.devices: Devices = devices_of(
            settings, settings.devices, self.outbox, book, self.media, {"cho-1": self.newest}
        )
        book.close_left_open(datetime.now(UTC), self.devices.goes_on)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.devices.reader.run, args=(self._stop,), daemon=True)
        self._thread.start()
        assert self.devices.reader.connected.wait(10)

    def stop(self) -> None:
        """Also of one that has ended."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join(10)
            assert not self._thread.is_alive()
            self.outbox.close()

    def events(self) -> list[Event]:
        return events_in(self.outbox)

    def samples(self) -> dict[tuple[str, str], float]:
        found = (one for one in self.outbox.waiting(1000) if one.kind is Kind.SAMPLE)
        records = [SampleRecord.model_validate_json(one.body) for one in found]
        return {(one.device, one.metric): one.value for one in records}


def events_in(outbox: Outbox) -> list[Event]:
    found = (one for one in outbox.waiting(1000) if one.kind is Kind.EVENT)
    return [EventRecord.model_validate_json(one.body).event for one in found]


def until(holds: Callable[[], object], within_s: float = 8) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


class MakeBox(Protocol):
    def __call__(self, port: int | None = None, **devices: object) -> Box: ...


@pytest.fixture
def make_box(tmp_path: Path, broker: Mosquitto) -> Iterator[MakeBox]:
    """Makes boxes of one folder, one after the other; they end with the test."""
    made: list[Box] = []

    def make(port: int | None = None, **devices: object) -> Box:
        made.append(Box(tmp_path, port or broker.port, **devices))
        return made[-1]

    yield make
    for box in made:
        box.stop()


@pytest.fixture
def box(make_box: MakeBox) -> Box:
    return make_box()


class Mouth:
    """Speaks as devices do."""

    def __init__(self, port: int) -> None:
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def say(self, topic: str, payload: object, *, retain: bool = False) -> None:
        body = payload if isinstance(payload, str) else json.dumps(payload)
        self._client.publish(topic, body, qos=1, retain=retain).wait_for_publish(5)

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def mouth(broker: Mosquitto) -> Iterator[Mouth]:
    made = Mouth(broker.port)
    yield made
    made.leave()


def test_every_dialect_becomes_samples(box: Box, mouth: Mouth) -> None:
    mouth.say("zigbee2mqtt/khói/1", {"smoke": False, "battery": 91})
    mouth.say("tele/plug20/SENSOR", {"Time": "2026-02-10T22:20:38", "ENERGY": {"Power": 42, "Current": 0.18}})
    mouth.say("application/7/device/24e124136b502217/event/up", UPLINK)
    mouth.say("esp-cho/sensor/bui/state", "31.5")
    mouth.say("phoan/1/an-luu/dev/loa-quay-12/tele", {"m": {"battery_pct": 64}})
    expected = {
        ("khoi-cho-1", "battery_pct"): 91,
        ("khoi-cho-1", "smoke"): 0,
        ("o-cam-20", "power_w"): 42,
        ("o-cam-20", "current_a"): 0.18,
        ("nuoc", "water_cm"): 42,
        ("khong-khi", "pm25"): 31.5,
        ("loa-quay-12", "battery_pct"): 64,
    }
    until(lambda: expected.items() <= box.samples().items())
    until(lambda: box.samples().get(("loa-quay-12", "device.life")) == 2)


def test_smoke_alone_is_in_the_outbox_within_a_second_and_the_camera_brings_its_picture(box: Box, mouth: Mouth) -> None:
    picture = np.full((360, 640, 3), 90, np.uint8)
    box.newest.keep(picture, datetime.now(UTC))
    began = time.monotonic()
    mouth.say("zigbee2mqtt/khói/1", {"smoke": True})
    until(lambda: len(box.events()) == 2)
    assert time.monotonic() - began < 1
    alarm, pictured = box.events()
    assert (alarm.kind, alarm.device, alarm.snapshot) == ("smoke", "khoi-cho-1", None)
    assert pictured.snapshot
    assert pictured.thumbnail
    path = box.media.find(pictured.snapshot)
    assert path is not None
    assert path.read_bytes()[:3] == b"\xff\xd8\xff", JPEG


def test_a_camera_that_shows_nothing_new_delays_no_alarm(box: Box, mouth: Mouth) -> None:
    mouth.say("zigbee2mqtt/khói/1", {"smoke": True})
    until(lambda: box.events())
    time.sleep(0.2)
    (alarm,) = box.events()
    assert alarm.snapshot is None


def test_a_dead_gateway_is_one_event(make_box: MakeBox, mouth: Mouth) -> None:
    sensors = [
        {"id": f"khoi-{n}", "kind": "smoke", "dialect": "zigbee2mqtt", "gateway": "gw-cho", "period_s": 0.4}
        for n in range(20)
    ]
    gateway = {**LISTED[0], "period_s": 1}
    box = make_box(list=[gateway, *sensors])
    for sensor in sensors:
        mouth.say(f"zigbee2mqtt/{sensor['id']}", {"smoke": False})
    until(lambda: box.samples().get(("khoi-19", "device.life")) == 2)
    until(lambda: box.events())
    time.sleep(1.2)
    assert [(event.kind, event.why["children"]) for event in box.events()] == [("gateway_silent", 20)]
    assert {box.samples()[f"khoi-{n}", "device.life"] for n in range(20)} == {1}


def test_what_announces_itself_is_adopted_and_remembered(make_box: MakeBox, mouth: Mouth) -> None:
    topic = "homeassistant/binary_sensor/0x00158d0001/smoke/config"
    announced = {
        "unique_id": "0x00158d0001_smoke", "device_class": "smoke", "state_topic": "anybody/kho",
        "value_template": "{{ value_json.smoke }}", "payload_on": True, "payload_off": False,
        "device": {"identifiers": ["zigbee_0x00158d0001"], "name": "Báo khói kho", "model": "HS1SA"},
    }  # fmt: skip
    mouth.say(topic, announced)
    box = make_box(list=[], adopt={})
    mouth.say(topic, announced)
    until(lambda: box.devices.adopted())
    (adopted,) = box.devices.adopted()
    assert (adopted.name, adopted.kind, adopted.site, adopted.metrics) == (
        "Báo khói kho", "smoke", "cho-an-luu", ("smoke",),
    )  # fmt: skip

    def told() -> bool:
        mouth.say("anybody/kho", {"smoke": True})  # again, until the new topic is subscribed to
        return bool(box.events())

    until(told)
    assert [(event.kind, event.device) for event in box.events()] == [("smoke", adopted.id)]
    box.stop()
    again = make_box(list=[], adopt={})
    assert again.devices.adopted() == (adopted,), "the broker has kept nothing, the box has"
    mouth.say("anybody/kho", {"smoke": False})
    until(lambda: again.samples().get((adopted.id, "smoke")) == 0)
    mouth.say(topic, "")
    until(lambda: not again.devices.adopted())


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """One that a test may kill."""
    started = Mosquitto(tmp_path)
    started.start()
    yield started
    started.stop()


def test_the_box_hears_on_when_its_broker_comes_back(make_box: MakeBox, own_broker: Mosquitto) -> None:
    broker = own_broker
    box = make_box(broker.port)
    broker.kill()
    until(lambda: not box.devices.reader.connected.is_set())
    broker.start()
    until(box.devices.reader.connected.is_set, 20)
    mouth = Mouth(broker.port)
    mouth.say("zigbee2mqtt/khói/1", {"smoke": True})
    until(lambda: box.events())
    mouth.leave()


def test_a_box_that_is_killed_without_a_word_loses_nothing(
    tmp_path: Path, broker: Mosquitto, make_box: MakeBox, mouth: Mouth
) -> None:
    program = (
        "import sys, threading; from pathlib import Path; from tests.edge.devices.test_reader import Box;"
        " Box(Path(sys.argv[1]), int(sys.argv[2])); print('up', flush=True); threading.Event().wait()"
    )

    def killed_after(say: Callable[[], None]) -> None:
        box = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(broker.port)], stdout=subprocess.PIPE, text=True
        )
        assert box.stdout
        assert box.stdout.readline() == "up\n"
        say()
        os.kill(box.pid, signal.SIGKILL)
        box.wait()
        box.stdout.close()

    def smoke_is_told() -> None:
        mouth.say("zigbee2mqtt/khói/1", {"smoke": True})
        time.sleep(0.7)

    killed_after(smoke_is_told)
    mouth.say("zigbee2mqtt/khói/1", {"smoke": True, "gas": True})  # while nobody listens
    after = make_box()
    until(lambda: "gas" in [event.kind for event in after.events()])
    assert [event.kind for event in after.events() if event.phase == "open"] == ["smoke", "gas"]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_both_versions_of_the_protocol_are_spoken(
    make_box: MakeBox, broker: Mosquitto, mouth: Mouth, protocol: str
) -> None:
    box = make_box(broker={"port": broker.port, "protocol": protocol})
    mouth.say("phoan/1/an-luu/dev/loa-quay-12/tele", {"m": {"battery_pct": 12}})
    until(lambda: box.samples().get(("loa-quay-12", "battery_pct")) == 12)
