"""Speaks with mosquitto's dynamic security plugin: commands on one topic, answers on another.

Knows how to ask and how to read what the broker holds; what is to be changed is decided in `ingest.accounts.plan`.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contracts.ids import new_id
from ingest.accounts.plan import Account, Held
from ingest.accounts.roles import Right
from ingest.config import MqttSettings

log = logging.getLogger(__name__)

TOPIC: Final = "$CONTROL/dynamic-security/v1"
PATIENCE_S: Final = 10.0
PAGE: Final = 200
"""Accounts or roles asked for at once: some hundred kilobytes."""


class ControlError(Exception):
    """The broker cannot be asked now; try again later."""


class Control:
    """Owns the MQTT client. `arrived` is set at every connection: the broker may be another one than before."""

    def __init__(self, settings: MqttSettings, username: str, password: str) -> None:
        self.arrived = threading.Event()
        self._settings = settings
        self._ready = threading.Event()
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._refused = ""
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"phoan-accounts-{new_id().hex}", protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set(username, password)
        if settings.tls_ca:
            self._client.tls_set(ca_certs=str(settings.tls_ca))
        self._client.reconnect_delay_set(min_delay=1, max_delay=10)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect in the background and keep connected until `stop`."""
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=15)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def held(self) -> Held:
        """What the broker holds. Raises ControlError."""
        accounts = {client["username"]: _account(client) for client in self._all("listClients", "clients")}
        roles = {
            role["rolename"]: frozenset(
                Right(acl["acltype"], acl["topic"]) for acl in role.get("acls", ()) if acl["allow"]
            )
            for role in self._all("listRoles", "roles")
        }
        acls = self._asked({"command": "getDefaultACLAccess"}).get("acls", ())
        return Held(accounts, roles, {acl["acltype"]: acl["allow"] for acl in acls})

    def tell(self, commands: Sequence[Mapping[str, Any]]) -> list[str]:
        """Have these done, in order; returns what was refused, a sentence each. Raises ControlError."""
        answers = self._exchange(commands) if commands else []
        return [f"{answer['command']}: {answer['error']}" for answer in answers if "error" in answer]

    def _all(self, command: str, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            asked = {"command": command, "verbose": True, "count": PAGE, "offset": len(found)}
            data = self._asked(asked)
            page = data.get(what, [])
            found += page
            if not page or len(found) >= data.get("totalCount", 0):
                return found

    def _asked(self, command: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._exchange([command])[0]
        if "error" in answer:
            raise ControlError(f"the broker answers {answer['command']} with: {answer['error']}")
        data: dict[str, Any] = answer.get("data", {})
        return data

    def _exchange(self, commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Send commands and wait for their answers. Raises ControlError."""
        deadline = time.monotonic() + PATIENCE_S
        if not self._ready.wait(PATIENCE_S):
            raise ControlError(self._refused or "the broker cannot be reached")
        word = new_id().hex
        said = json.dumps({"commands": [{**command, "correlationData": word} for command in commands]})
        self._client.publish(TOPIC, said, qos=1)
        found: list[dict[str, Any]] = []
        while len(found) < len(commands):
            try:
                answer = self._answers.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise ControlError("the broker does not answer: has it the dynamic security plugin?") from None
            if answer.get("correlationData") == word:
                found.append(answer)
        return found

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = f"the broker refuses the account that keeps the accounts: {reason}"
            return
        self._refused = ""
        client.subscribe(f"{TOPIC}/response", options=SubscribeOptions(qos=1))

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refused = (
                "the broker does not let this account keep the accounts: has it the dynamic security plugin?"
            )
            return
        log.info("connected to broker %s:%d", self._settings.host, self._settings.port)
        self._ready.set()
        self.arrived.set()

    def _on_disconnect(self, *_: object) -> None:
        self._ready.clear()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            answers = json.loads(message.payload)["responses"]
        except (ValueError, KeyError, TypeError):
            log.warning("ignored an answer of the broker that cannot be read")
            return
        for answer in answers:
            self._answers.put(answer)


def _account(client: Mapping[str, Any]) -> Account:
    return Account(
        mark=client.get("textdescription", ""),
        client_id=client.get("clientid"),
        roles=tuple(role["rolename"] for role in client.get("roles", ())),
        shut_out=bool(client.get("disabled", False)),
    )
