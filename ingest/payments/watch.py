"""Looks at each ward's payment points again and again: reads, asks the rules, writes what follows in one transaction.

Every worker runs one; a ward's lock in the database lets one at a time look. What a look knows of the last one lies in
the database, so a worker killed at any moment leaves nothing half done. One that was away goes on where the last look
was, step by step, with the measurements of that time: outages keep their own times, whoever was away.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import TupleRow

from contracts.ids import new_id
from ingest.incidents.correlator import AWAY, perform
from ingest.payments.evidence import State
from ingest.payments.incidents import Scene, orders
from ingest.payments.reading import Read, read
from ingest.payments.settings import PayabilitySettings
from ingest.payments.told import Begin, Change, End, Hint, Span, Told, Widen, follow
from ingest.payments.verdict import Look, verdicts, verified
from storage import payment_looks
from storage.payment_looks import Day, StateRow, WardClock
from storage.pool import Pool

log = logging.getLogger(__name__)

LIVE: Final = timedelta(minutes=1)
"""A look that far behind still is one of now; after a longer gap the time between is looked at step by step."""

Connection = psycopg.Connection[TupleRow]


class Watch:
    """Owns the thread's times: when each ward was found to lie behind."""

    def __init__(
        self, pool: Pool, settings: PayabilitySettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._clock = clock
        self._behind: dict[str, float] = {}
        self.failed = False

    def run(self, stop: threading.Event) -> None:
        """Go on until `stop` is set; a bug sets it. A database that is away is the writer's to report."""
        try:
            while not stop.is_set():
                try:
                    self.turn(stop)
                except AWAY as error:
                    log.debug("the look at payment points waits: %s", error)
                stop.wait(self._settings.look_every_s)
        except Exception:
            log.exception("the look at payment points has a bug; this worker ends")
            self.failed = True
            stop.set()

    def turn(self, stop: threading.Event | None = None) -> None:
        """Look at every ward once, and at what was missed before."""
        with self._pool.connection() as connection:
            for ward in payment_looks.wards(connection):
                now = self._clock()
                last = payment_looks.last_look(connection, ward.id)
                missed = moments(last, now, self._settings)
                if len(missed) > 1 and not self._may_replay(ward.id):
                    continue
                for moment in missed:
                    if stop is not None and stop.is_set():
                        return
                    look_at(connection, ward, moment, self._settings, live=now - moment < LIVE)
                self._behind.pop(ward.id, None)

    def _may_replay(self, ward: str) -> bool:
        """Boxes and the broker hold what came meanwhile: it must be in the database before it can be looked at."""
        since = self._behind.setdefault(ward, time.monotonic())
        return time.monotonic() - since >= self._settings.replay_after_s


def moments(last: datetime | None, now: datetime, settings: PayabilitySettings) -> list[datetime]:
    """The moments to look at: now, and after a gap also those of the steps between."""
    if last is None or now - last < LIVE:
        return [now]
    start = max(last, now - timedelta(hours=settings.longest_replay_h))
    step = max(timedelta(seconds=settings.look_every_s), (now - start) / settings.replay_looks)
    at = start + step
    found = []
    while at < now:
        found.append(at)
        at += step
    return [*found, now]


def look_at(
    connection: Connection, ward: WardClock, now: datetime, settings: PayabilitySettings, *, live: bool = True
) -> bool:
    """Look at `ward` as it was at `now`, once; False when another worker does, or has. Without `live` no incident is
    touched: what was over before anybody could look needs nobody any more.
    """
    with connection.transaction():
        if not payment_looks.lock_ward(connection, ward.id):
            return False
        last = payment_looks.last_look(connection, ward.id)
        if last is not None and last >= now:
            return False
        payment_looks.forget_ended(connection, ward.id)
        found = read(connection, ward.id, now)
        before = {row.point: row for row in payment_looks.states(connection, ward.id)}
        after, changes = _follow(found, before, ward, Span(last, now), settings)
        payment_looks.put_states(connection, [row for row in after if before.get(row.point) != row])
        _write(connection, ward.id, changes)
        if live:
            told = {row.point: _told(row) for row in after}
            _tell(connection, ward.id, told, found, now, settings)
        _count(connection, ward, last, now, settings)
        payment_looks.put_look(connection, ward.id, now)
    return True


def _follow(
    found: Read, before: Mapping[str, StateRow], ward: WardClock, span: Span, settings: PayabilitySettings
) -> tuple[list[StateRow], list[Change]]:
    """What is told of every point then, and what becomes of outages."""
    told = {point: _told(row) for point, row in before.items()}
    look = Look(span.now, _clock_of(ward, span.now), settings)
    said = verdicts(found.ward, told, look)
    rows, changes = [], []
    for point in found.ward.points:
        after, of_point = follow(point.id, told.get(point.id), said[point.id], span, settings)
        rows.append(_row(point.id, after, verified(point, look)))
        changes += of_point
    return rows, changes


def _write(connection: Connection, ward: str, changes: Sequence[Change]) -> None:
    """First what ends: a point whose cause changed begins anew at the same moment."""
    payment_looks.end_outages(connection, ward, [(one.point, one.at) for one in changes if isinstance(one, End)])
    payment_looks.widen_outages(
        connection, ward, [(one.point, one.cause, one.place) for one in changes if isinstance(one, Widen)]
    )
    payment_looks.begin_outages(
        connection, ward, [(one.point, one.at, one.cause, one.place) for one in changes if isinstance(one, Begin)]
    )


def _tell(
    connection: Connection,
    ward: str,
    told: Mapping[str, Told],
    found: Read,
    now: datetime,
    settings: PayabilitySettings,
) -> None:
    known = payment_looks.incidents(connection, ward, since=now - settings.joins_within)
    perform(connection, ward, orders(Scene(told, found.places, known), now, settings, new_id))


def _count(
    connection: Connection, ward: WardClock, last: datetime | None, now: datetime, settings: PayabilitySettings
) -> None:
    """Add the time since the last look to the day; what lasted over midnight is reckoned anew for the day before."""
    day = day_of(ward, now)
    passed = (now - last).total_seconds() if last else 0.0
    longest = max(LIVE.total_seconds(), 3600 * settings.longest_replay_h / settings.replay_looks)
    payment_looks.count_day(connection, ward.id, day, minutes=min(passed, longest) / 60, now=now)
    if last is not None and last < day.start:
        payment_looks.count_lost(connection, ward.id, day_of(ward, last), now)


def day_of(ward: WardClock, at: datetime) -> Day:
    """The day of the ward in which `at` lies."""
    zone = ZoneInfo(ward.time_zone)
    date = at.astimezone(zone).date()
    start = datetime.combine(date, clock_time(), zone)
    return Day(date, start, datetime.combine(date + timedelta(days=1), clock_time(), zone))


def _clock_of(ward: WardClock, at: datetime) -> clock_time:
    return at.astimezone(ZoneInfo(ward.time_zone)).time()


def _told(row: StateRow) -> Told:
    hint = None
    if row.hint_state is not None and row.hint_since is not None:
        hint = Hint(State(row.hint_state), row.hint_since, row.hint_cause, row.hint_place)
    return Told(State(row.state), row.since, row.cause, row.place, hint)


def _row(point: str, told: Told, seen_by: str | None) -> StateRow:
    hint = told.hint
    return StateRow(
        point=point,
        state=told.state.value,
        cause=_text(told.cause),
        place=told.place,
        since=told.since,
        hint_state=hint.state.value if hint else None,
        hint_cause=_text(hint.cause) if hint else None,
        hint_place=hint.place if hint else None,
        hint_since=hint.since if hint else None,
        verified=seen_by,
    )


def _text(cause: str | None) -> str | None:
    """A cause as the database says it, which knows no enumerations."""
    return None if cause is None else str(cause)
