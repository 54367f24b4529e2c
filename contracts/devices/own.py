"""Phố An's own shape, for devices that are made for it: `phoan/1/{ward}/dev/{device}/tele` and `state`.

`tele`: {"ts": "2026-11-22T02:00:00Z", "m": {"temperature": 31.2}}; `state`, retained, and as the last will:
{"s": "ready" | "alert" | "sleeping" | "disconnected" | "lost"}. A time is ISO 8601 with its zone, or left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contracts.devices.metric import METRICS
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
from contracts.ids import SLUG_PATTERN
from contracts.topics import ROOT

_SLUG: Final = re.compile(SLUG_PATTERN)
_SIGNS: Final = {
    "ready": Sign.ONLINE,
    "alert": Sign.ONLINE,
    "sleeping": Sign.SLEEPING,
    "disconnected": Sign.OFFLINE,
    "lost": Sign.OFFLINE,
}


@dataclass(frozen=True, slots=True)
class OwnShape:
    """Devices of one ward. Addresses are the device ids in the topics."""

    ward: str

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(f"{ROOT}/{self.ward}/dev/+/{word}" for word in ("state", "tele"))

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says. Raises PayloadError."""
        mine = f"{ROOT}/{self.ward}/dev/"
        rest = heard.topic.removeprefix(mine).split("/")
        if not heard.topic.startswith(mine) or len(rest) != 2 or not _SLUG.match(rest[0]):
            return ()
        device, word = rest
        if word == "state":
            return (LifeSign(device, _sign(heard.payload)),)
        return tuple(_telemetry(device, heard)) if word == "tele" else ()


def _sign(payload: bytes) -> Sign:
    word = fields_of(payload).get("s")
    if not isinstance(word, str) or word not in _SIGNS:
        raise PayloadError("not_a_sign")
    return _SIGNS[word]


def _telemetry(device: str, heard: Heard) -> Iterator[Said]:
    fields = fields_of(heard.payload)
    values = fields.get("m")
    if not isinstance(values, dict):
        raise PayloadError("no_metrics")
    own = moment(fields.get("ts"))
    if fields.get("ts") is not None and own is None:
        raise PayloadError("not_a_time")
    for name, raw in values.items():
        value = number(raw)
        if name not in METRICS or value is None:
            yield Unread(device, name)
        else:
            yield reading(device, name, value, heard, own)
