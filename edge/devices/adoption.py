"""Devices that announce themselves, taken in: which there are, what each of their topics says, under which ids.

The announcements are kept on disk as they came, so that a broker that forgets them takes no smoke detector away. What
they look like is `contracts.devices.discovery`'s.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contracts.devices import discovery
from contracts.devices.discovery import Entity, Gone
from contracts.devices.reading import Heard, PayloadError, Said
from contracts.status import AdoptedDevice
from edge import broken
from edge.devices.settings import AdoptionSettings, DeviceSettings

log = logging.getLogger(__name__)

MOST_ENTITIES: Final = 12
"""Of a device on average; announcements beyond are not taken in."""

_KINDS: Final = (
    ("smoke", ("smoke",)),
    ("gas", ("gas", "gas_lel")),
    ("heat", ("heat",)),
    ("air", ("co_alarm", "co_ppm", "co2_ppm", "pm25")),
    ("water", ("water_leak", "water_cm")),
    ("door", ("contact_open",)),
    ("ups", ("power.mains", "ups.on_battery", "ups_pct")),
    ("plug", ("switch_on",)),
    ("meter", ("current_a", "power_w", "energy_kwh")),
    ("heat", ("temperature",)),
)
"""What a device is by what it measures; the first that fits."""

EVER: Final = datetime.fromtimestamp(0, UTC)
_OTHER: Final = "sensor"
_FOREIGN: Final = re.compile(r"[^a-z0-9]+")


class Adoption:
    """Owns the announcements. `taken` says whether a topic is read already, of a device that is listed."""

    def __init__(self, settings: AdoptionSettings, site: str, file: Path, taken: Callable[[str], bool]) -> None:
        self._settings = settings
        self._site = site
        self._file = file
        self._taken = taken
        self._announced: dict[str, bytes] = {}
        self._entities: dict[str, Entity] = {}
        self._by_topic: dict[str, list[Entity]] = {}
        self._full = False
        self._remember()

    @property
    def filters(self) -> tuple[str, ...]:
        """The announcements, and what the adopted speak under."""
        prefix = self._settings.prefix
        return (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config", *sorted(self._by_topic))

    def hear(self, heard: Heard) -> bool:
        """Take in an announcement; whether the devices are others then. Raises PayloadError."""
        if not heard.topic.startswith(f"{self._settings.prefix}/") or self._announced.get(heard.topic) == heard.payload:
            return False
        if not self._take(heard):
            return False
        if heard.payload:
            self._announced[heard.topic] = heard.payload
        else:
            self._announced.pop(heard.topic, None)
        self._index()
        self._keep()
        return True

    def read(self, heard: Heard) -> Iterator[Said]:
        """What a message says under the topics of the adopted. Raises PayloadError."""
        for entity in self._by_topic.get(heard.topic, ()):
            yield from entity.read(heard)

    def devices(self) -> tuple[AdoptedDevice, ...]:
        """All that were taken in."""
        by_device: dict[str, list[Entity]] = defaultdict(list)
        for _, entity in sorted(self._entities.items()):
            by_device[entity.device].append(entity)
        return tuple(self._device(identifier, entities) for identifier, entities in sorted(by_device.items()))

    def settings(self) -> tuple[tuple[str, DeviceSettings], ...]:
        """The same as if somebody had listed them, each by the name under which it is read."""
        return tuple(
            (identifier, self._listed(id_of(identifier), kind_of(self._metrics(identifier))))
            for identifier in sorted({entity.device for entity in self._entities.values()})
        )

    def _listed(self, id_: str, kind: str) -> DeviceSettings:
        given = self._settings
        return DeviceSettings(id=id_, kind=kind, site=self._site, gateway=given.gateway, period_s=given.period_s)

    def _device(self, identifier: str, entities: Sequence[Entity]) -> AdoptedDevice:
        metrics = self._metrics(identifier)
        first = entities[0]
        return AdoptedDevice(
            id=id_of(identifier),
            name=(first.device_name.strip() or identifier)[:80],
            site=self._site,
            kind=kind_of(metrics),
            gateway=self._settings.gateway,
            model=first.model[:120],
            metrics=metrics[:40],
        )

    def _metrics(self, identifier: str) -> tuple[str, ...]:
        mine = (entity for entity in self._entities.values() if entity.device == identifier and entity.meaning)
        return tuple(sorted({entity.meaning.metric for entity in mine if entity.meaning}))

    def _take(self, heard: Heard) -> bool:
        """Whether something is another than before."""
        found = discovery.read(heard, self._settings.prefix)
        if isinstance(found, Gone):
            return self._entities.pop(found.key, None) is not None
        if found is None or found.meaning is None or self._taken(found.topic) or not self._has_room(found):
            return False
        self._entities[found.key] = found
        return True

    def _has_room(self, entity: Entity) -> bool:
        most = self._settings.most
        devices = {one.device for one in self._entities.values()} | {entity.device}
        room = len(devices) <= most and (entity.key in self._entities or len(self._entities) < most * MOST_ENTITIES)
        if not room and not self._full:
            self._full = True
            log.error("more than %d devices announce themselves; the others are not taken in", most)
        return room

    def _index(self) -> None:
        found: dict[str, list[Entity]] = defaultdict(list)
        for entity in self._entities.values():
            found[entity.topic].append(entity)
        self._by_topic = dict(found)

    def _remember(self) -> None:
        """Read what was announced before the box stopped; a damaged file is announced anew by the broker."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            heard = [Heard(str(topic), str(text).encode(), EVER) for topic, text in kept.items()]
        except FileNotFoundError:
            return
        except OSError as error:
            log.error("the announcements of devices in %s cannot be read: %s", self._file, error)
            return
        except (ValueError, AttributeError, RecursionError) as error:
            broken.set_aside(self._file.parent, "devices", [self._file], f"devices announce themselves anew: {error}")
            return
        for one in heard:
            try:
                if self._take(one):
                    self._announced[one.topic] = one.payload
            except PayloadError:
                continue
        self._index()

    def _keep(self) -> None:
        """Replace the file at once, or leave the old one."""
        draft = self._file.with_name(self._file.name + ".new")
        text = json.dumps(
            {topic: payload.decode(errors="replace") for topic, payload in self._announced.items()}, ensure_ascii=False
        )
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
        except OSError as error:
            log.error("the announcements of devices cannot be kept in %s: %s", self._file, error.strerror)


def id_of(identifier: str) -> str:
    """A name for the wire, always the same for the same device, and another for any other one."""
    plain = _FOREIGN.sub("-", identifier.lower()).strip("-")[:33].strip("-")
    tail = hashlib.sha256(identifier.encode()).hexdigest()[:6]
    return f"{plain}-{tail}" if plain else tail


def kind_of(metrics: Sequence[str]) -> str:
    """What a device is, by what it measures."""
    return next((kind for kind, signs in _KINDS if any(sign in metrics for sign in signs)), _OTHER)
