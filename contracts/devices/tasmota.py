"""Tasmota: `tele/<device>/SENSOR` and `STATE` as JSON, `tele/<device>/LWT` as a word.

Traps: `Time` has no zone and is 1970 until the device has found a clock; the order of prefix and device is a setting of
each device (`FullTopic`); temperatures may be in Fahrenheit (`TempUnit`); meters of several phases send lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from contracts.devices.names import FAHRENHEIT, NAMES, Meaning, plain
from contracts.devices.reading import (
    Heard,
    LifeSign,
    Said,
    Unread,
    fields_of,
    number,
    reading,
    sign_of,
    text_of,
)

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_METER: Final[Mapping[str, Meaning]] = {
    "Power": Meaning("power_w"),
    "Voltage": Meaning("voltage_v"),
    "Current": Meaning("current_a"),
    "Factor": Meaning("power_factor"),
    "Total": Meaning("energy_kwh"),
}
_SUMMED: Final = frozenset({"power_w", "current_a", "energy_kwh"})
"""What the phases of a meter add up to; of the others the first counts."""
_METER_SILENT: Final = frozenset({
    "TotalStartTime", "Yesterday", "Today", "Period", "ApparentPower", "ReactivePower", "Frequency",
})  # fmt: skip
_SWITCH: Final = re.compile(r"^(POWER|Switch)[0-9]*$")
_SILENT: Final = frozenset({
    "Time", "Uptime", "UptimeSec", "Heap", "SleepMode", "Sleep", "LoadAvg", "MqttCount", "Vcc", "TempUnit", "Berry",
    "PressureUnit", "SpeedUnit", "Id", "DewPoint", "Pressure", "SeaPressure", "Hostname", "IPAddress",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tasmota:
    """`full_topic` as in Tasmota's own setting of that name; `zone` is that of the devices' clocks."""

    full_topic: str = "%prefix%/%topic%/"
    zone: tzinfo = VIETNAM

    @property
    def filters(self) -> tuple[str, ...]:
        prefix = self.full_topic.replace("%prefix%", "tele").replace("%topic%", "+")
        return tuple(f"{prefix}{word}" for word in ("SENSOR", "STATE", "LWT"))

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says. Raises PayloadError."""
        found = self._pattern().match(heard.topic)
        if found is None:
            return ()
        device, word = found["topic"], found["word"]
        if word == "LWT":
            return (LifeSign(device, sign_of(text_of(heard.payload))),)
        fields = fields_of(heard.payload)
        own = self._own_time(fields.get("Time"))
        return tuple(_sensor(device, fields, heard, own) if word == "SENSOR" else _state(device, fields, heard, own))

    def _pattern(self) -> re.Pattern[str]:
        pattern = re.escape(self.full_topic).replace("%prefix%", "tele").replace("%topic%", "(?P<topic>[^/]+)")
        return re.compile(rf"^{pattern}(?P<word>SENSOR|STATE|LWT)$")

    def _own_time(self, value: object) -> datetime | None:
        if not isinstance(value, str):
            return None
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=self.zone)


def _sensor(device: str, fields: Mapping[str, Any], heard: Heard, own: datetime | None) -> Iterator[Said]:
    fahrenheit = fields.get("TempUnit") == "F"
    for name, part in fields.items():
        if name == "ENERGY" and isinstance(part, dict):
            yield from _meter(device, part, heard, own)
        elif isinstance(part, dict):
            for inner, raw in part.items():
                yield from _one(device, inner, raw, heard, own, fahrenheit=fahrenheit)
        else:
            yield from _one(device, name, part, heard, own, fahrenheit=fahrenheit)


def _meter(device: str, part: Mapping[str, Any], heard: Heard, own: datetime | None) -> Iterator[Said]:
    for name, raw in part.items():
        meaning = _METER.get(name)
        phases = [number(one) for one in (raw if isinstance(raw, list) else [raw])]
        values = [value for value in phases if value is not None]
        if meaning is not None and values:
            value = sum(values) if meaning.metric in _SUMMED else values[0]
            yield reading(device, meaning.metric, value, heard, own)
        elif name not in _METER_SILENT:
            yield Unread(device, f"ENERGY.{name}")


def _state(device: str, fields: Mapping[str, Any], heard: Heard, own: datetime | None) -> Iterator[Said]:
    for name, raw in fields.items():
        if _SWITCH.match(name):
            yield from _one(device, name, raw, heard, own)
        elif name == "Wifi" and isinstance(raw, dict) and (signal := number(raw.get("Signal"))) is not None:
            yield reading(device, "link.rssi", signal, heard, own)


def _one(
    device: str, name: str, raw: object, heard: Heard, own: datetime | None, *, fahrenheit: bool = False
) -> Iterator[Said]:
    if name in _SILENT or isinstance(raw, dict | list) or raw is None:
        return
    meaning = Meaning("switch_on") if _SWITCH.match(name) else NAMES.get(plain(name))
    if meaning is not None and meaning.metric == "temperature" and fahrenheit:
        meaning = FAHRENHEIT
    value = number(raw)
    if meaning is None or value is None:
        yield Unread(device, name)
    else:
        yield reading(device, meaning.metric, meaning.apply(value), heard, own)
