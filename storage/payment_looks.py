"""What a look at a ward's payment points reads, and what it writes: states, outages, minutes of the day.

Knows no rule; ingest.payments decides. All of it happens in the caller's transaction, which holds the ward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, kwargs_row

from storage.correlation import Known
from storage.sql import queries

SQL = queries("payment_looks")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class WardClock:
    id: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class PointRow:
    id: str
    site: str
    banks: list[str]
    patrolled_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    point: str
    kinds: list[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class DeviceRow:
    id: str
    kind: str
    site: str
    box: str | None
    point: str | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    id: str
    opens: time | None
    closes: time | None
    boxes: list[str]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What was measured: a metric of a device, and of a part of it where there are parts."""

    device: str
    metric: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class StateRow:
    """What is told of a point, and what the last looks say against it."""

    point: str
    state: str
    cause: str | None
    place: str | None
    since: datetime
    hint_state: str | None
    hint_cause: str | None
    hint_place: str | None
    hint_since: datetime | None
    verified: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a ward: from `start` to before `end`."""

    date: date
    start: datetime
    end: datetime


def wards(connection: Db) -> list[WardClock]:
    with connection.cursor(row_factory=class_row(WardClock)) as cursor:
        return cursor.execute(SQL["wards"]).fetchall()


def lock_ward(connection: Db, ward: str) -> bool:
    """Hold the ward's points until the transaction ends; False when another worker does."""
    return connection.execute(SQL["lock_ward"], {"ward": ward}).fetchone() == (True,)


def last_look(connection: Db, ward: str) -> datetime | None:
    row = connection.execute(SQL["last_look"], {"ward": ward}).fetchone()
    return row[0] if row else None


def put_look(connection: Db, ward: str, at: datetime) -> None:
    connection.execute(SQL["put_look"], {"ward": ward, "at": at})


def points(connection: Db, ward: str, at: datetime) -> list[PointRow]:
    with connection.cursor(row_factory=class_row(PointRow)) as cursor:
        return cursor.execute(SQL["points"], {"ward": ward, "at": at}).fetchall()


def alarms(connection: Db, ward: str, at: datetime) -> dict[str, AlarmRow]:
    """The alarms of codes that last, by point."""
    with connection.cursor(row_factory=class_row(AlarmRow)) as cursor:
        return {row.point: row for row in cursor.execute(SQL["alarms"], {"ward": ward, "at": at})}


def devices(connection: Db, ward: str) -> list[DeviceRow]:
    with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        return cursor.execute(SQL["devices"], {"ward": ward}).fetchall()


def sites(connection: Db, ward: str) -> list[SiteRow]:
    with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        return cursor.execute(SQL["sites"], {"ward": ward}).fetchall()


def newest(
    connection: Db, series: Sequence[SeriesKey], *, since: datetime, until: datetime
) -> dict[SeriesKey, tuple[float, datetime]]:
    """The newest value of each of `series` after `since`, up to `until`."""
    rows = connection.execute(
        SQL["newest"],
        {
            "devices": [key.device for key in series],
            "metrics": [key.metric for key in series],
            "zones": [key.zone for key in series],
            "since": since,
            "until": until,
        },
    )
    return {SeriesKey(device, metric, zone): (value, at) for device, metric, zone, value, at in rows}


def notices_at(connection: Db, ward: str, at: datetime) -> dict[str, datetime]:
    """The banks of which officers say that they are down, and since when."""
    return dict(connection.execute(SQL["notices_at"], {"ward": ward, "at": at}).fetchall())


def states(connection: Db, ward: str) -> list[StateRow]:
    with connection.cursor(row_factory=class_row(StateRow)) as cursor:
        return cursor.execute(SQL["states"], {"ward": ward}).fetchall()


def put_states(connection: Db, rows: Sequence[StateRow]) -> None:
    if not rows:
        return
    connection.execute(
        SQL["put_states"],
        {
            "points": [row.point for row in rows],
            "states": [row.state for row in rows],
            "causes": [row.cause for row in rows],
            "places": [row.place for row in rows],
            "since": [row.since for row in rows],
            "hint_states": [row.hint_state for row in rows],
            "hint_causes": [row.hint_cause for row in rows],
            "hint_places": [row.hint_place for row in rows],
            "hint_since": [row.hint_since for row in rows],
            "verified": [row.verified for row in rows],
        },
    )


def forget_ended(connection: Db, ward: str) -> None:
    """Leave out the points that were taken out of the registry."""
    connection.execute(SQL["forget_ended"], {"ward": ward})


def begin_outages(connection: Db, ward: str, begun: Sequence[tuple[str, datetime, str, str]]) -> None:
    """Each is a point, when, the cause and its place."""
    if begun:
        names, began, causes, places = (list(column) for column in zip(*begun, strict=True))
        connection.execute(
            SQL["begin_outages"], {"ward": ward, "points": names, "began": began, "causes": causes, "places": places}
        )


def end_outages(connection: Db, ward: str, over: Sequence[tuple[str, datetime]]) -> None:
    if over:
        names, ended = (list(column) for column in zip(*over, strict=True))
        connection.execute(SQL["end_outages"], {"ward": ward, "points": names, "ended": ended})


def widen_outages(connection: Db, ward: str, wider: Sequence[tuple[str, str, str]]) -> None:
    """Each is a point, the cause and its place."""
    if wider:
        names, causes, places = (list(column) for column in zip(*wider, strict=True))
        connection.execute(SQL["widen_outages"], {"ward": ward, "points": names, "causes": causes, "places": places})


def count_day(connection: Db, ward: str, day: Day, *, minutes: float, now: datetime) -> None:
    """Add `minutes` of the states as they are to the figures of `day`, and reckon anew what its outages cost."""
    connection.execute(SQL["count_day"], {"ward": ward, "day": day.date, "minutes": minutes})
    count_lost(connection, ward, day, now)


def count_lost(connection: Db, ward: str, day: Day, now: datetime) -> None:
    connection.execute(
        SQL["count_lost"], {"ward": ward, "day": day.date, "start": day.start, "end": day.end, "now": now}
    )


def _known(open_events: list[UUID], **columns: Any) -> Known:
    return Known(**columns, open_events=frozenset(open_events))


def incidents(connection: Db, ward: str, *, since: datetime) -> list[Known]:
    """The incidents of outages, those that ended after `since` too, and what may stand above or below them. Locked."""
    with connection.cursor(row_factory=kwargs_row(_known)) as cursor:
        return cursor.execute(SQL["incidents"], {"ward": ward, "since": since}).fetchall()
