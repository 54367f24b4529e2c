"""How measurements, the bulk of all records, get into their tables: as lines of COPY's text format.

Knows the two ways in. The short way is one COPY straight into the table, which a single repeat makes fail; the long way
is a staging table and an insert that leaves repeats out, at twice the cost. Repeats come in bursts, after something
broke, so a failure makes the long way the first choice for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from contracts.telemetry import Sample, Series, series_of
from contracts.wire import iso_milliseconds
from storage.sql import queries

SQL = queries("samples")

CAREFUL_S: Final = 10.0
"""How long after a repeat more are expected: a broken connection makes a box repeat all that was on its way."""

AHEAD: Final = timedelta(minutes=1)
BEHIND: Final = timedelta(days=364)
"""Times within these are surely right, by whichever of the centre's clocks; the long way looks at the others."""


REPEATED: Final = (psycopg.errors.UniqueViolation, psycopg.errors.FeatureNotSupported)
"""What the short way meets: a row that is there already, or a compressed chunk that an older TimescaleDB keeps shut."""


class SampleLines:
    """Measurements of one commit. A line is device, metric, zone, time, value and box; ids and codes hold no character
    that COPY's text format would need escaped, and times are written as on the wire, so that they sort as text.
    """

    def __init__(self) -> None:
        self._tables: dict[Series, list[str]] = {}
        self._earliest, self._latest = "9", ""

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def add(self, box: str, sample: Sample) -> None:
        """One measurement of `box`."""
        at = iso_milliseconds(sample.at)
        line = f"{key_text(sample.device, sample.metric, sample.zone)}\t{at}\t{sample.value!r}\t{box}\n"
        self.extend({series_of(sample.metric): [line]}, at, at)

    def extend(self, lines: Mapping[Series, Iterable[str]], earliest: str, latest: str) -> None:
        """Ready-made lines and the bounds of their times."""
        for series, more in lines.items():
            self._tables.setdefault(series, []).extend(more)
        self._earliest, self._latest = min(self._earliest, earliest), max(self._latest, latest)

    def tables(self) -> dict[Series, list[str]]:
        """The lines of each table in the order of its key: neighbours in the index are then written together."""
        return {series: sorted(self._tables[series]) for series in sorted(self._tables)}

    def plausible(self, now: datetime) -> bool:
        """Whether every time is surely one that can be right."""
        return iso_milliseconds(now - BEHIND) <= self._earliest and self._latest <= iso_milliseconds(now + AHEAD)


def key_text(device: str, metric: str, zone: str | None) -> str:
    """The part of a line that names what was measured."""
    return f"{device}\t{metric}\t{zone or ''}"


class SampleWriter:
    """Writes within the caller's transaction and remembers whether repeats are about. Not safe for two threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._careful_until = float("-inf")

    def write(self, connection: Connection[TupleRow], samples: SampleLines) -> int:
        """Write `samples`, repeats left out; returns how many bear an impossible time and were marked."""
        tables = samples.tables()
        if self._clock() >= self._careful_until and samples.plausible(datetime.now(UTC)):
            try:
                with connection.transaction():
                    for series, lines in tables.items():
                        _copy(connection, statement("copy", series), lines)
            except REPEATED:
                self._careful_until = self._clock() + CAREFUL_S
            else:
                return 0
        for series, lines in tables.items():
            connection.execute(statement("stage", series))
            _copy(connection, statement("copy_to_stage", series), lines)
        return sum(merge(connection, series) for series in tables)


def merge(connection: Connection[TupleRow], series: Series) -> int:
    """Bring what is staged for `series` into its table; returns how many bear an impossible time."""
    connection.execute(statement("merge", series))
    row = connection.execute(statement("suspect", series)).fetchone()
    return int(row[0]) if row else 0


def statement(name: str, series: Series) -> sql.Composed:
    """The query `name` for the table of `series`."""
    return sql.SQL(SQL[name]).format(series=sql.Identifier(series.value), stage=sql.Identifier(f"stage_{series.value}"))


def _copy(connection: Connection[TupleRow], into: sql.Composed, lines: Iterable[str]) -> None:
    with connection.cursor().copy(into) as copy:
        copy.write("".join(lines))
