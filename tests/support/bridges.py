"""A hostile network between boxes and workers: what boxes say arrives late, in another order, and twice."""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contracts.topics import Channel, every_box


class ShufflingBridge:
    """Takes messages from the broker of the boxes to the broker of the workers, and acknowledgements back."""

    def __init__(self, boxes_port: int, workers_port: int) -> None:
        self.swapped = 0
        self._held: list[tuple[int, str, bytes]] = []
        self._count = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._dice = random.Random(7)
        self._boxes = self._client(boxes_port, [every_box(c) for c in (Channel.EVENTS, Channel.TELEMETRY)], self._hold)
        self._workers = self._client(workers_port, [every_box(Channel.ACK)], self._pass_back)
        self._thread = threading.Thread(target=self._deliver)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        for client in (self._boxes, self._workers):
            client.disconnect()
            client.loop_stop()

    def _client(self, port: int, topics: list[str], on_message: Any) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, f"bridge-{port}", protocol=mqtt.MQTTv5)
        subscribed = threading.Event()
        client.on_message = on_message
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect("127.0.0.1", port)
        client.subscribe([(topic, 1) for topic in topics])
        client.loop_start()
        assert subscribed.wait(10)
        return client

    def _hold(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        with self._lock:
            self._count += 1
            self._held.append((self._count, message.topic, bytes(message.payload)))

    def _pass_back(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._boxes.publish(message.topic, bytes(message.payload), qos=1)

    def _deliver(self) -> None:
        """Every half second: all that was held, twice in a row, in any order."""
        while not self._stop.wait(0.5):
            with self._lock:
                held, self._held = self._held, []
            self._dice.shuffle(held)
            self.swapped += sum(one[0] > two[0] for one, two in itertools.pairwise(held))
            for _, topic, payload in held:
                for _ in range(2):  # one after the other, so that each goes to another worker
                    self._workers.publish(topic, payload, qos=1)
