"""Whether the broker lets this box in and lets it publish, beside the running box: by another client's name.

Steps: TCP, TLS, the account, and one empty message on the box's own `reply`, to which nobody listens.
"""

from __future__ import annotations

import queue
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from contracts.accounts import doctor_client, doctor_login, is_ours
from contracts.report import Finding
from contracts.topics import BoxTopic, Channel
from edge.config import EdgeSettings, MqttSettings
from edge.devices.settings import BrokerSettings
from edge.doctor import certificates
from edge.doctor.checks import bad, ok, warn
from edge.doctor.reasons import is_tls, reason_of
from edge.tls import broker_context, until_of

TIMEOUT_S: Final = 6.0
_NOT_AUTHORIZED: Final = 0x87
_REFUSED: Final = frozenset({"Bad user name or password", "Not authorized", "Banned", "Bad authentication method"})


def look_at_broker(settings: EdgeSettings, limit_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """All steps up to the first that fails."""
    broker = settings.mqtt
    place: dict[str, str | int] = {"host": broker.host, "port": broker.port}
    try:
        context = _context(broker)
        until = _reach(broker, context, limit_s)
    except OSError as error:  # TLS faults, too
        yield bad("broker_tls" if is_tls(error) else "broker_unreachable", **place, reason=reason_of(error))
        return
    if until:
        yield certificates.judge("broker", until, datetime.now(UTC))
    if context is None and not _is_loopback(broker.host):
        yield warn("broker_open", host=broker.host)
    topic = str(BoxTopic(settings.ward, settings.box, Channel.REPLY))
    if broker.username and is_ours(broker.username):
        # An account that the centre keeps is bound to the running link; beside it there is one to examine the box.
        broker = broker.model_copy(update={"username": doctor_login(broker.username)})
    yield _entered(broker, context, topic, doctor_client(settings.box), limit_s)


def _context(broker: MqttSettings) -> ssl.SSLContext | None:
    if broker.tls_ca is None:
        return None
    return broker_context(broker.tls_ca, broker.tls_cert, broker.tls_key)


def _reach(broker: MqttSettings, context: ssl.SSLContext | None, limit_s: float) -> datetime | None:
    """Connect and shake hands; when the broker's certificate ends. Raises OSError."""
    with closing(socket.create_connection((broker.host, broker.port), limit_s)) as bare:
        if context is None:
            return None
        with context.wrap_socket(bare, server_hostname=broker.host) as connection:
            return until_of(connection)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _entered(broker: MqttSettings, context: ssl.SSLContext | None, topic: str, name: str, limit_s: float) -> Finding:
    """Enter, publish, leave."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
    if broker.username:
        client.username_pw_set(broker.username, broker.password.get_secret_value() if broker.password else None)
    if context:
        client.tls_set_context(context)
    news: queue.SimpleQueue[tuple[str, ReasonCode]] = queue.SimpleQueue()
    client.on_connect = lambda _client, _data, _flags, reason, _properties: news.put(("entered", reason))
    client.on_publish = lambda _client, _data, _mid, reason, _properties: news.put(("published", reason))
    client.on_disconnect = lambda *given: news.put(("left", given[3]))
    place: dict[str, Any] = {"host": broker.host, "port": broker.port}
    began = time.monotonic()
    try:
        client.connect(broker.host, broker.port, keepalive=30)
        client.loop_start()
        what, reason = news.get(timeout=limit_s)
        if what != "entered" or reason.is_failure:
            return _refused(reason, place)
        client.publish(topic, b"", qos=1)
        what, reason = news.get(timeout=limit_s)
        if what != "published" or reason.is_failure:
            return bad("broker_no_right", **place)
        return ok("broker_good", **place, ms=round(1000 * (time.monotonic() - began)))
    except queue.Empty:
        return bad("broker_unreachable", **place, reason="timeout")
    except OSError as error:
        return bad("broker_unreachable", **place, reason=reason_of(error))
    finally:
        client.on_disconnect = None
        client.disconnect()
        client.loop_stop()


def _refused(reason: ReasonCode, place: dict[str, Any]) -> Finding:
    if reason.value == _NOT_AUTHORIZED or str(reason) in _REFUSED:
        return bad("broker_refused", **place)
    return bad("broker_unreachable", **place, reason="cut")


def look_at_devices(broker: BrokerSettings, limit_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """The devices' broker: whether it is there and lets the box in."""
    place: dict[str, Any] = {"host": broker.host, "port": broker.port}
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"phoan-doctor-{uuid4().hex[:8]}")
    news: queue.SimpleQueue[ReasonCode] = queue.SimpleQueue()
    client.on_connect = lambda _client, _data, _flags, reason, _properties: news.put(reason)
    try:
        if broker.username:
            client.username_pw_set(broker.username, broker.password.get_secret_value() if broker.password else None)
        if broker.tls_ca:
            client.tls_set_context(broker_context(broker.tls_ca))
        client.connect(broker.host, broker.port, keepalive=30)
        client.loop_start()
        reason = news.get(timeout=limit_s)
        yield bad("devices_refused", **place) if reason.is_failure else ok("devices_good", **place)
    except queue.Empty:
        yield bad("devices_unreachable", **place, reason="timeout")
    except OSError as error:
        yield bad("devices_unreachable", **place, reason=reason_of(error))
    finally:
        client.disconnect()
        client.loop_stop()
