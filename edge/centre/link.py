"""The MQTT link to the centre: sends what waits in the outbox, hears what is committed, says how the box is.

Whatever is not acknowledged by the centre in time is sent again; the broker's own acknowledgement means nothing.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from queue import SimpleQueue
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contracts.accounts import client_of_box
from contracts.configuration import ConfigAnswer
from contracts.ids import new_id
from contracts.records import Ack
from contracts.status import AdoptedDevice, BoxState, BoxStatus, CameraStatus, OutboxStatus
from contracts.topics import BoxTopic, Channel
from contracts.wire import VERSION, BrokenMessageError, read
from edge.centre.outbox import Kind, Outbox, Stored
from edge.config import EdgeSettings
from edge.tls import broker_context, until_of

log = logging.getLogger(__name__)

STATUS_EVERY_S: Final = 5.0
KEEPALIVE_S: Final = 15
MAX_IN_FLIGHT: Final = 20
"""Messages sent ahead of the centre's acknowledgement."""

DEVICES_EVERY_S: Final = 600.0
"""What was adopted is told when it changes, and again after so long, for a centre that was away."""

MAX_BATCH_BYTES: Final = 128 * 1024
MAX_BATCH_RECORDS: Final = 200
RESEND_S: Final = 10.0
RESEND_LONGEST_S: Final = 30.0
"""Longer would keep new events waiting behind what is in flight when the centre comes back."""


CHANNELS: Final = {Kind.EVENT: Channel.EVENTS, Kind.SAMPLE: Channel.TELEMETRY}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message on its way: when it left and the last record it holds."""

    at: float
    last: tuple[int, int]


class Link:
    """Owns the MQTT client. `cameras` tells how the cameras are whenever it is asked, `adopted` which devices the box
    took in, `config` what became of the configuration that was pushed last; whoever sets `changed` has the answer
    published at once rather than with the next regular status. `broker_until` is when the broker's certificate ends.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        outbox: Outbox,
        version: str,
        cameras: Callable[[], tuple[CameraStatus, ...]],
        changed: threading.Event,
        adopted: Callable[[], tuple[AdoptedDevice, ...]] = tuple,
        config: Callable[[], ConfigAnswer | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._adopted = adopted
        self._adopted_told: tuple[AdoptedDevice, ...] = ()
        self._adopted_due = 0.0
        self._version = version
        self._cameras = cameras
        self._config = config
        self._config_heard: Callable[[bytes], None] = lambda _: None
        self._news = outbox.appended
        self._changed = changed
        self._connected = threading.Event()
        self._begin_again = threading.Event()
        self._acks: SimpleQueue[bytes] = SimpleQueue()
        self._session = new_id()
        self._n = 0
        self._restart()
        self._resend_s = RESEND_S
        mqtt_settings = settings.mqtt
        self._tls = (
            broker_context(mqtt_settings.tls_ca, mqtt_settings.tls_cert, mqtt_settings.tls_key)
            if mqtt_settings.tls_ca
            else None
        )
        self.broker_until: datetime | None = None
        self._client = self._make_client()

    @property
    def connected(self) -> bool:
        """Whether the broker has taken this box in."""
        return self._connected.is_set()

    def on_config(self, hear: Callable[[bytes], None]) -> None:
        """Who hears what the centre pushes, in the client's thread. To be said before `run`."""
        self._config_heard = hear

    def run(self, stop: threading.Event) -> None:
        """Keep connected and send until `stop` is set, then say goodbye."""
        mqtt_settings = self._settings.mqtt
        self._client.connect_async(mqtt_settings.host, mqtt_settings.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        try:
            next_status = 0.0
            while not stop.is_set():
                self._news.wait(0.2)
                self._news.clear()
                self._take_acks()
                if not self._connected.is_set():
                    continue
                if self._begin_again.is_set():
                    self._begin_again.clear()
                    self._restart()
                if self._changed.is_set() or time.monotonic() >= next_status:
                    self._changed.clear()
                    next_status = time.monotonic() + STATUS_EVERY_S
                    self._publish_status()
                self._send_waiting()
        finally:
            self._say_goodbye()

    def _make_client(self) -> mqtt.Client:
        settings = self._settings.mqtt
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_of_box(self._settings.box), protocol=mqtt.MQTTv5
        )
        if settings.username:
            password = settings.password.get_secret_value() if settings.password else None
            client.username_pw_set(settings.username, password)
        if self._tls:
            client.tls_set_context(self._tls)
            client.on_pre_connect = self._on_pre_connect
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        self._set_will(client)
        return client

    def _set_will(self, client: mqtt.Client) -> None:
        will = BoxStatus(
            box=self._settings.box, session=self._session, n=0, state=BoxState.OFFLINE, at=datetime.now(UTC)
        )
        client.will_set(self._topic(Channel.STATUS), will.to_bytes(), qos=1, retain=True)

    def _topic(self, channel: Channel) -> str:
        return str(BoxTopic(self._settings.ward, self._settings.box, channel))

    def _on_pre_connect(self, _client: mqtt.Client, _data: Any) -> None:
        """The certificate may have been renewed since the last connection."""
        settings = self._settings.mqtt
        if self._tls and settings.tls_cert and settings.tls_key:
            try:
                self._tls.load_cert_chain(settings.tls_cert, settings.tls_key)
            except OSError as error:
                log.error("the certificate %s cannot be read any more: %s", settings.tls_cert, error.strerror)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            log.error("the broker refuses this box: %s", reason)
            return
        log.info("connected to broker %s:%d", self._settings.mqtt.host, self._settings.mqtt.port)
        self.broker_until = until_of(client.socket())
        client.subscribe([(self._topic(channel), SubscribeOptions(qos=1)) for channel in (Channel.ACK, Channel.CONFIG)])
        self._begin_again.set()
        self._adopted_due = 0.0
        self._connected.set()
        self._changed.set()

    def _on_disconnect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._connected.clear()
        if reason.is_failure:
            log.warning("connection to the broker lost: %s", reason)
        # The will of the next connection must name the next session, or a late will would hide it.
        self._session, self._n = new_id(), 0
        self._set_will(client)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        """Called by the client's thread, in which an error would end the link without anybody knowing."""
        if message.topic == self._topic(Channel.CONFIG):
            self._config_heard(bytes(message.payload))
            return
        self._acks.put(bytes(message.payload))
        self._news.set()

    def _take_acks(self) -> None:
        """Forget what the centre has said is committed."""
        while not self._acks.empty():
            try:
                ack = read(Ack, self._acks.get())
            except BrokenMessageError as error:
                log.warning("ignored a broken acknowledgement: %s", error)
                continue
            if self._outbox.acknowledge(ack.epoch, ack.ranges):
                self._resend_s = RESEND_S

    def _restart(self) -> None:
        """Begin again with the oldest record that waits."""
        self._cursor = (0, 0)
        self._sent: deque[Sent] = deque()

    def _send_waiting(self) -> None:
        oldest = self._outbox.waiting(1)
        first = (oldest[0].number, oldest[0].seq) if oldest else None
        while self._sent and (first is None or self._sent[0].last < first):
            self._sent.popleft()
        if self._sent and time.monotonic() - self._sent[0].at > self._resend_s:
            log.warning("the centre has not acknowledged for %.0f s, sending again", self._resend_s)
            self._resend_s = min(RESEND_LONGEST_S, 2 * self._resend_s)
            self._restart()
        while len(self._sent) < MAX_IN_FLIGHT:
            records = self._outbox.waiting(MAX_BATCH_RECORDS, self._cursor)
            if not records:
                return
            for (epoch, kind), group in groupby(records, key=lambda record: (record.epoch, record.kind)):
                for part in _parts(group):
                    self._publish(CHANNELS[kind], batch_json(self._settings.box, str(epoch), part), part[-1])

    def _publish(self, channel: Channel, payload: bytes, last: Stored) -> None:
        self._client.publish(self._topic(channel), payload, qos=1, properties=until_sent_again(self._resend_s))
        self._cursor = (last.number, last.seq)
        self._sent.append(Sent(time.monotonic(), self._cursor))

    def _publish_status(self) -> None:
        self._n += 1
        outbox = OutboxStatus(
            epoch=self._outbox.epoch,
            head=self._outbox.head,
            pending=self._outbox.pending,
            dropped=self._outbox.dropped,
        )
        status = BoxStatus(
            box=self._settings.box,
            session=self._session,
            n=self._n,
            state=BoxState.ONLINE,
            at=datetime.now(UTC),
            version=self._version,
            outbox=outbox,
            cameras=self._cameras(),
            devices=self._news_of_adopted(),
            config=self._config(),
        )
        self._client.publish(self._topic(Channel.STATUS), status.to_bytes(), qos=1, retain=True)

    def _news_of_adopted(self) -> tuple[AdoptedDevice, ...] | None:
        """The devices that were adopted, when it is time to tell of them."""
        adopted, now = self._adopted(), time.monotonic()
        if adopted == self._adopted_told and now < self._adopted_due:
            return None
        self._adopted_told, self._adopted_due = adopted, now + DEVICES_EVERY_S
        return adopted or None

    def _say_goodbye(self) -> None:
        """A box that is stopped says so itself; its will is for when it cannot."""
        if self._connected.is_set():
            status = BoxStatus(
                box=self._settings.box,
                session=self._session,
                n=self._n + 1,
                state=BoxState.OFFLINE,
                at=datetime.now(UTC),
                version=self._version,
            )
            said = self._client.publish(self._topic(Channel.STATUS), status.to_bytes(), qos=1, retain=True)
            said.wait_for_publish(timeout=2)
        self._client.disconnect()
        self._client.loop_stop()


@lru_cache(maxsize=8)  # there are three, and each costs as much as the rest of a message
def until_sent_again(seconds: float) -> Properties:
    """A message that nobody took is worth nothing any more once it is sent again: the broker then forgets it. Otherwise
    it would gather repeats while the centre is away or slow, and the centre would have to take them all.
    """
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = math.ceil(seconds)
    return properties


def batch_json(box: str, epoch: str, records: list[Stored]) -> bytes:
    """An EventBatch or TelemetryBatch whose records are put in as they were stored, without parsing them again."""
    sent_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    bodies = ",".join(record.body for record in records)
    return (f'{{"v":{VERSION},"box":"{box}","epoch":"{epoch}","sent_at":"{sent_at}","records":[{bodies}]}}').encode()


def _parts(records: Iterable[Stored]) -> list[list[Stored]]:
    """Cut a run of records so that no part is larger than MAX_BATCH_BYTES, unless one record alone is."""
    parts: list[list[Stored]] = []
    size = MAX_BATCH_BYTES + 1
    for record in records:
        if size + len(record.body) > MAX_BATCH_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(record)
        size += len(record.body)
    return parts
