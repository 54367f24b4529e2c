"""ChirpStack v4, LoRaWAN: `application/<id>/device/<devEui>/event/<what>` as JSON.

Traps: `object` is there only when the device's profile has a codec; several gateways, or an integration set up twice,
deliver one uplink more than once (`deduplicationId`); times have nanoseconds; a battery level of 255 or -1 is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts.devices.names import NAMES, plain
from contracts.devices.reading import (
    Heard,
    LifeSign,
    PayloadError,
    Said,
    Sign,
    Unread,
    fields_of,
    moment,
    number,
    reading,
)

_TOPIC: Final = re.compile(r"^application/[^/]+/device/(?P<eui>[0-9a-fA-F]{16})/event/(?P<what>[a-z]+)$")
_DEPTH: Final = 3


@dataclass(frozen=True, slots=True)
class ChirpStack:
    """Addresses are device EUIs in small letters."""

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(f"application/+/device/+/event/{what}" for what in ("up", "status", "join"))

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says. Raises PayloadError, also `no_codec` for an uplink that nobody decoded."""
        found = _TOPIC.match(heard.topic)
        if found is None:
            return ()
        eui, fields = found["eui"].lower(), fields_of(heard.payload)
        own = moment(fields.get("time"))
        match found["what"]:
            case "up":
                return tuple(_uplink(eui, fields, heard, own))
            case "status":
                return tuple(_status(eui, fields, heard, own))
            case "join":
                return (LifeSign(eui, Sign.ONLINE),)
        return ()


def repeat_key(heard: Heard) -> str | None:
    """What tells one uplink from another: a second message of the same key is the same uplink. Never raises."""
    try:
        key = fields_of(heard.payload).get("deduplicationId")
    except PayloadError:
        return None
    return key if isinstance(key, str) else None


def _uplink(eui: str, fields: Mapping[str, Any], heard: Heard, own: datetime | None) -> Iterator[Said]:
    decoded = fields.get("object")
    if not isinstance(decoded, dict):
        if fields.get("data"):
            raise PayloadError("no_codec")
        decoded = {}
    yield LifeSign(eui, Sign.ONLINE)
    yield from _values(eui, decoded, heard, own, _DEPTH)
    yield from _signal(eui, fields.get("rxInfo"), heard, own)


def _values(eui: str, part: Mapping[str, Any], heard: Heard, own: datetime | None, depth: int) -> Iterator[Said]:
    for name, raw in part.items():
        if isinstance(raw, dict) and depth > 1:
            yield from _values(eui, raw, heard, own, depth - 1)
            continue
        meaning, value = NAMES.get(plain(name)), number(raw)
        if meaning is None or value is None:
            yield Unread(eui, name)
        else:
            yield reading(eui, meaning.metric, meaning.apply(value), heard, own)


def _signal(eui: str, gateways: object, heard: Heard, own: datetime | None) -> Iterator[Said]:
    """The best of the gateways that heard it."""
    found = [one for one in gateways if isinstance(one, dict)] if isinstance(gateways, list) else []
    for name, metric in (("rssi", "link.rssi"), ("snr", "link.snr")):
        values = [value for one in found if (value := number(one.get(name))) is not None]
        if values:
            yield reading(eui, metric, max(values), heard, own)


def _status(eui: str, fields: Mapping[str, Any], heard: Heard, own: datetime | None) -> Iterator[Said]:
    yield LifeSign(eui, Sign.ONLINE)
    level = number(fields.get("batteryLevel"))
    if level is None or fields.get("batteryLevelUnavailable") or not 0 <= level <= 100:
        return
    if not fields.get("externalPowerSource"):
        yield reading(eui, "battery_pct", level, heard, own)
