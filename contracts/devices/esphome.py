"""ESPHome: one plain scalar a message, `<prefix>/<domain>/<object>/state`; birth and will under `<prefix>/status`.

Traps: no JSON, no time, no unit. What an object measures is told by its name, or by the settings where its name is the
owner's own. A device set up with the native API on and no client restarts every 15 minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from contracts.devices.names import NAMES, Meaning, plain
from contracts.devices.reading import Heard, LifeSign, Said, Unread, number, reading, sign_of, text_of

_DOMAINS: Final = frozenset({"sensor", "binary_sensor", "switch"})
_NOTHING: Final = frozenset({"", "nan", "unknown", "unavailable", "none"})


@dataclass(frozen=True, slots=True)
class EspHome:
    """`prefixes` are the devices' own topic prefixes; `objects` says which metric an object of an own name is."""

    prefixes: tuple[str, ...]
    objects: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(f"{prefix}/{rest}" for prefix in self.prefixes for rest in ("status", "+/+/state"))

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says. Raises PayloadError."""
        prefix = next((one for one in self.prefixes if heard.topic.startswith(f"{one}/")), None)
        if prefix is None:
            return ()
        rest = heard.topic.removeprefix(f"{prefix}/").split("/")
        if rest == ["status"]:
            return (LifeSign(prefix, sign_of(text_of(heard.payload))),)
        if len(rest) != 3 or rest[0] not in _DOMAINS or rest[2] != "state":
            return ()
        return self._state(prefix, rest[0], rest[1], heard)

    def _state(self, prefix: str, domain: str, name: str, heard: Heard) -> tuple[Said, ...]:
        text = text_of(heard.payload)
        if text.strip().lower() in _NOTHING:
            return ()
        meaning = self._meaning(domain, name)
        value = number(text)
        if meaning is None or value is None:
            return (Unread(prefix, name),)
        return (reading(prefix, meaning.metric, meaning.apply(value), heard),)

    def _meaning(self, domain: str, name: str) -> Meaning | None:
        if name in self.objects:
            return Meaning(self.objects[name])
        if domain == "switch":
            return Meaning("switch_on")
        words = plain(name).split("_")
        tails = ("_".join(words[start:]) for start in range(len(words)))
        return next((NAMES[tail] for tail in tails if tail in NAMES), None)
