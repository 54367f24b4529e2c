"""Reads what a look at a ward begins with: its points and devices, the newest measurements, what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from contracts import banks
from ingest.payments.evidence import Box, Device, Point, Site, Ward, Word
from ingest.payments.incidents import Place
from storage import payment_looks
from storage.payment_looks import DeviceRow, PointRow, SeriesKey, SiteRow

LIFE: Final = "device.life"
CODE: Final = "code.verified"
DNS: Final = "probe.dns"
INTERNET: Final = "probe.internet"
BANK: Final = "probe.bank"
MAINS: Final = "power.mains"
ON_BATTERY: Final = "ups.on_battery"

REACH: Final = timedelta(minutes=15)
"""How far back a look reads. What is older than `fresh_s` only says when something was last heard."""

Connection = psycopg.Connection[TupleRow]
Words = Mapping[SeriesKey, tuple[float, datetime]]


@dataclass(frozen=True, slots=True)
class Read:
    """The evidence, and where each point is."""

    ward: Ward
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class _Stock:
    """What stands in a ward. `of_point`: the devices of each point; `of_site`: those that belong to none."""

    points: Sequence[PointRow]
    sites: Sequence[SiteRow]
    of_point: Mapping[str, Sequence[DeviceRow]]
    of_site: Mapping[str, Sequence[DeviceRow]]

    @property
    def boxes(self) -> list[str]:
        return sorted({box for site in self.sites for box in site.boxes})


def read(connection: Connection, ward: str, at: datetime) -> Read:
    """What is known of `ward` at a moment."""
    stock = _stock(connection, ward, at)
    asked_banks = sorted({bank for point in stock.points for bank in point.banks} | set(banks.known()))
    words = payment_looks.newest(connection, _series(stock, asked_banks), since=at - REACH, until=at)
    alarms = payment_looks.alarms(connection, ward, at)
    points = []
    for row in stock.points:
        alarm = alarms.get(row.id)
        points.append(
            Point(
                id=row.id,
                site=row.site,
                devices=[Device(one.id, one.kind, _word(words, one.id, LIFE)) for one in stock.of_point[row.id]],
                banks=frozenset(row.banks),
                alarms=frozenset(alarm.kinds) if alarm else frozenset(),
                alarmed_at=alarm.since if alarm else None,
                code=_word(words, row.id, CODE),
                patrolled_at=row.patrolled_at,
            )
        )
    return Read(
        ward=Ward(
            points=points,
            sites={row.id: _site(row, stock, words) for row in stock.sites},
            boxes={box: _box(box, asked_banks, words) for box in stock.boxes},
            notices=payment_looks.notices_at(connection, ward, at),
        ),
        places=_places(stock),
    )


def _stock(connection: Connection, ward: str, at: datetime) -> _Stock:
    of_point: dict[str, list[DeviceRow]] = defaultdict(list)
    of_site: dict[str, list[DeviceRow]] = defaultdict(list)
    for device in payment_looks.devices(connection, ward):
        (of_site[device.site] if device.point is None else of_point[device.point]).append(device)
    return _Stock(payment_looks.points(connection, ward, at), payment_looks.sites(connection, ward), of_point, of_site)


def _series(stock: _Stock, asked_banks: Sequence[str]) -> list[SeriesKey]:
    """All that a look asks for, in the order of the table's key."""
    keys = [SeriesKey(device.id, LIFE) for devices in stock.of_point.values() for device in devices]
    keys += [SeriesKey(point.id, CODE) for point in stock.points]
    for devices in stock.of_site.values():
        keys += [SeriesKey(device.id, metric) for device in devices for metric in (MAINS, ON_BATTERY)]
    for box in stock.boxes:
        keys += [SeriesKey(box, metric) for metric in (DNS, INTERNET, MAINS, ON_BATTERY)]
        keys += [SeriesKey(box, BANK, bank) for bank in asked_banks]
    return sorted(keys, key=lambda key: (key.device, key.metric, key.zone))


def _word(words: Words, device: str, metric: str, zone: str = "") -> Word | None:
    found = words.get(SeriesKey(device, metric, zone))
    return Word(*found) if found else None


def _site(row: SiteRow, stock: _Stock, words: Words) -> Site:
    """A site. Its mains are told by what measures there and belongs to no stall, and by a box of this site alone."""
    names = [device.id for device in stock.of_site.get(row.id, ())]
    names += [box for box in row.boxes if sum(box in other.boxes for other in stock.sites) == 1]
    mains = [word for name in names if (word := _word(words, name, MAINS))]
    for name in names:
        on_battery = _word(words, name, ON_BATTERY)
        if on_battery is not None:
            mains.append(Word(1 - on_battery.value, on_battery.at))
    return Site(row.id, row.boxes, mains, row.opens, row.closes)


def _box(box: str, asked_banks: Sequence[str], words: Words) -> Box:
    probes = {bank: word for bank in asked_banks if (word := _word(words, box, BANK, bank))}
    return Box(box, _word(words, box, DNS), _word(words, box, INTERNET), probes)


def _places(stock: _Stock) -> dict[str, Place]:
    boxes = {site.id: frozenset(site.boxes) for site in stock.sites}
    places = {}
    for point in stock.points:
        devices = stock.of_point.get(point.id, ())
        own = frozenset(device.box for device in devices if device.box)
        names = frozenset(device.id for device in devices)
        places[point.id] = Place(point.site, own or boxes.get(point.site, frozenset()), names, frozenset(point.banks))
    return places
