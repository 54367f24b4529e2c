"""A street of stalls for the tests of payability: its evidence at a moment, and looks that follow each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from contracts.incident import RECOVERED, IncidentState, Recover, Relapse
from ingest.incidents.commands import Blame, Command, Hide, Move, Open, Put, Show
from ingest.payments.evidence import ALIVE, Box, Device, Point, Site, Ward, Word
from ingest.payments.incidents import Place, Scene, orders
from ingest.payments.settings import PayabilitySettings
from ingest.payments.told import Begin, Change, End, Span, Told, Widen, follow
from ingest.payments.verdict import Look, verdicts
from storage.correlation import Known
from tests.support.samples import NOON

SETTINGS = PayabilitySettings()
SITE = "cho-an-luu"
BOX = "an-luu-1"
TEN = time(10)


def word(value: float, at: datetime = NOON) -> Word:
    return Word(value, at)


def stall(name: str, soundbox: float | None = ALIVE, plug: float | None = ALIVE, *, at: datetime = NOON) -> Point:
    """A stall with a soundbox and a plug; None is a device that says nothing."""
    devices = [Device(f"{name}-loa", "soundbox", word(soundbox, at) if soundbox is not None else None)]
    devices.append(Device(f"{name}-o-cam", "plug", word(plug, at) if plug is not None else None))
    return Point(name, SITE, devices)


def ward(
    *points: Point,
    mains: float | None = None,
    internet: float | None = 1,
    at: datetime = NOON,
    notices: Mapping[str, datetime] | None = None,
    banks: Mapping[str, float] | None = None,
    boxes: Mapping[str, Box] | None = None,
) -> Ward:
    """A market of these points with one box, whose sensor says `mains` and whose probe says `internet`."""
    said = {bank: word(value, at) for bank, value in (banks or {}).items()}
    box = Box(BOX, None, word(internet, at) if internet is not None else None, said)
    site = Site(SITE, [BOX], [word(mains, at)] if mains is not None else [])
    return Ward(points, {SITE: site}, boxes or {BOX: box}, notices or {})


def look(at: datetime = NOON, clock: time = TEN) -> Look:
    return Look(at, clock, SETTINGS)


@dataclass
class Street:
    """Looks that follow each other: what is told, all outages ever, and incidents as the database would hold them."""

    settings: PayabilitySettings = SETTINGS
    told: dict[str, Told] = field(default_factory=dict)
    spans: list[tuple[str, str, str, datetime, datetime | None]] = field(default_factory=list)
    incidents: dict[UUID, Known] = field(default_factory=dict)
    last: datetime | None = None
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def look(self, found: Ward, at: datetime, clock: time = TEN) -> list[Command]:
        said = verdicts(found, self.told, Look(at, clock, self.settings))
        after: dict[str, Told] = {}
        for point in found.points:
            after[point.id], changes = follow(
                point.id, self.told.get(point.id), said[point.id], Span(self.last, at), self.settings
            )
            for change in sorted(changes, key=lambda one: isinstance(one, Begin)):
                self._apply(change)
        self.told, self.last = after, at
        places = {point.id: place_of(point, found) for point in found.points}
        known = list(self.incidents.values())
        ordered = orders(Scene(after, places, known), at, self.settings, lambda: UUID(int=next(self.ids)))
        for command in ordered:
            self._perform(command, at)
        return ordered

    def looks(self, found: Ward, start: datetime, seconds: int, step: int = 10) -> list[Command]:
        """The same evidence again and again, measured anew each time."""
        ordered: list[Command] = []
        for passed in range(0, seconds + 1, step):
            at = start + timedelta(seconds=passed)
            ordered += self.look(measured_at(found, at), at)
        return ordered

    def open_incidents(self) -> list[Known]:
        """Those that stand in the lane."""
        return [one for one in self.incidents.values() if one.ended_at is None and one.under is None]

    def lasting(self) -> list[tuple[str, str, str]]:
        return [(point, cause, place) for point, cause, place, _, ended in self.spans if ended is None]

    def _apply(self, change: Change) -> None:
        open_ones = [number for number, span in enumerate(self.spans) if span[0] == change.point and span[4] is None]
        match change:
            case Begin(point, cause, place, at):
                assert not open_ones, "a point has one outage at a time"
                self.spans.append((point, cause, place, at, None))
            case End(_, at):
                (number,) = open_ones
                point, cause, place, began, _ = self.spans[number]
                assert at >= began
                self.spans[number] = (point, cause, place, began, at)
            case Widen(_, cause, place):
                (number,) = open_ones
                self.spans[number] = (change.point, cause, place, self.spans[number][3], None)

    def _perform(self, command: Command, at: datetime) -> None:
        new = IncidentState.NEW.value
        match command:
            case Open(incident):
                self.incidents[incident.id] = incident
            case Hide(id_, under):
                self.incidents[id_] = replace(self.incidents[id_], under=under)
            case Show(id_):
                self.incidents[id_] = replace(self.incidents[id_], under=None)
            case Move(id_, Recover()):
                ended = {"state": IncidentState.RESOLVED.value, "reason": RECOVERED, "ended_at": at, "under": None}
                self.incidents[id_] = replace(self.incidents[id_], **ended)  # type: ignore[arg-type]
            case Move(id_, Relapse()):
                self.incidents[id_] = replace(self.incidents[id_], state=new, reason=None, ended_at=None)
            case Put() | Blame():
                raise AssertionError("no event is a part of these incidents")


def place_of(point: Point, found: Ward) -> Place:
    boxes = frozenset(found.sites[point.site].boxes)
    return Place(point.site, boxes, frozenset(device.id for device in point.devices), point.banks)


def measured_at(found: Ward, at: datetime) -> Ward:
    """The same words, said at `at`."""

    def again(said: Word | None) -> Word | None:
        return Word(said.value, at) if said else None

    def spoken(said: Sequence[Word]) -> list[Word]:
        return [Word(one.value, at) for one in said]

    return Ward(
        points=[
            replace(point, devices=[replace(device, life=again(device.life)) for device in point.devices])
            for point in found.points
        ],
        sites={name: replace(site, mains=spoken(site.mains)) for name, site in found.sites.items()},
        boxes={
            name: replace(
                box,
                dns=again(box.dns),
                internet=again(box.internet),
                banks={bank: Word(said.value, at) for bank, said in box.banks.items()},
            )
            for name, box in found.boxes.items()
        },
        notices=found.notices,
    )
