"""What nobody took before it was sent again: the broker does not keep it beside the repeat."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.centre.link import until_sent_again
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

SHARED = "$share/ingest-telemetry/phoan/1/+/box/+/telemetry"
TOPIC = "phoan/1/an-luu/box/an-luu-1/telemetry"


def worker(port: int, heard: list[bytes]) -> mqtt.Client:
    """A worker's session, which the broker keeps while it is away."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "phoan-ingest-1", protocol=mqtt.MQTTv5)
    subscribed: list[Any] = []
    client.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    client.on_connect = lambda client, *_: client.subscribe(SHARED, qos=1)
    client.on_subscribe = lambda *_: subscribed.append(1)
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_start()
    eventually(lambda: bool(subscribed))
    return client


def leave(client: mqtt.Client) -> None:
    client.disconnect()
    client.loop_stop()


def test_a_worker_that_comes_back_gets_no_message_that_was_sent_again_meanwhile(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    heard: list[bytes] = []
    try:
        leave(worker(broker.port, heard))
        box = mqtt.Client(CallbackAPIVersion.VERSION2, "phoan-edge-an-luu-1", protocol=mqtt.MQTTv5)
        box.connect("127.0.0.1", broker.port)
        box.loop_start()
        for payload, seconds in ((b"first", 1.0), (b"again", 30.0)):
            box.publish(TOPIC, payload, qos=1, properties=until_sent_again(seconds)).wait_for_publish(5)
        leave(box)
        time.sleep(2.1)  # the broker counts whole seconds
        back = worker(broker.port, heard)
        eventually(lambda: b"again" in heard)
        leave(back)
        assert heard == [b"again"]
    finally:
        broker.stop()
