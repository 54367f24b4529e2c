"""Performs what the rules order: takes queued events ward by ward, looks at silent boxes, writes each in a transaction.

Every worker runs one; a ward's lock in the database lets one at a time decide. An event leaves the queue in the
transaction that correlates it, so a worker killed at any moment leaves nothing half done and nothing forgotten.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from contracts.ids import new_id
from contracts.incident import Relapse
from ingest.incidents import silence
from ingest.incidents.commands import (
    Blame,
    Command,
    Hide,
    Move,
    Open,
    Put,
    Show,
    box_key,
)
from ingest.incidents.correlate import Book, correlate, group_of
from ingest.incidents.settings import CorrelationSettings
from ingest.metrics import Metrics
from storage import correlation, incident_steps
from storage.correlation import Sighting
from storage.pool import Pool

log = logging.getLogger(__name__)

BATCH: Final = 200
POLL_S: Final = 1.0
"""How soon the events of a worker that was killed are found by another."""

LOOK_EVERY_S: Final = 5.0
FORGET_EVERY_S: Final = 600.0

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction, PoolTimeout)
NOT_STORABLE = (psycopg.DataError, psycopg.IntegrityError)
Connection = psycopg.Connection[TupleRow]


class Correlator:
    """Owns the thread's times. `listening_since` asks since when this worker hears the broker."""

    def __init__(
        self,
        pool: Pool,
        settings: CorrelationSettings,
        metrics: Metrics,
        listening_since: Callable[[], datetime | None],
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._metrics = metrics
        self._listening_since = listening_since
        self._wake = threading.Event()
        self._next_look = 0.0
        self._next_forget = 0.0
        self.failed = False

    def wake(self) -> None:
        """Events were committed."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Go on until `stop` is set; a bug sets it. A database that is away is the writer's to report."""
        try:
            while not stop.is_set():
                try:
                    self.turn()
                except AWAY as error:
                    log.debug("correlation waits: %s", error)
                    stop.wait(POLL_S)
                self._wake.wait(POLL_S)
                self._wake.clear()
        except Exception:
            log.exception("correlation has a bug; this worker ends")
            self.failed = True
            stop.set()

    def turn(self) -> None:
        """Correlate whatever is queued and, when it is time, look at the boxes."""
        with self._pool.connection() as connection:
            for ward in correlation.queued_wards(connection):
                while self._batch(connection, ward, BATCH) == BATCH:
                    pass
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK_EVERY_S
                self._metrics.uncorrelated.set(correlation.waiting(connection))
                for ward in correlation.wards(connection):
                    look(connection, ward, self._settings, datetime.now(UTC), self._listening_since())
            if time.monotonic() >= self._next_forget:
                self._next_forget = time.monotonic() + FORGET_EVERY_S
                correlation.forget_changes(connection)

    def _batch(self, connection: Connection, ward: str, limit: int) -> int:
        """Correlate at most `limit` events; how many. Events that the database refuses are left out one by one."""
        try:
            done = correlate_queued(connection, ward, self._settings, limit)
        except NOT_STORABLE as error:
            if limit > 1:
                while self._batch(connection, ward, 1):
                    pass
                return 0
            with connection.transaction():
                left_out = correlation.take(connection, ward, 1)
            log.error("an event cannot become part of an incident: %s: %s", [one.id for one in left_out], error)
            return len(left_out)
        self._metrics.correlated.inc(done)
        return done


def correlate_queued(connection: Connection, ward: str, settings: CorrelationSettings, limit: int = BATCH) -> int:
    """Correlate the next queued events of `ward` in one transaction; 0 when there are none or another worker has it."""
    with connection.transaction():
        if not correlation.lock_ward(connection, ward):
            return 0
        events = correlation.take(connection, ward, limit)
        if not events:
            return 0
        book = _book(connection, ward, events, settings)
        orders: list[Command] = []
        for event in events:
            book, ordered = correlate(book, event, settings, new_id)
            orders += ordered
        perform(connection, ward, orders)
    return len(events)


def look(
    connection: Connection,
    ward: str,
    settings: CorrelationSettings,
    now: datetime,
    listening_since: datetime | None,
) -> None:
    """Look at the boxes of `ward` and write what follows in one transaction."""
    if not correlation.has_silences(connection, ward, settings.box_silent):
        return
    with connection.transaction():
        if not correlation.lock_ward(connection, ward):
            return
        boxes = correlation.boxes(connection, ward)
        silent = [box for box in boxes if box.heard_at and not silence.is_back(box, now, settings)]
        names = [box.id for box in silent]
        earliest = min([box.heard_at for box in silent if box.heard_at], default=now)
        mains = correlation.mains(
            connection,
            names,
            on_mains=settings.mains_metrics,
            on_battery=settings.battery_metrics,
            since=earliest - settings.mains_age,
        )
        since = min(now - settings.joins_within, earliest)
        known = correlation.box_incidents(connection, ward, boxes=names, since=since)
        orders = silence.look(silence.Ward(boxes, mains, known, listening_since), now, settings, new_id)
        perform(connection, ward, orders)


def perform(connection: Connection, ward: str, orders: Sequence[Command]) -> None:
    """Write what was ordered, and tell the walls and the notifiers."""
    touched = {id_ for order in orders if not isinstance(order, Put) and (id_ := _perform(connection, ward, order))}
    puts = [order for order in orders if isinstance(order, Put)]
    if puts:
        touched |= _put(connection, puts)
    incident_steps.tell(connection, touched)


def _put(connection: Connection, puts: Sequence[Put]) -> set[UUID]:
    """All events at once: a box that was cut off brings thousands."""
    news = correlation.put_events(connection, [(put.incident.id, put.event) for put in puts])
    last = {put.incident.id: put.incident for put in puts}
    for id_ in sorted(news):
        correlation.refresh(connection, last[id_])
    for id_ in sorted({put.incident.id for put in puts if put.raised}):
        incident_steps.note_change(connection, id_, "called")
    return news


def _perform(connection: Connection, ward: str, order: Open | Hide | Show | Move | Blame) -> UUID | None:
    """Do one thing; the incident that looks different then."""
    match order:
        case Open(incident):
            correlation.open_incident(connection, ward, incident)
            held = _held(connection, incident.id)
            incident_steps.add_step(connection, held, "open", held.state)
            incident_steps.note_change(connection, incident.id, "called")
            log.info("incident %s: %s at %s", incident.id, incident.kind, incident.site)
            return incident.id
        case Hide(id_, under):
            return _hide(connection, id_, under)
        case Show(id_):
            return _hide(connection, id_, None)
        case Move(id_, what):
            moved = incident_steps.move(connection, _held(connection, id_), what)
            if moved is not None and isinstance(what, Relapse):
                log.info("incident %s began again", id_)
            return id_ if moved is not None else None
        case Blame(id_, cause):
            correlation.blame(connection, id_, cause.value)
            return id_


def _hide(connection: Connection, id_: UUID, under: UUID | None) -> UUID | None:
    if correlation.hide(connection, id_, under) is None:
        return None
    held = _held(connection, id_)
    incident_steps.add_step(connection, held, "hide" if under else "show", held.state)
    if under is None:
        incident_steps.note_change(connection, id_, "called")
    return id_


def _held(connection: Connection, id_: UUID) -> incident_steps.Held:
    held = incident_steps.hold(connection, id_)
    if held is None:
        raise RuntimeError(f"incident {id_} is gone while it is held")
    return held


def _book(connection: Connection, ward: str, events: Sequence[Sighting], settings: CorrelationSettings) -> Book:
    """The incidents that can matter to `events`."""
    members = correlation.membership(connection, [event.id for event in events])
    earliest = min(event.opened_at for event in events)
    reach = max(settings.joins_within, settings.symptom_lead) + timedelta(seconds=1)
    known = correlation.candidates(
        connection,
        ward,
        ids=list(set(members.values())),
        keys=list({group_of(event) for event in events}),
        boxes=list({box_key(event.box) for event in events}),
        since=earliest - reach,
    )
    return Book({incident.id: incident for incident in known}, members)
