"""Puts together what reads devices: the adapters, the monitor, the line to the local broker, the cameras that look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.event import Event, Severity
from contracts.status import AdoptedDevice
from edge.centre.outbox import Outbox
from edge.config import EdgeSettings
from edge.devices.adoption import Adoption
from edge.devices.monitor import Monitor
from edge.devices.reader import Reader
from edge.devices.settings import DevicesSettings
from edge.events import EventBook, Moment
from edge.footage.evidence import pictured
from edge.footage.media import MediaStore
from edge.footage.newest import Newest


@dataclass(frozen=True, slots=True)
class Devices:
    """The parts of a box that reads devices."""

    monitor: Monitor
    reader: Reader
    adoption: Adoption | None

    def goes_on(self, event: Event) -> bool:
        return self.monitor.goes_on(event)

    def adopted(self) -> tuple[AdoptedDevice, ...]:
        """What announced itself and was taken in."""
        return self.adoption.devices() if self.adoption else ()


def devices_of(
    settings: EdgeSettings,
    given: DevicesSettings,
    outbox: Outbox,
    book: EventBook,
    media: MediaStore,
    newest: Mapping[str, Newest],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    before: Devices | None = None,
) -> Devices:
    """`newest` holds the newest picture of each camera that looks at a device. What `before` read in the same way goes
    on as it stood.
    """
    adapters = given.adapters(settings.ward, settings.time_zone)
    adoption = None
    if given.adopt:
        site = given.adopt.site or given.site
        assert site is not None  # the settings say so
        adoption = Adoption(given.adopt, site, settings.data_dir / "devices.json", _taken(given))

    def look(camera: str, at: datetime, severity: Severity) -> Moment | None:
        held = newest.get(camera)
        seen = held.look(at) if held else None
        return pictured(media, seen.picture, seen.captured_at, (), severity) if seen else None

    left = before.monitor if before else None
    monitor = Monitor(given, adapters, settings.time_zone, settings.calendar, book, look, now(), adoption, left)
    return Devices(monitor, Reader(given.broker, settings.box, monitor, outbox, now), adoption)


def _taken(given: DevicesSettings) -> Callable[[str], bool]:
    """Whether a topic is one under which a listed device speaks."""
    exact, beginnings = set[str](), list[str]()
    for device in given.list:
        address = device.known_as
        match device.dialect:
            case "zigbee2mqtt":
                exact.add(f"{given.zigbee2mqtt.base}/{address}")
            case "tasmota":
                beginnings.append(given.tasmota.full_topic.replace("%prefix%", "tele").replace("%topic%", address))
            case "esphome":
                beginnings.append(f"{address}/")
    return lambda topic: topic in exact or topic.startswith(tuple(beginnings))
