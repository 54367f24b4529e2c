from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.telemetry import Sample, Series
from storage.samples import CAREFUL_S, SampleLines, SampleWriter

Connection = psycopg.Connection[TupleRow]
NOW = datetime.now(UTC)


def sample(minute: int, value: float = 1.0, metric: str = "temperature", device: str = "cam-bien-1") -> Sample:
    return Sample(at=NOW - timedelta(minutes=minute), device=device, metric=metric, value=value)


def lines_of(*samples: Sample) -> SampleLines:
    lines = SampleLines()
    for each in samples:
        lines.add("an-luu-1", each)
    return lines


def stored(connection: Connection) -> list[float]:
    return [value for (value,) in connection.execute("SELECT value FROM telemetry ORDER BY at DESC").fetchall()]


class Clock:
    """Seconds that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(connection: Connection, writer: SampleWriter, *samples: Sample) -> bool:
    """Write, and tell whether the long way was taken: only that one has a staging table."""
    connection.execute("DROP TABLE IF EXISTS stage_telemetry")
    with connection.transaction():
        assert writer.write(connection, lines_of(*samples)) == 0
    (staged,) = connection.execute("SELECT to_regclass('stage_telemetry') IS NOT NULL").fetchall()
    return bool(staged[0])


def test_a_repeat_makes_the_long_way_the_first_choice_for_a_while(connection: Connection) -> None:
    clock = Clock()
    writer = SampleWriter(clock)
    assert not write(connection, writer, sample(1), sample(2))
    assert write(connection, writer, sample(2, 9.0), sample(3, 3.0)), "a repeat needs the long way"
    assert write(connection, writer, sample(4)), "more repeats are expected"
    clock.now = CAREFUL_S
    assert not write(connection, writer, sample(5))
    assert stored(connection) == [1.0, 1.0, 3.0, 1.0, 1.0], "the first value of a moment stays"


def test_a_repeat_in_one_table_takes_nothing_from_the_others(connection: Connection) -> None:
    writer = SampleWriter()
    write(connection, writer, sample(1))
    write(connection, writer, sample(1), sample(1, metric="zone.people"), sample(1, metric="box.cpu_percent"))
    for table in ("telemetry", "counts", "health"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


def test_an_impossible_time_takes_the_long_way_and_is_marked(connection: Connection) -> None:
    with connection.transaction():
        assert SampleWriter().write(connection, lines_of(sample(1), sample(-60), sample(366 * 24 * 60))) == 2
    assert connection.execute("SELECT suspect FROM telemetry ORDER BY at").fetchall() == [(True,), (False,), (True,)]


def test_two_workers_with_the_same_messages_both_end(database: str, connection: Connection) -> None:
    """Each writes the same rows, given in opposite orders, in transactions that overlap."""
    rows = [sample(minute, device=f"cam-bien-{minute}") for minute in range(200)]
    barrier, errors = threading.Barrier(2, timeout=20), []

    def work(order: list[Sample]) -> None:
        try:
            with psycopg.connect(database, autocommit=True) as own:
                writer = SampleWriter()
                for start in range(0, len(rows), 50):
                    barrier.wait()
                    with own.transaction():
                        writer.write(own, lines_of(*order[start : start + 50]))
        except Exception as error:
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(order,)) for order in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert connection.execute("SELECT count(*) FROM telemetry").fetchone() == (200,)


def test_lines_stand_in_the_order_of_the_tables_key() -> None:
    lines = lines_of(sample(1, device="b"), sample(9, device="b"), sample(1, device="a"), sample(1, metric="line.in"))
    tables = lines.tables()
    assert list(tables) == [Series.COUNTS, Series.TELEMETRY]
    assert [line.split("\t")[0] for line in tables[Series.TELEMETRY]] == ["a", "b", "b"]
    first, second = (line.split("\t")[3] for line in tables[Series.TELEMETRY][1:])
    assert first < second
    assert len(lines) == 4


@pytest.mark.parametrize(("minute", "plausible"), [(0, True), (-0.5, True), (-2, False), (60 * 24 * 365, False)])
def test_times_are_plausible_within_a_year_and_a_minute(minute: float, plausible: bool) -> None:
    lines = SampleLines()
    at = NOW - timedelta(minutes=minute)
    lines.add("an-luu-1", Sample(at=at, device="a", metric="temperature", value=1))
    assert lines.plausible(NOW) is plausible
