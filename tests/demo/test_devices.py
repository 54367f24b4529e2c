"""The devices of the sample ward, as the box of the sample ward reads them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.devices.reading import Heard
from contracts.event import Event, EventRecord
from contracts.inventory import Inventory
from contracts.telemetry import SampleRecord
from demo import broker, devices, ward
from demo.devices import Trouble, said_by
from demo.processes import Processes, free_port, wait_for_port
from edge.centre.outbox import Kind, Outbox
from edge.config import EdgeSettings
from edge.devices.monitor import Monitor
from edge.devices.parts import devices_of
from edge.events import EventBook
from edge.footage.media import MediaStore

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
ALL_WELL = frozenset[Trouble]()


def box_settings(folder: Path, port: int = 9, password: str = "x" * 8) -> EdgeSettings:
    mqtt = {"host": "127.0.0.1", "port": port, "username": devices.ACCOUNT, "password": password}
    return EdgeSettings.model_validate(
        ward.edge_settings(
            data_dir=folder / "box",
            mqtt=mqtt,
            api_url="http://127.0.0.1:9",
            box_token="t" * 40,
            camera_urls={camera.id: "rtsp://127.0.0.1:9/x" for camera in ward.CAMERAS},
        )
    )


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db", max_records=10_000)
    yield opened
    opened.close()


def events(outbox: Outbox) -> list[Event]:
    found = (one for one in outbox.waiting(1000) if one.kind is Kind.EVENT)
    return [EventRecord.model_validate_json(one.body).event for one in found]


def test_box_and_inventory_agree_on_the_devices() -> None:
    every = Inventory.model_validate(ward.inventory("t" * 40)).wards[0].devices
    declared = [device for device in every if device.kind != "speaker"]
    assert {device.id for device in declared} == {device.id for device in ward.DEVICES}
    listed = box_settings(Path()).devices
    assert listed
    assert {(device.id, device.kind, device.gateway) for device in listed.list} == {
        (device.id, device.kind, device.gateway) for device in declared
    }


@pytest.mark.parametrize(
    ("trouble", "hour", "expected"),
    [
        (None, 5, set()),
        (Trouble.SMOKE, 5, {("smoke", "khoi-cho-1")}),
        (Trouble.SOUNDBOX, 5, {("device_silent", "loa-quay-12")}),
        (Trouble.GATEWAY, 5, {("gateway_silent", "gw-cho")}),
        (
            Trouble.POWER,
            5,
            {
                ("mains_lost", "ups-cho"),
                ("mains_lost", "gw-cho"),
                *(
                    ("device_silent", device.id)
                    for device in ward.DEVICES
                    if device.site == devices.MARKET and device.kind in ("soundbox", "plug")
                ),
            },
        ),
        (Trouble.LOAD, 5, set()),
        (Trouble.LOAD, 13, {("after_hours_load", "cong-to-cho")}),
    ],
)
def test_what_is_broken_is_told_and_what_is_mended_is_over(
    outbox: Outbox, tmp_path: Path, trouble: Trouble | None, hour: int, expected: set[tuple[str, str]]
) -> None:
    settings = box_settings(tmp_path)
    assert settings.devices
    now = NOON.replace(hour=hour)
    adapters = settings.devices.adapters(settings.ward, settings.time_zone)
    book = EventBook(outbox)
    monitor = Monitor(settings.devices, adapters, settings.time_zone, settings.calendar, book, lambda *_: None, now)
    broken = frozenset([trouble]) if trouble else ALL_WELL
    for state, turns in ((ALL_WELL, 10), (broken, 100), (ALL_WELL, 60)):
        for turn in range(turns):
            now += timedelta(seconds=devices.EVERY_S)
            for device in ward.DEVICES:
                if said := said_by(device, state, now, turn):
                    monitor.hear(Heard(said[0], json.dumps(said[1]).encode(), now))
            monitor.tick(now)
    told = events(outbox)
    assert {(one.kind, str(one.device)) for one in told if one.phase == "open"} == expected
    assert book.open_events() == ()
    assert (monitor.counts["broken"], monitor.counts["strange"]) == (0, 0)


def test_a_visitor_makes_smoke_and_the_box_hears_it_over_the_demos_broker(outbox: Outbox, tmp_path: Path) -> None:
    port, processes = free_port(), Processes(tmp_path / "logs")
    broker.write_config(tmp_path / "broker.toml", port, {devices.ACCOUNT: "secret-of-devices"})
    wait_for_port(port, processes.start("broker", ["demo.broker", str(tmp_path / "broker.toml")]), "the broker")
    settings = box_settings(tmp_path, port, "secret-of-devices")
    assert settings.devices
    media = MediaStore(tmp_path / "media", max_bytes=1_000_000)
    read = devices_of(settings, settings.devices, outbox, EventBook(outbox), media, {})
    stop = threading.Event()
    thread = threading.Thread(target=read.reader.run, args=(stop,), daemon=True)
    thread.start()
    processes.start("devices", ["demo.devices", str(tmp_path), str(port), "secret-of-devices"])
    try:
        until(lambda: {device.id for device in ward.DEVICES} <= measured(outbox))
        devices.set_broken(tmp_path, frozenset([Trouble.SMOKE]))
        until(lambda: ("smoke", "khoi-cho-1") in [(one.kind, one.device) for one in events(outbox)])
    finally:
        stop.set()
        thread.join(10)
        processes.stop_all()


def measured(outbox: Outbox) -> set[str]:
    """Devices of which something else than their life is known."""
    found = (one for one in outbox.waiting(1000) if one.kind is Kind.SAMPLE)
    records = [SampleRecord.model_validate_json(one.body) for one in found]
    return {one.device for one in records if one.metric != "device.life"}


def until(holds: Callable[[], object], within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
