"""All devices of the box: what they say becomes samples and events, what they do not say becomes events too.

Called by one thread (edge.devices.reader), message by message and once a second. Knows which device a message is of;
each device at work is in `watched`. Samples are gathered until they are asked for, an alarm is written at once.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.devices.chirpstack import ChirpStack, repeat_key
from contracts.devices.reading import Adapter, Heard, LifeSign, PayloadError, Quality, Reading, Said, Unread
from contracts.event import Event, EventKind, Severity
from contracts.telemetry import Sample
from edge.devices import defaults
from edge.devices.adoption import Adoption
from edge.devices.alarm import Ring, Told, Worse
from edge.devices.life import MISSING, Life, Vital, behind, lives, missed_at
from edge.devices.rule_settings import DeviceRuleSettings
from edge.devices.settings import DeviceSettings, DevicesSettings
from edge.devices.watched import Ruled, Watched
from edge.events import EventBook, Moment, Place
from edge.rules.calendar import Calendar
from edge.rules.command import Close, Command, Open, Update, Why

log = logging.getLogger(__name__)

SILENCE: Final = "silence"
MOST_REPEATS: Final = 1000
MOST_SAID_ONCE: Final = 500
ADOPTED: Final = "adopted"

Look = Callable[[str, datetime, Severity], Moment | None]
"""A picture of a camera at this moment, kept: none when the camera shows nothing."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What asks for the event of a device that is missed."""

    kind: EventKind
    severity: Severity
    id: str = SILENCE
    place: None = None


class Monitor:
    """Owns the devices at work."""

    def __init__(
        self,
        settings: DevicesSettings,
        adapters: Mapping[str, Adapter],
        time_zone: str,
        calendar: Calendar,
        book: EventBook,
        look: Look,
        now: datetime,
        adoption: Adoption | None = None,
        before: Monitor | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._settings = settings
        self._adapters = adapters
        self._time_zone = time_zone
        self._calendar = calendar
        self._opening = settings.opening_hours(time_zone, calendar)
        self._book = book
        self._look = look
        self._adoption = adoption
        self._every = timedelta(seconds=settings.every_s)
        self._devices: dict[str, Watched] = {}
        self._addresses: dict[tuple[str, str], Watched] = {}
        self._samples: list[Sample] = []
        self._repeats: OrderedDict[str, None] = OrderedDict()
        self._said_once: set[str] = set()
        self._deaf_at: datetime | None = None
        self._left = before.at_work(settings) if before else {}
        for device in settings.list:
            self._watch(device.dialect, device.known_as, device, now)
        self._take_in_adopted(now)
        self._left = {}

    def at_work(self, settings: DevicesSettings) -> dict[str, Watched]:
        """The devices that are watched by the same hours under `settings`, by their names."""
        return self._devices if settings.opening == self._settings.opening else {}

    @property
    def filters(self) -> tuple[str, ...]:
        """What to subscribe to."""
        listed = (one for adapter in self._adapters.values() for one in adapter.filters)
        return tuple(dict.fromkeys((*listed, *(self._adoption.filters if self._adoption else ()))))

    def goes_on(self, event: Event) -> bool:
        """Take up an event that was open when the box stopped; whether it is still a device's of today."""
        device = self._devices.get(event.device or "")
        if device is None:
            return False
        if event.rule == SILENCE:
            device.missing = True
            return True
        return device.goes_on(event)

    def hear(self, heard: Heard) -> None:
        """Take in a message."""
        self.counts["messages"] += 1
        try:
            if self._adoption and self._adoption.hear(heard):
                self._take_in_adopted(heard.at)
            for dialect, said in self._said(heard):
                self._take(dialect, said, heard)
        except PayloadError as error:
            self.counts["broken"] += 1
            self._say_once(
                f"{error.code} {heard.topic}", "a device says what cannot be read, on %s: %s", heard.topic, error
            )

    def _said(self, heard: Heard) -> Iterator[tuple[str, Said]]:
        for dialect, adapter in self._adapters.items():
            if isinstance(adapter, ChirpStack) and self._repeated(heard):
                continue
            for said in adapter.read(heard):
                yield dialect, said
        if self._adoption:
            for said in self._adoption.read(heard):
                yield ADOPTED, said

    def _repeated(self, heard: Heard) -> bool:
        """Whether several gateways delivered the same; the first one counts."""
        key = repeat_key(heard) if heard.topic.startswith("application/") else None
        if key is None:
            return False
        if key in self._repeats:
            return True
        self._repeats[key] = None
        if len(self._repeats) > MOST_REPEATS:
            self._repeats.popitem(last=False)
        return False

    def _take(self, dialect: str, said: Said, heard: Heard) -> None:
        device = self._addresses.get((dialect, said.address))
        if device is None:
            self.counts["strange"] += 1
            return
        match said:
            case Reading():
                self._take_reading(device, said, heard)
            case LifeSign():
                device.vital = device.vital.said(said.sign, heard.at)
            case Unread():
                self.counts["unread"] += 1

    def _take_reading(self, device: Watched, reading: Reading, heard: Heard) -> None:
        if reading.quality is Quality.OLD:
            return
        self._heard(device, heard.at)
        if reading.quality is Quality.SUSPECT:
            self.counts["suspect"] += 1
            name = device.settings.id
            self._say_once(
                f"suspect {name} {reading.metric}", "device %s cannot have measured a %s of %s",
                name, reading.metric, reading.value,
            )  # fmt: skip
        samples, told = device.read(reading, heard.at, self._every)
        self._samples += samples
        for ruled, one in told:
            self._tell(device, ruled, one, heard.at)

    def _heard(self, device: Watched, at: datetime) -> None:
        """A device that is heard shows that its gateway lives."""
        seen: set[str] = set()
        while device.settings.id not in seen:
            seen.add(device.settings.id)
            device.vital = device.vital.measured(at)
            above = device.settings.habit.gateway
            device = self._devices.get(above or "", device)

    def tick(self, now: datetime, listening: bool = True) -> None:
        """Time has passed. Without its broker the box hears nothing, and knows nothing of any device."""
        if not listening:
            self._deaf_at = now
        elif self._deaf_at is not None:
            self._hear_again(self._devices.values(), self._deaf_at)
            self._deaf_at = None
        if listening:
            self._look_after(now)
        for device in self._devices.values():
            if not listening:
                self._samples += device.lives(Life.UNKNOWN, now)
            self._samples += device.due(now, self._every)
            for ruled, one in device.pass_time(now):
                self._tell(device, ruled, one, now)

    def _look_after(self, now: datetime) -> None:
        """Find out who lives, and tell of who does not."""
        habits = {name: device.settings.habit for name, device in self._devices.items()}
        known = lives(habits, self._vitals(), now)
        for name, life in known.items():
            device = self._devices[name]
            if device.settings.is_gateway and device.life in MISSING and life is Life.ONLINE:
                self._hear_again((self._devices[one] for one in behind(name, habits)), device.vital.last or now)
        for name, life in lives(habits, self._vitals(), now).items():
            device = self._devices[name]
            self._samples += device.lives(life, now)
            if life in MISSING and not device.missing:
                self._miss(device, life, now, len(behind(name, habits)))
            elif life is Life.ONLINE and device.missing:
                self._found(device, now)

    def _vitals(self) -> dict[str, Vital]:
        return {name: device.vital for name, device in self._devices.items()}

    def _hear_again(self, devices: Iterable[Watched], since: datetime) -> None:
        """What was silent since nobody could hear it has its time to speak."""
        for device in devices:
            device.vital = device.vital.audible(since)

    def take_samples(self) -> list[Sample]:
        """What has been gathered since the last call."""
        samples, self._samples = self._samples, []
        return samples

    def _miss(self, device: Watched, life: Life, now: datetime, children: int) -> None:
        device.missing = True
        habit, vital = device.settings.habit, device.vital
        why: dict[str, float | str] = {}
        if life is Life.STALE:
            silent = (now - (vital.last or vital.since)).total_seconds()
            why = {"silent_s": round(silent, 1), "period_s": habit.period.total_seconds()}
        if device.settings.is_gateway:
            why["children"] = float(children)
        since = min(missed_at(habit, vital), now)
        log.warning("device %s is silent", device.settings.id)
        self._book.carry_out(_silence_of(device), _place(device), Open(0, (), why), Moment(since, now))

    def _found(self, device: Watched, now: datetime) -> None:
        device.missing = False
        log.info("device %s is heard again", device.settings.id)
        self._book.carry_out(_silence_of(device), _place(device), Close("cleared"), Moment(now, now))

    def _tell(self, device: Watched, ruled: Ruled, told: Told, now: datetime) -> None:
        """Have an event say it; the alarm first, the picture after it."""
        command, at = _command(told, device.settings.camera), told.since if isinstance(told, Ring) else now
        event = self._book.carry_out(ruled.settings, _place(device), command, Moment(at, now))
        if isinstance(command, Close):
            log.info("%s of device %s is over", ruled.settings.kind.value, device.settings.id)
            return
        if isinstance(command, Open):
            log.warning("device %s: %s", device.settings.id, ruled.settings.kind.value)
        if device.settings.camera:
            moment = self._look(device.settings.camera, now, ruled.settings.severity)
            if moment is not None and moment.snapshot:
                self._book.add_snapshot(event.id, (), moment)

    def _take_in_adopted(self, now: datetime) -> None:
        """Watch what was adopted, and forget what was taken back."""
        if self._adoption is None:
            return
        adopted = dict(self._adoption.settings())
        for key in [key for key in self._addresses if key[0] == ADOPTED and key[1] not in adopted]:
            del self._devices[self._addresses.pop(key).settings.id]
        for identifier, device in adopted.items():
            known = self._addresses.get((ADOPTED, identifier))
            if known is None or known.settings != device:
                self._watch(ADOPTED, identifier, device, now)

    def _watch(self, dialect: str, address: str, settings: DeviceSettings, now: datetime) -> None:
        before = self._devices.get(settings.id)
        left = self._left.get(settings.id)
        if left and (left.settings, left.site) == (settings, self._settings.site_of(settings)):
            self._devices[settings.id] = self._addresses[dialect, address] = left
            return
        rules = settings.rules_with(opening=self._opening is not None)
        device = Watched(
            settings,
            self._settings.site_of(settings),
            tuple(Ruled(one, one.rule(self._opening, self._time_zone, self._calendar)) for one in self._wanted(rules)),
            before.vital if before else Vital(now),
        )
        self._devices[settings.id] = self._addresses[dialect, address] = device

    def _wanted(self, rules: Iterable[DeviceRuleSettings]) -> Iterator[DeviceRuleSettings]:
        return (rule for rule in rules if rule.when == "always" or self._opening is not None)

    def _say_once(self, key: str, text: str, *values: object) -> None:
        """A warning that would come with every message comes with the first."""
        if key not in self._said_once and len(self._said_once) < MOST_SAID_ONCE:
            self._said_once.add(key)
            log.warning(text, *values)


def _command(told: Told, camera: str | None) -> Command:
    match told:
        case Ring():
            return Open(0, (), _seen_by(camera, told.why))
        case Worse():
            return Update(0, (), _seen_by(camera, told.why))
    return Close(told.reason)


def _seen_by(camera: str | None, why: Why) -> Why:
    return {**why, "camera": camera} if camera else why


def _place(device: Watched) -> Place:
    return Place(device.site, device=device.settings.id)


def _silence_of(device: Watched) -> Silence:
    kind = EventKind.GATEWAY_SILENT if device.settings.is_gateway else EventKind.DEVICE_SILENT
    return Silence(kind, defaults.missed(device.settings.kind))
