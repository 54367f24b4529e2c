"""Sightings, incidents and boxes for tables of rules: time counts in seconds from noon, ids count up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from ingest.incidents.commands import Command, Open, Put
from ingest.incidents.correlate import Book, correlate
from ingest.incidents.settings import CorrelationSettings
from storage.correlation import BoxWord, Known, Sighting
from tests.support.samples import NOON

SETTINGS = CorrelationSettings()


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ids(first: int = 1) -> Callable[[], UUID]:
    """Makes ids 1, 2, 3 ..."""
    numbers = itertools.count(first)
    return lambda: UUID(int=next(numbers))


def sighting(number: int, seconds: float = 0, **changes: object) -> Sighting:
    """An intrusion that opened `seconds` after noon and is still open, with `changes`."""
    values: dict[str, object] = {
        "id": UUID(int=1000 + number),
        "key_opened_at": at(seconds),
        "revision": 0,
        "kind": "intrusion",
        "severity": "high",
        "site": "quang-trung",
        "box": "an-luu-1",
        "camera": "quang-trung-1",
        "closed": False,
        "opened_at": at(seconds),
        "last_at": at(seconds),
        **changes,
    }
    return Sighting(**values)  # type: ignore[arg-type]


def known(number: int, **changes: object) -> Known:
    """A new incident of a stalled camera, with `changes`."""
    values: dict[str, object] = {
        "id": UUID(int=number),
        "key": "camera/quang-trung-1",
        "kind": "camera_stalled",
        "kinds": ("camera_stalled",),
        "severity": "high",
        "state": "new",
        "reason": None,
        "site": "quang-trung",
        "box": "an-luu-1",
        "camera": "quang-trung-1",
        "opened_at": at(0),
        "last_at": at(0),
        "ended_at": None,
        "cause": None,
        "under": None,
        "open_events": frozenset({UUID(int=1000)}),
        **changes,
    }
    return Known(**values)  # type: ignore[arg-type]


def silence_of(number: int, box: str = "an-luu-1", **changes: object) -> Known:
    """The incident of a silent box, with `changes`."""
    values: dict[str, object] = {
        "key": f"box/{box}",
        "kind": "box_silent",
        "kinds": ("box_silent",),
        "box": box,
        "camera": None,
        "cause": "unknown",
        "open_events": frozenset(),
        **changes,
    }
    return known(number, **values)


def word(box: str, *, site: str = "quang-trung", state: str = "online", said: float = 0, heard: float = 0) -> BoxWord:
    return BoxWord(box, site, state, at(said), at(heard))


def run(
    *events: Sighting, book: Book | None = None, settings: CorrelationSettings = SETTINGS
) -> tuple[Book, list[Command]]:
    """The book and all commands after `events`, one after the other."""
    make_id = ids()
    book, commands = book or Book({}, {}), []
    for event in events:
        book, ordered = correlate(book, event, settings, make_id)
        commands += ordered
    return book, commands


def homes(commands: list[Command]) -> dict[int, int]:
    """Which event (by its number) was put into which incident."""
    return {order.event.id.int - 1000: order.incident.id.int for order in commands if isinstance(order, Put)}


def opened(commands: list[Command]) -> int:
    return sum(1 for order in commands if isinstance(order, Open))
