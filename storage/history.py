"""Answers about the past from the aggregates; which length fits a span is decided here, so that nobody reads raw rows.

A span of T answers with at most some 600 buckets: 5 minutes up to two days, hours up to four weeks, else days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from contracts.telemetry import Series, series_of
from storage.scope import Scope
from storage.sql import queries

SQL = queries("history")


class Length(StrEnum):
    """How long a bucket is."""

    MINUTES_5 = "5m"
    HOUR = "1h"
    DAY = "1d"


WARD_HOURS: Final = timedelta(days=7)
"""A question to all cameras of a ward at once reads this much of hours at most: 200 cameras of four weeks are 134,000
rows, which take PostgreSQL longer than the tenth of a second that a panel may take.
"""

_LONGEST_SPAN: Final = ((timedelta(days=2), Length.MINUTES_5), (timedelta(days=28), Length.HOUR))


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`."""

    start: datetime
    end: datetime

    @property
    def length(self) -> Length:
        """The bucket length that fits this span."""
        for longest, length in _LONGEST_SPAN:
            if self.end - self.start <= longest:
                return length
        return Length.DAY


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a device's metric did in one bucket; `total` is the sum, which is what a line counted."""

    bucket: datetime
    n: int
    mean: float
    lowest: float
    highest: float
    latest: float
    total: float


@dataclass(frozen=True, slots=True)
class EventCount:
    bucket: datetime
    kind: str
    severity: str
    n: int


@dataclass(frozen=True, slots=True)
class CameraCount:
    camera_id: str
    n: int


@dataclass(frozen=True, slots=True)
class Uptime:
    """`share` is from 0 to 1."""

    bucket: datetime
    share: float


@dataclass(frozen=True, slots=True)
class People:
    """The mean of all zones together, and the most that one zone held."""

    bucket: datetime
    mean: float
    highest: float


def series_query(series: Series, length: Length) -> str:
    """The SQL of a series' buckets of one length."""
    return SQL[f"series_{length.value}"].replace("{series}", series.value)


def series(connection: Connection[TupleRow], device: str, metric: str, span: Span, *, zone: str = "") -> list[Bucket]:
    """A metric of a device over `span`, in buckets of the length that fits."""
    with connection.cursor(row_factory=class_row(Bucket)) as cursor:
        return cursor.execute(
            series_query(series_of(metric), span.length).encode(),
            {"device": device, "metric": metric, "zone": zone, "start": span.start, "end": span.end},
        ).fetchall()


def event_counts(connection: Connection[TupleRow], scope: Scope, span: Span) -> list[EventCount]:
    """Events within `scope` by kind and severity: by the hour up to four weeks, else by the day."""
    query = SQL["events_by_day" if span.length is Length.DAY else "events_by_hour"]
    with connection.cursor(row_factory=class_row(EventCount)) as cursor:
        return cursor.execute(query, {**scope.parameters(), "start": span.start, "end": span.end}).fetchall()


def busiest_cameras(
    connection: Connection[TupleRow], scope: Scope, span: Span, *, limit: int = 10
) -> list[CameraCount]:
    """The cameras with the most events in `span`, counted in whole days."""
    with connection.cursor(row_factory=class_row(CameraCount)) as cursor:
        return cursor.execute(
            SQL["busiest_cameras"], {**scope.parameters(), "start": span.start, "end": span.end, "limit": limit}
        ).fetchall()


def uptime(connection: Connection[TupleRow], scope: Scope, span: Span) -> list[Uptime]:
    """Day by day, how much of the time the wards' cameras were streaming."""
    with connection.cursor(row_factory=class_row(Uptime)) as cursor:
        return cursor.execute(SQL["uptime"], {**scope.parameters(), "start": span.start, "end": span.end}).fetchall()


def people(connection: Connection[TupleRow], scope: Scope, span: Span) -> list[People]:
    """How many people the wards' zones held: by the hour up to WARD_HOURS, else by the day."""
    length = Length.HOUR if span.end - span.start <= WARD_HOURS else Length.DAY
    with connection.cursor(row_factory=class_row(People)) as cursor:
        return cursor.execute(
            SQL["people"].replace("{length}", length.value).encode(),
            {**scope.parameters(), "start": span.start, "end": span.end},
        ).fetchall()
