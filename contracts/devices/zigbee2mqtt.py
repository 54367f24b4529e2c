"""Zigbee2MQTT: a JSON object a device, under `zigbee2mqtt/<friendly name>`; the name may hold slashes.

Traps: `voltage` is millivolts of the battery on a battery device and volts of the mains on a plug; `contact` true means
closed; availability is a word or an object, is off by default, and is 25 hours late for passive devices, so it is a
sign of life at best. Source: the payloads of Zigbee2MQTT 1 and 2 as its documentation shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.devices.names import NAMES, Meaning, plain
from contracts.devices.reading import (
    Heard,
    LifeSign,
    Said,
    Sign,
    Unread,
    fields_of,
    moment,
    number,
    reading,
    sign_of,
    text_of,
)

GATEWAY: Final = "bridge"
_OWN: Final[Mapping[str, Meaning]] = {
    "contact": Meaning("contact_open", inverted=True),
    "state": Meaning("switch_on"),
    "gas_value": Meaning("gas_lel"),
}
_SILENT: Final = frozenset({
    "last_seen", "update", "update_available", "device_temperature", "power_outage_count", "trigger_count", "self_test",
    "silence", "test",
})  # fmt: skip
"""What says nothing that anybody asks for."""
_COMMANDS: Final = ("set", "get")


@dataclass(frozen=True, slots=True)
class Zigbee2Mqtt:
    """`base` is the topic that Zigbee2MQTT is set up with."""

    base: str = "zigbee2mqtt"

    @property
    def filters(self) -> tuple[str, ...]:
        return (f"{self.base}/#",)

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says. Raises PayloadError."""
        if not heard.topic.startswith(f"{self.base}/"):
            return ()
        name = heard.topic.removeprefix(f"{self.base}/")
        first, *_ = name.split("/")
        if name == f"{GATEWAY}/state":
            return (LifeSign(GATEWAY, _sign(heard.payload), gateway=True),)
        if first == GATEWAY or name.split("/")[-1] in _COMMANDS:
            return ()
        if name.endswith("/availability"):
            return (LifeSign(name.removesuffix("/availability"), _sign(heard.payload)),)
        return tuple(_said(name, fields_of(heard.payload), heard))


def _said(device: str, fields: Mapping[str, Any], heard: Heard) -> Iterator[Said]:
    own = moment(fields.get("last_seen"))
    for name, raw in fields.items():
        value = number(raw)
        meaning = _meaning(name, fields)
        if meaning is not None and value is not None:
            yield reading(device, meaning.metric, meaning.apply(value), heard, own)
        elif raw is not None and name not in _SILENT and not isinstance(raw, dict | list):
            yield Unread(device, name)


def _meaning(name: str, fields: Mapping[str, Any]) -> Meaning | None:
    if name == "voltage" and ("battery" in fields or "battery_low" in fields):
        return Meaning("battery_v", 0.001)
    return _OWN.get(name) or NAMES.get(plain(name))


def _sign(payload: bytes) -> Sign:
    """ "online", "offline", or {"state": "online"}, by its version. Raises PayloadError."""
    text = text_of(payload)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    return sign_of(found.get("state") if isinstance(found, dict) else found)
