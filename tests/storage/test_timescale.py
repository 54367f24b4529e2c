"""The same migrations and queries on a real TimescaleDB, with what a plain PostgreSQL does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.telemetry import SampleRecord, Series
from storage import inventory, migrate, quarantine, records, report, retention, samples
from storage.records import Commit, Origin
from storage.retention import RetentionSettings
from storage.sql import queries
from tests.storage.test_queries import EVERY_QUERY, query
from tests.storage.test_records import commit_of
from tests.support.samples import EPOCH, INVENTORY
from tests.support.timescale import timescaledb

Connection = psycopg.Connection[TupleRow]
ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)


def write(connection: Connection, commit: Commit) -> records.Written:
    """records.write, but row by row, the long way: this server's wire protocol carries neither COPY nor pipelines."""
    with connection.transaction():
        connection.execute(records.SQL["stage"])
        for table, rows in records.staged_rows(commit).items():
            marks = ", ".join(["%s"] * len(rows[0]))
            columns = records.SQL[f"copy_{table}"].partition("(")[2].partition(")")[0]
            for row in rows:
                connection.execute(f"INSERT INTO stage_{table} ({columns}) VALUES ({marks})", row)
        suspect = 0
        for series, lines in commit.samples.tables().items():
            connection.execute(samples.statement("stage", series))
            for line in lines:
                values = line.rstrip("\n").split("\t")
                connection.execute(f"INSERT INTO stage_{series.value} VALUES (%s, %s, %s, %s, %s, %s)", values)
            suspect += samples.merge(connection, series)
        return records.merge(connection, commit, suspect)


@pytest.fixture(scope="module")
def timescale() -> Iterator[Connection]:
    """A migrated TimescaleDB with the sample inventory; all tests of this module share it."""
    with timescaledb() as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        migrate.migrate(connection)
        inventory.apply(connection, INVENTORY)
        yield connection


def test_the_big_tables_are_hypertables_with_compression(timescale: Connection) -> None:
    rows = timescale.execute(
        "SELECT hypertable_name, compression_enabled FROM timescaledb_information.hypertables"
        " WHERE hypertable_schema = 'public' ORDER BY 1"
    ).fetchall()
    few = ("payment_outages", False)
    assert rows == [("counts", True), ("events", True), ("health", True), few, ("telemetry", True)]


def test_every_aggregate_is_continuous_and_real_time(timescale: Connection) -> None:
    rows = timescale.execute(
        "SELECT view_name::text FROM timescaledb_information.continuous_aggregates WHERE NOT materialized_only"
    ).fetchall()
    assert {name for (name,) in rows} == RetentionSettings().aggregates().keys()


def test_migrating_again_changes_nothing(timescale: Connection) -> None:
    assert migrate.migrate(timescale) == []


@pytest.mark.parametrize(("file", "name"), [*EVERY_QUERY, ("report", "hypertable_sizes"), ("report", "policies")])
def test_every_query_can_be_planned(timescale: Connection, file: str, name: str) -> None:
    text = query(file, name)
    timescale.execute(queries("records")["stage"])
    timescale.execute(samples.statement("stage", Series.COUNTS))
    parameters: dict[str, int | None] = dict.fromkeys(re.findall(r"%\((\w+)\)s", text))
    parameters |= {key: 1 for key in ("limit", "most") if key in parameters}
    assert timescale.execute("EXPLAIN " + text, parameters or None).fetchall()


def test_policies_follow_the_settings_and_replace_each_other(timescale: Connection) -> None:
    assert retention.apply(timescale, RetentionSettings())
    assert retention.apply(timescale, RetentionSettings(health=5, compress_after=3))
    found = {(policy.hypertable_name, policy.proc_name): policy.config for policy in report.policies(timescale)}
    assert '"drop_after": "5 days"' in found["health", "policy_retention"]
    assert '"compress_after": "3 days"' in found["telemetry", "policy_compression"]
    assert '"start_offset": "4 days"' in found["health_5m", "policy_refresh_continuous_aggregate"]
    assert '"compress_after": "7 days"' in found["health_5m", "policy_compression"]
    assert ("health_1h", "policy_compression") not in found
    assert len([key for key in found if key[1] == "policy_refresh_continuous_aggregate"]) == 12


def samples_of(values: Iterable[SampleRecord]) -> Commit:
    commit = Commit()
    for each in values:
        commit.samples.add(ORIGIN.box, each)
    return commit


def test_old_chunks_of_the_finest_aggregates_are_compressed_and_still_refreshed(timescale: Connection) -> None:
    assert retention.apply(timescale, RetentionSettings())
    at = datetime.now(UTC) - timedelta(days=40)
    values = [
        SampleRecord(seq=900_000 + n, at=at + timedelta(minutes=n), device="cam-bien-1", metric="humidity", value=n)
        for n in range(60)
    ]
    write(timescale, samples_of(values[:30]))
    timescale.execute("CALL refresh_continuous_aggregate('telemetry_5m', %s, NULL)", (at - timedelta(days=1),))
    compressed = timescale.execute("SELECT compress_chunk(chunk) FROM show_chunks('telemetry_5m') AS chunk").fetchall()
    assert compressed
    write(timescale, samples_of(values[30:]))
    timescale.execute("CALL refresh_continuous_aggregate('telemetry_5m', %s, NULL)", (at - timedelta(days=1),))
    told = timescale.execute("SELECT sum(n)::int FROM telemetry_5m WHERE metric = 'humidity'").fetchone()
    assert told == (60,)


def test_repeats_change_nothing_even_in_compressed_chunks(timescale: Connection) -> None:
    monday = datetime(2026, 2, 2, tzinfo=UTC)
    commit = Commit(seqs={ORIGIN: set(range(1, 301))})
    for seq in range(1, 301):
        at = monday + timedelta(minutes=seq)
        sample = SampleRecord(
            seq=seq, at=at, device="quang-trung-1", metric="zone.people", value=seq % 7, zone="via-he"
        )
        commit.samples.add(ORIGIN.box, sample)
    write(timescale, commit)
    compressed = timescale.execute("SELECT compress_chunk(chunk) FROM show_chunks('counts') AS chunk").fetchall()
    assert compressed
    write(timescale, commit)
    assert timescale.execute("SELECT count(*) FROM counts").fetchone() == (300,)
    assert records.gaps(timescale) == []


def test_aggregates_stand_on_each_other_and_agree_with_the_rows(timescale: Connection) -> None:
    for view in ("counts_5m", "counts_1h", "counts_1d"):
        timescale.execute(f"CALL refresh_continuous_aggregate('{view}', NULL, NULL)")
    raw = timescale.execute(
        "SELECT count(*), sum(value), min(value), max(value), last(value, at) FROM counts WHERE NOT suspect"
    ).fetchone()
    for view in ("counts_5m", "counts_1h", "counts_1d"):
        rolled = timescale.execute(
            f"SELECT sum(n)::bigint, sum(total), min(lowest), max(highest), last(latest, latest_at) FROM {view}"
        ).fetchone()
        assert rolled == raw
    days = timescale.execute("SELECT bucket FROM counts_1d ORDER BY 1").fetchall()
    assert days[0] == (datetime(2026, 2, 1, 17, tzinfo=UTC),), "a day begins at midnight in Vietnam"


def test_an_event_can_still_change_in_a_compressed_chunk(timescale: Connection) -> None:
    write(timescale, commit_of(2001, revision=0))
    timescale.execute("SELECT compress_chunk(chunk) FROM show_chunks('events') AS chunk")
    written = write(timescale, commit_of(2002, revision=3, count=9))
    assert written.events == 1
    assert timescale.execute("SELECT revision, count FROM events").fetchall() == [(3, 9)]


def test_the_report_counts_chunks_too(timescale: Connection) -> None:
    assert report.engine(timescale)[0] == "timescaledb"
    assert {size.name for size in report.sizes(timescale)} >= {"events", "counts", "boxes"}
    swept = retention.sweep(timescale, RetentionSettings())
    assert set(swept.values()) == {0}
    assert swept.keys().isdisjoint(retention.TIME_COLUMN), "what TimescaleDB drops chunk by chunk"
    assert quarantine.reasons(timescale) == {}
