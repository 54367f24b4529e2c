"""The MQTT side of ingest: one persistent session that shares the boxes' messages with its fellow workers.

Hands every message to the writer through a bounded queue and acknowledges it only when told to. A broker that heeds
RECEIVE_MAXIMUM never fills the queue. What one that does not (mosquitto 2.0 when a session resumes) sends beyond is
left unacknowledged; when the queue is empty again the connection is made anew, for the broker to send it again.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contracts.records import Ack, SeqRange
from contracts.topics import BoxTopic, Channel, every_box
from ingest.config import MqttSettings
from ingest.metrics import Metrics
from storage.records import Origin

log = logging.getLogger(__name__)

SHARE = "ingest"
RECEIVE_MAXIMUM = 200
"""Messages that the broker may send ahead of our acknowledgements (MQTT 5, 3.1.2.11.3)."""

MOST_IN_HAND = 2000
"""Messages that wait for the writer at most."""

SESSION_EXPIRY_S = 24 * 3600
"""How long the broker keeps messages for a worker that is gone; boxes resend whatever is lost all the same."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message in our hands. `session` tells whether its packet id still means anything to the broker; `at` is when
    it came, on the monotonic clock.
    """

    topic: str
    payload: bytes
    mid: int
    qos: int
    session: int
    at: float


class Consumer:
    """Owns the MQTT client. `deliveries` is read by one writer. `listening_since` is None while there is no broker."""

    def __init__(self, settings: MqttSettings, worker: str, metrics: Metrics) -> None:
        self.deliveries: queue.Queue[Delivery] = queue.Queue(maxsize=MOST_IN_HAND)
        self._settings = settings
        self._session = 0
        self._metrics = metrics
        metrics.watch_queue(self.deliveries.qsize)
        self._refused = 0
        self.listening_since: datetime | None = None
        metrics.watch_connection(lambda: self.listening_since is not None)
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"phoan-ingest-{worker}", protocol=mqtt.MQTTv5, manual_ack=True
        )
        if settings.username:
            password = settings.password.get_secret_value() if settings.password else None
            self._client.username_pw_set(settings.username, password)
        if settings.tls_ca:
            self._client.tls_set(ca_certs=str(settings.tls_ca))
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect in the background and keep connected until `stop`."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        self._client.connect_async(
            self._settings.host, self._settings.port, keepalive=30, clean_start=False, properties=properties
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Leave the broker; the session stays there for the next start."""
        self._client.disconnect()
        self._client.loop_stop()

    def acknowledge(self, deliveries: Iterable[Delivery], committed: dict[Origin, tuple[SeqRange, ...]]) -> None:
        """Tell the broker that the messages are done, and the boxes which records are committed."""
        for origin, ranges in committed.items():
            topic = BoxTopic(origin.ward, origin.box, Channel.ACK)
            self._client.publish(str(topic), Ack(epoch=origin.epoch, ranges=ranges).to_bytes(), qos=1)
        for delivery in deliveries:
            if delivery.session == self._session:
                self._client.ack(delivery.mid, delivery.qos)
        if self._refused and self.deliveries.empty():
            self._ask_again()

    def retain(self, topic: str, payload: bytes) -> None:
        """Have the broker keep this for whoever listens to `topic`, now or later."""
        self._client.publish(topic, payload, qos=1, retain=True)

    def _ask_again(self) -> None:
        """Break the connection; paho makes it anew, and the broker sends what was not acknowledged."""
        log.info("asking the broker again for %d messages", self._refused)
        self._refused = 0
        connection = self._client.socket()
        if isinstance(connection, socket.socket):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _on_connect(
        self, client: mqtt.Client, _data: Any, flags: mqtt.ConnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.is_failure:
            log.error("broker refuses this worker: %s", reason)
            return
        if not flags.session_present:
            self._session += 1
        log.info("connected to broker %s:%d", self._settings.host, self._settings.port)
        self.listening_since = datetime.now(UTC)
        share = SHARE if self._settings.shared else None
        client.subscribe(
            [
                (every_box(Channel.EVENTS, share=share), SubscribeOptions(qos=1)),
                (every_box(Channel.TELEMETRY, share=share), SubscribeOptions(qos=1)),
                # Retained messages do not reach shared subscriptions, so every worker hears every status.
                (every_box(Channel.STATUS), SubscribeOptions(qos=1)),
            ]
        )

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        log.warning("cannot reach broker %s:%d, trying on", self._settings.host, self._settings.port)

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:
        self.listening_since = None
        if reason.is_failure:
            log.warning("broker connection lost: %s", reason)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        delivery = Delivery(message.topic, payload, message.mid, message.qos, self._session, time.monotonic())
        self._metrics.messages.inc()
        try:
            self.deliveries.put_nowait(delivery)
        except queue.Full:
            self._refused += 1
            self._metrics.refused.inc()
            if self._refused & (self._refused - 1) == 0:  # 1, 2, 4, 8 ...: a burst is a few lines, not a flood
                log.warning("%d messages left to be sent again: the database is slower than the boxes", self._refused)
