"""Readings in, samples and events out: real adapters, a real outbox, and a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.devices.reading import Heard
from contracts.event import Event, EventRecord, Phase, Severity
from contracts.telemetry import Sample
from edge.centre.outbox import Kind, Outbox
from edge.devices.monitor import Monitor
from edge.devices.settings import DevicesSettings
from edge.events import EventBook, Moment
from edge.rules.calendar import Calendar

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam
ZONE = "Asia/Ho_Chi_Minh"
LISTED: list[dict[str, Any]] = [
    {"id": "gw-cho", "kind": "gateway", "dialect": "zigbee2mqtt", "period_s": 300},
    {"id": "khoi-cho-1", "kind": "smoke", "dialect": "zigbee2mqtt", "address": "khoi/1", "gateway": "gw-cho"},
    {"id": "cua-cho", "kind": "door", "dialect": "zigbee2mqtt", "address": "cua", "gateway": "gw-cho"},
    {"id": "o-cam-20", "kind": "plug", "dialect": "tasmota", "address": "plug20", "period_s": 60},
    {"id": "ups-cho", "kind": "ups", "period_s": 60},
]
OPENING = [{"from": "05:00", "to": "19:00"}]


class World:
    """A monitor and its outbox at a moment."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.folder = folder
        self.now = START
        self.pictures: list[tuple[str, Severity]] = []
        self.settings = DevicesSettings.model_validate(
            {"site": "cho-an-luu", "list": LISTED, "opening": OPENING, **changes}
        )
        self._sent = 0
        self.start()

    def start(self) -> None:
        """Begin again, as after a power cut."""
        self.outbox = Outbox(self.folder / "outbox.db", max_records=10_000)
        self.book = EventBook(self.outbox)
        adapters = self.settings.adapters("an-luu", ZONE)
        self.monitor = Monitor(self.settings, adapters, ZONE, Calendar(), self.book, self._look, self.now)
        self.closed = self.book.close_left_open(self.now, self.monitor.goes_on)

    def restart(self, pause_s: float = 30) -> None:
        self.outbox.close()
        self.now += timedelta(seconds=pause_s)
        self.start()

    def _look(self, camera: str, _at: datetime, severity: Severity) -> Moment | None:
        self.pictures.append((camera, severity))
        return Moment(self.now, self.now, "ab" * 32, "cd" * 32)

    def hear(self, topic: str, payload: object, *, retained: bool = False) -> None:
        body = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
        self.monitor.hear(Heard(topic, body, self.now, retained))

    def wait(self, seconds: int, step: int = 1) -> None:
        """Time passes; the monitor looks every `step` seconds."""
        for _ in range(0, seconds, step):
            self.now += timedelta(seconds=step)
            self.monitor.tick(self.now)

    def events(self) -> list[Event]:
        """Every revision in the outbox, in order."""
        stored = (one for one in self.outbox.waiting(1000) if one.kind is Kind.EVENT)
        return [EventRecord.model_validate_json(one.body).event for one in stored]

    def told(self) -> list[tuple[str, str | None, str]]:
        return [(event.kind, event.device, event.phase.value) for event in self.events()]

    def samples(self, device: str) -> list[Sample]:
        found = [one for one in self.monitor.take_samples() if one.device == device]
        return [one for one in found if one.metric != "device.life"]

    def lives(self) -> dict[str, float]:
        """What was said last of each device's life."""
        return {one.device: one.value for one in self.monitor.take_samples() if one.metric == "device.life"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.outbox.close()


def ago(now: datetime, seconds: float) -> str:
    return (now - timedelta(seconds=seconds)).isoformat()


def test_smoke_is_an_event_in_the_very_message_that_tells_of_it(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"smoke": False, "battery": 90})
    assert world.told() == []
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True, "battery": 90})
    (event,) = world.events()
    assert (event.kind, event.device, event.camera, event.site) == ("smoke", "khoi-cho-1", None, "cho-an-luu")
    assert (event.severity, event.rule, event.opened_at) == (Severity.CRITICAL, "smoke", world.now)
    assert event.why == {"metric": "smoke", "value": 1, "bound": 1}
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True, "battery": 90})
    assert len(world.events()) == 1


def test_an_alarm_ends_when_its_sensor_has_been_calm_though_it_says_so_once_only(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True})
    world.wait(20)
    world.hear("zigbee2mqtt/khoi/1", {"smoke": False})
    world.wait(29)
    assert [phase for _, _, phase in world.told()] == ["open"]
    world.wait(2)
    assert [phase for _, _, phase in world.told()] == ["open", "close"]
    assert world.events()[-1].close_reason == "cleared"


def test_what_the_broker_kept_or_nobody_can_believe_raises_nothing(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True}, retained=True)
    world.hear("zigbee2mqtt/khoi/1", {"temperature": 900})
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True, "last_seen": ago(world.now, 3600)})
    world.wait(30)
    assert world.told() == []
    assert world.monitor.counts["suspect"] == 1
    assert [one.metric for one in world.samples("khoi-cho-1")] == ["smoke"], "the late one is history all the same"


def test_heat_must_last_and_worse_is_told_with_what_is_worst(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"temperature": 63})
    world.wait(9)
    assert world.told() == []
    world.wait(2)
    assert world.told() == [("heat", "khoi-cho-1", "open")]
    world.hear("zigbee2mqtt/khoi/1", {"temperature": 80})
    assert [event.why["value"] for event in world.events()] == [63, 80]


def test_a_load_is_told_after_hours_only(tmp_path: Path) -> None:
    world = World(tmp_path)
    running = {"Time": "1970-01-01T00:00:00", "ENERGY": {"Current": 2.4, "Power": 540}}
    for _ in range(12):
        world.hear("tele/plug20/SENSOR", running)
        world.wait(60, 10)
    assert ("after_hours_load", "o-cam-20", "open") not in world.told()
    world.now = START.replace(hour=12, minute=1)  # 19:01
    for _ in range(6):
        world.hear("tele/plug20/SENSOR", running)
        world.wait(60, 10)
    event = next(event for event in world.events() if event.kind == "after_hours_load")
    assert (event.why["metric"], event.why["value"], event.why["bound"]) == ("current_a", 2.4, 0.5)
    world.outbox.close()


def test_a_door_that_is_open_when_the_market_closes_is_told_then(world: World) -> None:
    world.now = START.replace(hour=11, minute=58)  # 18:58
    world.hear("zigbee2mqtt/cua", {"contact": False})
    world.wait(60)
    assert ("door_opened", "cua-cho", "open") not in world.told()
    world.wait(62)
    assert ("door_opened", "cua-cho", "open") in world.told()


def test_mains_that_come_back_end_the_alarm(world: World) -> None:
    world.hear("phoan/1/an-luu/dev/ups-cho/tele", {"m": {"power.mains": 0, "ups_pct": 97}})
    world.wait(6)
    world.hear("phoan/1/an-luu/dev/ups-cho/tele", {"m": {"power.mains": 1}})
    world.wait(16)
    assert world.told() == [("mains_lost", "ups-cho", "open"), ("mains_lost", "ups-cho", "close")]


def test_a_dead_gateway_is_one_event_and_its_devices_are_unknown(tmp_path: Path) -> None:
    sensors = [
        {"id": f"khoi-{n}", "kind": "smoke", "dialect": "zigbee2mqtt", "gateway": "gw-cho", "period_s": 60}
        for n in range(40)
    ]
    world = World(tmp_path, list=[LISTED[0], *sensors])
    for _ in range(5):
        for sensor in sensors:
            world.hear(f"zigbee2mqtt/{sensor['id']}", {"smoke": False})
        world.wait(30)
    world.monitor.take_samples()
    world.wait(2000, 5)
    assert world.told() == [("gateway_silent", "gw-cho", "open")]
    (event,) = world.events()
    assert (event.why["children"], event.why["period_s"]) == (40, 300)
    lives = world.lives()
    assert lives.pop("gw-cho") == 0
    assert set(lives.values()) == {1}
    world.hear("zigbee2mqtt/khoi-7", {"smoke": False})
    world.wait(5)
    assert world.told()[-1] == ("gateway_silent", "gw-cho", "close")
    lives = world.lives()
    assert (lives["gw-cho"], lives["khoi-7"], lives.get("khoi-8", 1)) == (2, 2, 1)
    for _ in range(10):
        for sensor in sensors[:20]:
            world.hear(f"zigbee2mqtt/{sensor['id']}", {"smoke": False})
        world.wait(30)
    silent = {device for kind, device, _ in world.told() if kind == "device_silent"}
    assert silent == {f"khoi-{n}" for n in range(20, 40)}, (
        "who does not come back with the gateway is missed in its time"
    )
    world.outbox.close()


def test_while_the_broker_is_away_nothing_is_known_and_nobody_is_missed(world: World) -> None:
    for sensor in ("khoi/1", "cua"):
        world.hear(f"zigbee2mqtt/{sensor}", {"battery": 80})
    world.hear("tele/plug20/STATE", {"POWER": "ON"})
    world.wait(5)
    for _ in range(60):
        world.now += timedelta(seconds=60)
        world.monitor.tick(world.now, listening=False)
    assert world.told() == []
    assert set(world.lives().values()) == {1}
    world.wait(100, 5)
    assert world.told() == []
    world.wait(200, 5)
    assert ("device_silent", "o-cam-20", "open") in world.told()


def test_a_will_of_the_gateway_is_told_at_once(world: World) -> None:
    world.hear("zigbee2mqtt/bridge/state", {"state": "online"})
    world.hear("zigbee2mqtt/khoi/1", {"smoke": False})
    world.wait(2)
    world.hear("zigbee2mqtt/bridge/state", {"state": "offline"})
    world.wait(2)
    assert world.told() == [("gateway_silent", "gw-cho", "open")]


def test_one_silent_device_is_told_with_how_long(world: World) -> None:
    for _ in range(3):
        world.hear("tele/plug20/STATE", {"POWER": "ON"})
        world.wait(60, 5)
    world.wait(130, 5)
    assert [one for one in world.told() if one[1] == "o-cam-20"] == [("device_silent", "o-cam-20", "open")]
    event = next(event for event in world.events() if event.device == "o-cam-20")
    assert event.why["period_s"] == 60
    assert 180 <= float(event.why["silent_s"]) <= 190
    world.hear("tele/plug20/STATE", {"POWER": "ON"})
    world.wait(2)
    assert world.told()[-1] == ("device_silent", "o-cam-20", "close")


def test_an_open_alarm_survives_the_box_and_is_not_opened_twice(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True})
    world.wait(400, 5)
    world.restart()
    assert world.closed == 0
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True})
    assert sum(1 for one in world.told() if one == ("smoke", "khoi-cho-1", "open")) == 1
    world.hear("zigbee2mqtt/khoi/1", {"smoke": False})
    world.wait(31)
    last = [event for event in world.events() if event.device == "khoi-cho-1"][-1]
    assert (last.phase, last.close_reason) == (Phase.CLOSE, "cleared")


def test_a_silence_that_was_told_before_a_restart_ends_after_it(world: World) -> None:
    world.wait(400, 5)
    assert ("device_silent", "ups-cho", "open") in world.told()
    world.restart()
    world.hear("phoan/1/an-luu/dev/ups-cho/tele", {"m": {"power.mains": 1}})
    world.wait(2)
    assert world.told().count(("device_silent", "ups-cho", "open")) == 1
    assert world.told()[-1] == ("device_silent", "ups-cho", "close")


def test_an_event_of_a_device_that_is_listed_no_more_is_closed(world: World) -> None:
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True})
    world.settings = DevicesSettings.model_validate({"site": "cho-an-luu", "list": [LISTED[4]]})
    world.restart()
    assert world.closed == 1
    assert world.events()[-1].close_reason == "restarted"


def test_a_camera_that_looks_brings_its_picture_after_the_alarm(tmp_path: Path) -> None:
    world = World(tmp_path, list=[{**LISTED[1], "gateway": None, "camera": "cho-1"}])
    world.hear("zigbee2mqtt/khoi/1", {"smoke": True})
    first, second = world.events()
    assert (first.revision, first.snapshot, first.why["camera"]) == (0, None, "cho-1")
    assert (second.revision, second.snapshot, second.thumbnail) == (1, "ab" * 32, "cd" * 32)
    assert world.pictures == [("cho-1", Severity.CRITICAL)]
    assert {upload.digest for upload in world.outbox.uploads()} == {"ab" * 32, "cd" * 32}
    world.outbox.close()


def test_samples_are_few_however_often_a_device_speaks(world: World) -> None:
    for second in range(120):
        world.hear("zigbee2mqtt/khoi/1", {"smoke": second == 60, "temperature": 30 + 0.01 * (second % 3)})
        world.wait(1)
    by_metric: dict[str, int] = {}
    for sample in world.samples("khoi-cho-1"):
        by_metric[sample.metric] = by_metric.get(sample.metric, 0) + 1
    assert by_metric["temperature"] <= 3
    assert 3 <= by_metric["smoke"] <= 5, "each change, and once a minute"


def test_what_cannot_be_read_is_counted_and_said_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        world.hear("zigbee2mqtt/khoi/1", "{not json")
        world.hear("zigbee2mqtt/nobody-knows-me", {"smoke": True})
    assert (world.monitor.counts["broken"], world.monitor.counts["strange"]) == (5, 5)
    assert len([record for record in caplog.records if "cannot be read" in record.message]) == 1
    assert world.told() == []


def test_one_uplink_over_two_lora_gateways_counts_once(tmp_path: Path) -> None:
    listed = [{"id": "nuoc", "kind": "water", "dialect": "chirpstack", "address": "24E124136B502217"}]
    world = World(tmp_path, list=listed)
    uplink = {"deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "object": {"water_leak": "leak"}}
    uplink["object"] = {"leak": 1}
    for _ in range(2):
        world.hear("application/1/device/24e124136b502217/event/up", uplink)
    assert world.told() == [("water_leak", "nuoc", "open")]
    assert len(world.samples("nuoc")) == 1
    world.outbox.close()
