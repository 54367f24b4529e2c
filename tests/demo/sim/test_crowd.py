"""A crowd against a real broker: every box has its own connection, hears its acknowledgements, and comes back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from contracts.records import Ack, SeqRange
from contracts.topics import BoxTopic, Channel, parse_box_topic
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

BOXES = 12


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def told(tmp_path: Path, broker: Mosquitto) -> Iterator[Path]:
    """Where a crowd writes what it has to tell."""
    path = tmp_path / "told"
    command = [
        sys.executable, "-m", "demo.sim", "crowd", "--boxes", BOXES, "--cameras", 2, "--devices", 3, "--mqtt-port",
        broker.port, "--ramp-s", 0.5, "--measure-s", 0.5, "--sense-s", 2, "--revisions-per-camera-hour", 900,
    ]  # fmt: skip
    with path.open("wb") as out:
        process = subprocess.Popen([str(word) for word in command], stdout=out)
    yield path
    process.terminate()
    assert process.wait(20) == 0


def acknowledging(port: int) -> mqtt.Client:
    """A centre that commits whatever comes."""

    def on_message(client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        address, batch = parse_box_topic(message.topic), json.loads(message.payload)
        seqs = [record["seq"] for record in batch["records"]]
        ack = Ack(epoch=batch["epoch"], ranges=(SeqRange(first=seqs[0], last=seqs[-1]),))
        client.publish(str(BoxTopic(address.ward, address.box, Channel.ACK)), ack.to_bytes(), qos=1)

    def on_connect(client: mqtt.Client, *_: Any) -> None:
        client.subscribe([("phoan/1/+/box/+/events", 1), ("phoan/1/+/box/+/telemetry", 1)])

    client = mqtt.Client(CallbackAPIVersion.VERSION2, "centre", protocol=mqtt.MQTTv5)
    client.on_message, client.on_connect = on_message, on_connect
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


def last(told: Path) -> dict[str, Any]:
    lines = [line for line in told.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    return json.loads(lines[-1]) if lines else {"committed": 0, "connected": 0, "connects": 0}


def test_a_crowd_speaks_is_heard_and_comes_back(broker: Mosquitto, told: Path) -> None:
    centre = acknowledging(broker.port)
    try:
        eventually(lambda: last(told)["connected"] == BOXES and last(told)["committed"] > 1000, timeout_s=30)
        before = last(told)
        assert before["late"], "how long each record took"
        assert all(0 <= ms < 30_000 and records > 0 for ms, records in before["late"])
        assert before["up_bytes"] > 30 * before["committed"], "a record is more than thirty bytes"
        broker.kill()
        broker.start()
        eventually(
            lambda: last(told)["connects"] >= 2 * BOXES and last(told)["committed"] > before["committed"] + 1000,
            timeout_s=60,
        )
        after = last(told)
        assert after["connected"] == BOXES
        assert after["up_bytes"] > before["up_bytes"], "what an earlier connection carried is not forgotten"
    finally:
        centre.disconnect()
        centre.loop_stop()
