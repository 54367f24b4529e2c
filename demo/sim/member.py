"""One lean box of a crowd and its MQTT connection, which is made anew in the rhythm of a real box's."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contracts.records import Ack
from contracts.status import BoxState
from contracts.topics import Channel
from contracts.wire import read
from demo.sim.carried import carried
from demo.sim.lean import LeanBox, Settled
from demo.sim.timetable import Timetable
from edge.centre.link import KEEPALIVE_S, STATUS_EVERY_S, batch_json, until_sent_again
from edge.config import MqttSettings

LOOK_EVERY_S: Final = 1.0
"""How often a box looks whether something has to be sent again."""

SHORTEST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often each box speaks. By default as a box measures, with sensors of five minutes, in a street's busy hour:
    8 events of about 3 revisions each.
    """

    measure_s: float = 10.0
    sense_s: float = 300.0
    revisions_per_camera_hour: float = 26.0


class Member:
    """Owns one connection, driven by the crowd's selector and timetable. `settled` hears what the centre committed."""

    def __init__(
        self,
        box: LeanBox,
        mqtt_settings: MqttSettings,
        selector: selectors.BaseSelector,
        times: Timetable,
        settled: Callable[[list[Settled]], None],
    ) -> None:
        self.box = box
        self.connected = False
        self.connects = 0
        self._settings = mqtt_settings
        self._selector = selector
        self._times = times
        self._settled = settled
        self._connection: socket.socket | None = None
        self._carried = (0, 0)
        self._wait_s = SHORTEST_WAIT_S
        self._client = self._make_client()

    def begin(self, when: float, pace: Pace, dice: random.Random) -> None:
        """Come to life at `when`; what the box does regularly begins somewhere in its own interval."""
        box = self.box
        self._times.at(when, self._connect)
        self._regularly(when, pace.measure_s, dice, box.measure)
        self._regularly(when, LOOK_EVERY_S, dice, lambda _now, _clock: None)
        self._times.at(when + dice.random() * STATUS_EVERY_S, lambda _: self._say_how_it_is(), STATUS_EVERY_S)
        for device in box.box.devices:
            self._regularly(when, pace.sense_s, dice, lambda now, clock, d=device: box.sense(d, now, clock))  # type: ignore[misc]
        if pace.revisions_per_camera_hour and box.box.cameras:
            every_s = 3600 / pace.revisions_per_camera_hour / len(box.box.cameras)
            self._regularly(when, every_s, dice, box.see)

    def leave(self) -> None:
        """Say goodbye as a box that is stopped does."""
        if self.connected:
            farewell = self.box.status(datetime.now(UTC), BoxState.OFFLINE)
            self._client.publish(self.box.topic(Channel.STATUS), farewell, qos=1, retain=True)
            self._client.disconnect()

    def carried(self) -> tuple[int, int]:
        """Bytes that all connections of this box sent and received."""
        now = carried(self._connection) if self._connection else (0, 0)
        return self._carried[0] + now[0], self._carried[1] + now[1]

    def _make_client(self) -> mqtt.Client:
        settings, box = self._settings, self.box.box
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"phoan-edge-{box.id}", protocol=mqtt.MQTTv5)
        if settings.username:
            client.username_pw_set(
                settings.username, settings.password.get_secret_value() if settings.password else None
            )
        if settings.tls_ca:
            client.tls_set(ca_certs=str(settings.tls_ca))
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_socket_close = self._on_close
        return client

    def _regularly(
        self, when: float, every_s: float, dice: random.Random, do: Callable[[float, datetime], None]
    ) -> None:
        def duty(now: float) -> None:
            do(now, datetime.now(UTC))
            self._send(now)

        self._times.at(when + dice.random() * every_s, duty, every_s)

    def _connect(self, now: float) -> None:
        will = self.box.status(datetime.now(UTC), BoxState.OFFLINE)
        self._client.will_set(self.box.topic(Channel.STATUS), will, qos=1, retain=True)
        try:
            self._client.connect(self._settings.host, self._settings.port, keepalive=KEEPALIVE_S)
        except OSError:
            self._connect_later(now)
            return
        connection: Any = self._client.socket()
        self._connection = connection
        self._selector.register(connection, selectors.EVENT_READ, self._read)

    def _connect_later(self, now: float) -> None:
        self._times.at(now + self._wait_s, self._connect)
        self._wait_s = min(LONGEST_WAIT_S, 2 * self._wait_s)

    def _read(self) -> None:
        if self._connection is not None:
            self._client.loop_read()
        if self._connection is not None and self._client.want_write():
            self._client.loop_write()

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:
        if reason.is_failure:
            return
        self.connected, self._wait_s = True, SHORTEST_WAIT_S
        self.connects += 1
        client.subscribe(self.box.topic(Channel.ACK), options=SubscribeOptions(qos=1))
        self.box.reconnected()
        self._times.at(time.monotonic(), lambda _: self._say_how_it_is())

    def _on_close(self, _client: mqtt.Client, _data: Any, connection: Any) -> None:
        """Called before it is closed: by us, by the broker, or by the network."""
        if self._connection is None:
            return
        self._carried = self.carried()
        self._connection = None
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        self.connected = False
        self.box.disconnected()
        self._connect_later(time.monotonic())

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        ack = read(Ack, bytes(message.payload))
        now = time.monotonic()
        self._settled(self.box.acknowledged(ack.epoch, ack.ranges, now))
        self._times.at(now, self._send)

    def _say_how_it_is(self) -> None:
        if self.connected:
            status = self.box.status(datetime.now(UTC))
            self._client.publish(self.box.topic(Channel.STATUS), status, qos=1, retain=True)
            self._client.loop_misc()
            self._flush()

    def _send(self, now: float) -> None:
        if not self.connected:
            return
        for batch in self.box.outgoing(now):
            payload = batch_json(self.box.box.id, str(self.box.epoch), list(batch.records))
            self._client.publish(
                self.box.topic(batch.channel), payload, qos=1, properties=until_sent_again(batch.again_s)
            )
        self._flush()

    def _flush(self) -> None:
        """What the kernel did not take at once goes now, or at the next look."""
        if self._connection is not None and self._client.want_write():
            self._client.loop_write()
