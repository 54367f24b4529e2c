"""The line to the local broker: hears what devices say, and lets a message go only when what follows of it is on disk.

Reconnecting is paho's; decisions are `edge.devices.monitor`'s. Messages wait in a bounded queue: what a flood brings
beyond is left unread, and counted.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contracts.devices.reading import Heard
from edge.centre.outbox import Outbox
from edge.devices.monitor import Monitor
from edge.devices.settings import BrokerSettings

log = logging.getLogger(__name__)

KEEPALIVE_S: Final = 15
KEPT_S: Final = 600
"""For so long the broker keeps what comes while the box restarts. Older alarms would be told as if they were new."""

MOST_WAITING: Final = 10_000
AT_ONCE: Final = 200
TICK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Delivery:
    heard: Heard
    mid: int
    qos: int


class Until(Protocol):
    """Whether it is time to end."""

    def is_set(self) -> bool: ...


class Reader:
    """Owns the client. `beat_at` is when its thread last came by, on the monotonic clock."""

    def __init__(
        self,
        settings: BrokerSettings,
        box: str,
        monitor: Monitor,
        outbox: Outbox,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.dropped = 0
        self.beat_at = time.monotonic()
        self.connected = threading.Event()
        self._settings = settings
        self._box = box
        self._monitor = monitor
        self._outbox = outbox
        self._now = now
        self._waiting: queue.Queue[_Delivery] = queue.Queue(MOST_WAITING)
        self._subscribed: frozenset[str] = frozenset()
        self._client = self._make_client()
        self._said_lost = False

    def run(self, stop: Until) -> None:
        """Read until `stop` is set."""
        client, settings = self._client, self._settings
        if settings.protocol == "5":
            client.connect_async(
                settings.host, settings.port, KEEPALIVE_S, clean_start=False, properties=_kept_for(KEPT_S)
            )
        else:
            client.connect_async(settings.host, settings.port, KEEPALIVE_S)
        client.loop_start()
        next_tick = 0.0
        try:
            while not stop.is_set():
                self.beat_at = time.monotonic()
                deliveries = self._next()
                for delivery in deliveries:
                    self._monitor.hear(delivery.heard)
                if time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + TICK_S
                    self._monitor.tick(self._now())
                if samples := self._monitor.take_samples():
                    self._outbox.append_samples(samples)
                for delivery in deliveries:
                    client.ack(delivery.mid, delivery.qos)
                self._subscribe_to_news()
        finally:
            client.disconnect()
            client.loop_stop()

    def _next(self) -> list[_Delivery]:
        """What waits, after a moment if nothing does."""
        try:
            found = [self._waiting.get(timeout=0.2)]
        except queue.Empty:
            return []
        while len(found) < AT_ONCE:
            try:
                found.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return found

    def _make_client(self) -> mqtt.Client:
        settings = self._settings
        five = settings.protocol == "5"
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"phoan-devices-{self._box}",
            protocol=mqtt.MQTTv5 if five else mqtt.MQTTv311,
            clean_session=None if five else True,
            manual_ack=True,
        )
        if settings.username:
            client.username_pw_set(
                settings.username, settings.password.get_secret_value() if settings.password else None
            )
        if settings.tls_ca:
            client.tls_set(ca_certs=str(settings.tls_ca))
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            log.error("the broker of the devices refuses this box: %s", reason)
            return
        log.info("hearing devices on broker %s:%d", self._settings.host, self._settings.port)
        self._said_lost = False
        self._subscribe(frozenset(self._monitor.filters))

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("the broker of the devices lets this box hear a part only: %s", reasons)
        self.connected.set()

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self.connected.clear()
        if reason.is_failure and not self._said_lost:
            self._said_lost = True
            log.warning("connection to the broker of the devices lost, trying on: %s", reason)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        """Called by the client's thread."""
        heard = Heard(message.topic, bytes(message.payload), self._now(), bool(message.retain))
        try:
            self._waiting.put_nowait(_Delivery(heard, message.mid, message.qos))
        except queue.Full:
            self.dropped += 1
            self._client.ack(message.mid, message.qos)
            if self.dropped == 1:
                log.error("devices say more than this box can read; some of it is left out")

    def _subscribe_to_news(self) -> None:
        """A device that was just adopted is read from now on."""
        wanted = frozenset(self._monitor.filters)
        if wanted - self._subscribed and self.connected.is_set():
            self._subscribe(wanted - self._subscribed)

    def _subscribe(self, filters: frozenset[str]) -> None:
        self._subscribed = frozenset(self._monitor.filters)
        if filters:
            self._client.subscribe([(one, 1) for one in sorted(filters)])


def _kept_for(seconds: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = seconds
    return properties
