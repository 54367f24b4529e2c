"""Home Assistant's discovery messages: how Zigbee2MQTT, Tasmota, ESPHome and others announce what they measure.

Only read, to adopt devices from. `value_template` is a program in Jinja and is never run: the few forms that nearly all
devices use are understood as a path into the JSON, and an entity with any other is told as one that cannot be read.
An empty message takes an entity back. Source: MQTT discovery in Home Assistant's documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.devices.names import FAHRENHEIT, Meaning
from contracts.devices.reading import (
    Heard,
    PayloadError,
    Said,
    Unread,
    fields_of,
    number,
    reading,
    text_of,
)

_TOPIC: Final = re.compile(r"^(?P<component>[a-z_]+)/(?:(?P<node>[^/]+)/)?(?P<object>[^/]+)/config$")
_COMPONENTS: Final = frozenset({"sensor", "binary_sensor"})
_SHORT: Final = {
    "avty": "availability", "avty_t": "availability_topic", "dev": "device", "dev_cla": "device_class",
    "ids": "identifiers", "mdl": "model", "mf": "manufacturer", "pl_off": "payload_off", "pl_on": "payload_on",
    "stat_t": "state_topic", "t": "topic", "uniq_id": "unique_id", "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}  # fmt: skip
"""Home Assistant's abbreviations of what is read here."""
_STEP: Final = r"(?:\.[A-Za-z_][A-Za-z0-9_]*|\[ ?(?:'[^'\]]{1,64}'|\"[^\"\]]{1,64}\"|[0-9]{1,3}) ?\])"
_TEMPLATE: Final = re.compile(
    rf"^\{{\{{-? *(?P<root>value|value_json)(?P<path>{_STEP}{{0,6}}) *(?:\| *(?:float|int|round|lower|upper)"
    r"(?:\([0-9 ,.]*\))? *){0,3}-?\}\}$"
)
_PART: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[ ?(?:'([^']*)'|\"([^\"]*)\"|([0-9]+)) ?\]")
_CLASSES: Final[Mapping[tuple[str, str], Mapping[str, Meaning]]] = {
    # (component, device class): by unit
    ("sensor", "temperature"): {"°C": Meaning("temperature"), "°F": FAHRENHEIT},
    ("sensor", "humidity"): {"%": Meaning("humidity")},
    ("sensor", "power"): {"W": Meaning("power_w"), "kW": Meaning("power_w", 1000)},
    ("sensor", "voltage"): {"V": Meaning("voltage_v"), "mV": Meaning("battery_v", 0.001)},
    ("sensor", "current"): {"A": Meaning("current_a"), "mA": Meaning("current_a", 0.001)},
    ("sensor", "power_factor"): {"": Meaning("power_factor"), "%": Meaning("power_factor", 0.01)},
    ("sensor", "energy"): {"kWh": Meaning("energy_kwh"), "Wh": Meaning("energy_kwh", 0.001)},
    ("sensor", "carbon_monoxide"): {"ppm": Meaning("co_ppm")},
    ("sensor", "carbon_dioxide"): {"ppm": Meaning("co2_ppm")},
    ("sensor", "pm25"): {"µg/m³": Meaning("pm25")},
    ("sensor", "illuminance"): {"lx": Meaning("illuminance")},
    ("sensor", "battery"): {"%": Meaning("battery_pct")},
    ("sensor", "signal_strength"): {"dBm": Meaning("link.rssi")},
    ("sensor", "distance"): {"cm": Meaning("water_cm"), "m": Meaning("water_cm", 100), "mm": Meaning("water_cm", 0.1)},
    ("binary_sensor", "smoke"): {"": Meaning("smoke")},
    ("binary_sensor", "gas"): {"": Meaning("gas")},
    ("binary_sensor", "heat"): {"": Meaning("heat")},
    ("binary_sensor", "carbon_monoxide"): {"": Meaning("co_alarm")},
    ("binary_sensor", "moisture"): {"": Meaning("water_leak")},
    ("binary_sensor", "motion"): {"": Meaning("motion")},
    ("binary_sensor", "occupancy"): {"": Meaning("motion")},
    ("binary_sensor", "door"): {"": Meaning("contact_open")},
    ("binary_sensor", "opening"): {"": Meaning("contact_open")},
    ("binary_sensor", "window"): {"": Meaning("contact_open")},
    ("binary_sensor", "vibration"): {"": Meaning("vibration")},
    ("binary_sensor", "tamper"): {"": Meaning("tamper")},
    ("binary_sensor", "battery"): {"": Meaning("battery_low")},
    ("binary_sensor", "plug"): {"": Meaning("power.mains")},
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One quantity of a device, as it announced itself. `device` is the first of its identifiers.

    `why_not` says why it cannot be read, and is none of an entity that can: `no_class`, `unit` or `template`.
    """

    key: str
    device: str
    device_name: str
    model: str
    topic: str
    path: tuple[str | int, ...] = ()
    meaning: Meaning | None = None
    payload_on: str = "ON"
    payload_off: str = "OFF"
    why_not: str | None = None

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message on its topic says; nothing when the quantity is not in it. Raises PayloadError."""
        if self.meaning is None:
            return ()
        raw = self._raw(heard.payload)
        if raw is None:
            return ()
        value = self._number(raw)
        if value is None:
            return (Unread(self.device, self.key),)
        return (reading(self.device, self.meaning.metric, self.meaning.apply(value), heard),)

    def _raw(self, payload: bytes) -> object:
        text = text_of(payload)
        if not self.path:
            return text
        try:
            found = json.loads(text)
            for step in self.path:
                found = found[step]
        except (ValueError, RecursionError):
            raise PayloadError("not_json") from None
        except (KeyError, IndexError, TypeError):
            return None
        return found

    def _number(self, raw: object) -> float | None:
        for payload, value in ((self.payload_on, 1.0), (self.payload_off, 0.0)):
            if str(raw) == payload or str(raw).lower() == payload.lower():
                return value
        return number(raw)


@dataclass(frozen=True, slots=True)
class Gone:
    """An entity that was taken back."""

    key: str


def read(heard: Heard, prefix: str = "homeassistant") -> Entity | Gone | None:
    """The entity that a message announces or takes back; none for what announces no sensor. Raises PayloadError."""
    if not heard.topic.startswith(f"{prefix}/"):
        return None
    found = _TOPIC.match(heard.topic.removeprefix(f"{prefix}/"))
    if found is None:
        return None
    key = heard.topic.removeprefix(f"{prefix}/").removesuffix("/config")
    if not heard.payload:
        return Gone(key)
    if found["component"] not in _COMPONENTS:
        return None
    return _entity(key, found["component"], _long(fields_of(heard.payload)))


def _long(fields: Mapping[str, Any]) -> dict[str, Any]:
    """With the abbreviations written out, and `~` filled in."""
    base = fields.get("~")
    long: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict) and name in ("dev", "device"):
            value = {_SHORT.get(inner, inner): one for inner, one in value.items()}
        if isinstance(base, str) and isinstance(value, str) and name != "~":
            value = base + value[1:] if value.startswith("~") else value[:-1] + base if value.endswith("~") else value
        long[_SHORT.get(name, name)] = value
    return long


def _entity(key: str, component: str, fields: Mapping[str, Any]) -> Entity:
    topic = fields.get("state_topic")
    if not isinstance(topic, str) or not topic or "+" in topic or "#" in topic:
        raise PayloadError("no_state_topic")
    raw = fields.get("device")
    device = raw if isinstance(raw, dict) else {}
    path, why_not = _path(fields.get("value_template"))
    meaning, why = _meaning(component, fields)
    return Entity(
        key=key,
        device=_identifier(device, key),
        device_name=_word(device.get("name")),
        model=" ".join(filter(None, (_word(device.get("manufacturer")), _word(device.get("model"))))),
        topic=topic,
        path=path,
        meaning=None if why_not else meaning,
        payload_on=_word(fields.get("payload_on"), "ON"),
        payload_off=_word(fields.get("payload_off"), "OFF"),
        why_not=why_not or why,
    )


def _identifier(device: Mapping[str, Any], key: str) -> str:
    given = device.get("identifiers")
    first = given[0] if isinstance(given, list) and given else given
    return _word(first) or key


def _word(value: object, default: str = "") -> str:
    """A text of at most 120 characters; Zigbee2MQTT announces `true` and `false` as payloads."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:120] if isinstance(value, str | int | float) else default


def _meaning(component: str, fields: Mapping[str, Any]) -> tuple[Meaning | None, str | None]:
    units = _CLASSES.get((component, _word(fields.get("device_class"))))
    if units is None:
        return None, "no_class"
    unit = _word(fields.get("unit_of_measurement")).replace("μ", "µ")
    meaning = units.get(unit)
    return (meaning, None) if meaning else (None, "unit")


def _path(template: object) -> tuple[tuple[str | int, ...], str | None]:
    """The path that a template takes into the JSON; none of it for the plain payload."""
    if template is None:
        return (), None
    found = _TEMPLATE.match(template.strip()) if isinstance(template, str) and len(template) <= 400 else None
    if found is None or (found["root"] == "value") != (found["path"] == ""):
        return (), "template"
    steps = [
        int(index) if index else attribute or single or double
        for attribute, single, double, index in _PART.findall(found["path"])
    ]
    return tuple(steps), None
