"""Speakers on the box's local broker: the sound is a message to the speaker's `cmd` topic.

`{"cmd": "play", "id", "data", "media_type", "sha256", "priority", "ttl", "repeat"}`; `data` is base64, `ttl` the
seconds after which it is not to be played, also the expiry of the message itself. A broker that has nobody to give it
to says so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contracts.announcement import PlayFault
from contracts.ids import digest_of
from edge.announce.settings import MqttSpeaker
from edge.announce.speaker import Clip, SpeakerError, Wait
from edge.devices.settings import BrokerSettings

A = TypeVar("A")

PATIENCE_S: Final = 10.0
NOBODY: Final = 0x10
OVERHEAD: Final = 64
"""Of a packet beside its topic and payload."""


def message(clip: Clip, now: datetime) -> bytes:
    """What the speaker is sent."""
    content = {
        "cmd": "play",
        "id": str(clip.id),
        "data": base64.b64encode(clip.data).decode(),
        "media_type": "audio/wav",
        "sha256": digest_of(clip.data),
        "priority": clip.priority.value,
        "ttl": ttl(clip, now),
        "repeat": 1,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def ttl(clip: Clip, now: datetime) -> int:
    return max(1, int((clip.expires_at - now).total_seconds()))


class MqttPlayer:
    """Connects for each play: what could not be handed over must not be sent by itself later."""

    def __init__(
        self,
        settings: MqttSpeaker,
        broker: BrokerSettings,
        topic: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._id = settings.id
        self._broker = broker
        self._topic = settings.topic or topic
        self._now = now

    def play(self, clip: Clip, wait: Wait) -> None:
        now = self._now()
        handover = Handover(self._id, self._broker)
        try:
            handover.deliver(self._topic, message(clip, now), ttl(clip, now))
        finally:
            handover.end()
        wait(clip.seconds)

    def close(self) -> None:
        """Nothing is held."""


class Handover:
    """One connection to the broker, for one message."""

    def __init__(self, speaker: str, broker: BrokerSettings) -> None:
        self._broker = broker
        self._welcome: SimpleQueue[tuple[ReasonCode, int | None]] = SimpleQueue()
        self._taken: SimpleQueue[ReasonCode] = SimpleQueue()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"phoan-speaker-{speaker}", protocol=mqtt.MQTTv5)
        if broker.username:
            client.username_pw_set(broker.username, broker.password.get_secret_value() if broker.password else None)
        if broker.tls_ca:
            client.tls_set(ca_certs=str(broker.tls_ca))
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        self._client = client

    def deliver(self, topic: str, payload: bytes, expires_s: int) -> None:
        """Raises SpeakerError unless the broker has given it to somebody."""
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=int(2 * PATIENCE_S))
        except OSError:
            raise SpeakerError(PlayFault.UNREACHABLE, "the local broker does not answer") from None
        self._client.loop_start()
        welcome, most = _next(self._welcome)
        if welcome.is_failure:
            raise SpeakerError(PlayFault.REFUSED, f"the local broker refuses the box: {welcome}")
        if most is not None and len(payload) + len(topic.encode()) + OVERHEAD > most:
            raise SpeakerError(PlayFault.REFUSED, f"the local broker takes messages of {most} bytes at most")
        properties = _expiring(expires_s)
        self._client.publish(topic, payload, qos=1, properties=properties)
        reason = _next(self._taken)
        if reason.value == NOBODY:
            raise SpeakerError(PlayFault.UNREACHABLE, "no speaker hears its topic")
        if reason.is_failure:
            raise SpeakerError(PlayFault.REFUSED, f"the local broker refuses: {reason}")

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._welcome.put((reason, getattr(properties, "MaximumPacketSize", None)))

    def _on_publish(self, _client: mqtt.Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Any) -> None:
        self._taken.put(reason)


def _expiring(seconds: int) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties


def _next(answers: SimpleQueue[A]) -> A:
    try:
        return answers.get(timeout=PATIENCE_S)
    except Empty:
        raise SpeakerError(PlayFault.UNREACHABLE, "the local broker does not answer") from None
