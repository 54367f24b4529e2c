from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import TupleRow

from contracts.event import EventRecord
from contracts.telemetry import SampleRecord
from storage import quarantine, records, report, retention
from storage.records import Commit, Origin, Rejected
from storage.retention import RetentionSettings
from tests.support.samples import EPOCH, event

Connection = psycopg.Connection[TupleRow]
ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)
NOW = datetime.now(UTC)


def sample(seq: int, at: datetime, metric: str = "temperature", value: float = 1.0) -> SampleRecord:
    return SampleRecord(seq=seq, at=at, device="cam-bien-1", metric=metric, value=value)


def commit_of(samples: Iterable[SampleRecord]) -> Commit:
    commit = Commit()
    for each in samples:
        commit.samples.add(ORIGIN.box, each)
    return commit


def counted(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row
    return int(row[0])


def test_each_series_has_a_table_of_its_own(connection: Connection) -> None:
    commit = commit_of(sample(n, NOW, metric) for n, metric in enumerate(("co_ppm", "zone.people", "box.cpu"), 1))
    records.write(connection, commit)
    assert [counted(connection, table) for table in ("telemetry", "counts", "health")] == [1, 1, 1]


def test_a_record_with_an_impossible_time_is_kept_marked_and_counted(connection: Connection) -> None:
    now = datetime.now(UTC)
    times = [now, now + timedelta(minutes=1), now + timedelta(minutes=3), now - timedelta(days=366)]
    commit = commit_of(sample(n, at) for n, at in enumerate(times, 1))
    commit.events.append((ORIGIN, EventRecord(seq=9, event=event(opened_at=now + timedelta(days=400)))))
    assert records.write(connection, commit).suspect == 3
    rows = connection.execute("SELECT suspect FROM telemetry ORDER BY at").fetchall()
    assert rows == [(True,), (False,), (False,), (True,)]
    assert connection.execute("SELECT sum(n)::int FROM telemetry_5m").fetchone() == (2,)
    assert counted(connection, "events_1d") == 0


def test_without_timescaledb_a_sweep_removes_what_was_kept_long_enough(connection: Connection) -> None:
    commit = commit_of(sample(n, NOW - timedelta(days=n * 20)) for n in range(1, 7))
    records.write(connection, commit)
    assert not retention.apply(connection, RetentionSettings())
    assert retention.sweep(connection, RetentionSettings(telemetry=50))["telemetry"] == 4
    assert counted(connection, "telemetry") == 2


def test_one_process_at_a_time_sweeps(database: str, connection: Connection) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (retention._SWEEP_LOCK,))
        assert retention.sweep(connection, RetentionSettings()) == {}
        other.execute("SELECT pg_advisory_unlock(%s)", (retention._SWEEP_LOCK,))
    assert retention.sweep(connection, RetentionSettings()) != {}


def test_aggregates_without_timescaledb_answer_the_same(connection: Connection) -> None:
    start = datetime(2026, 2, 9, 17, 0, tzinfo=UTC)  # midnight in Vietnam
    commit = commit_of(sample(n, start + timedelta(minutes=n * 30), value=n) for n in range(1, 97))
    connection.execute("SET TIME ZONE 'UTC'")
    records.write(connection, commit)
    rows = connection.execute(
        "SELECT bucket, n, total, lowest, highest, latest FROM telemetry_1d ORDER BY 1"
    ).fetchall()
    assert rows == [
        (start, 47, sum(range(1, 48)), 1.0, 47.0, 47.0),
        (start + timedelta(days=1), 48, sum(range(48, 96)), 48.0, 95.0, 95.0),
        (start + timedelta(days=2), 1, 96.0, 96.0, 96.0, 96.0),
    ]


def test_the_quarantine_is_bounded_by_number_and_age(connection: Connection) -> None:
    rejected = [Rejected("phoan/1/x", "not_json", str(n), b"x") for n in range(10)]
    records.write(connection, Commit(rejected=rejected))
    assert quarantine.trim(connection, timedelta(days=1), most=4) == 6
    assert [entry.detail for entry in quarantine.page(connection, limit=9)] == ["9", "8", "7", "6"]
    connection.execute("UPDATE quarantine SET received_at = now() - INTERVAL '2 days' WHERE detail = '9'")
    assert quarantine.trim(connection, timedelta(days=1), most=4) == 1


def test_the_report_says_what_is_missing(connection: Connection) -> None:
    records.write(connection, Commit(seqs={ORIGIN: {3, 4}}))
    records.write(connection, Commit(seqs={ORIGIN: {4}}))
    line = next(line for line in report.boxes(connection) if line.id == "an-luu-1")
    assert (line.missing, line.repeats) == (2, 1)
    assert report.missing(connection) == 2
    assert report.engine(connection)[0] == "postgresql"


def test_ended_incidents_go_with_their_work_and_unfinished_ones_never(connection: Connection) -> None:
    for state, years in (("resolved", 6), ("resolved", 1), ("new", None)):
        connection.execute(
            "INSERT INTO incidents (id, ward_id, kind, severity, state, opened_at, ended_at) VALUES"
            " (gen_random_uuid(), 'an-luu', 'intrusion', 'high', %s, now() - interval '9 years', now() - %s::interval)",
            (state, timedelta(days=366 * years) if years else None),
        )
    connection.execute(
        "INSERT INTO incident_steps (incident_id, action, state) SELECT id, 'open', state FROM incidents"
    )
    assert retention.sweep(connection, RetentionSettings())["incidents"] == 1
    assert (counted(connection, "incidents"), counted(connection, "incident_steps")) == (2, 2)


def test_scans_and_announcements_are_kept_as_long_as_said(connection: Connection) -> None:
    for days in (10, 500):
        connection.execute(
            "INSERT INTO payment_scans (id, at, username, ward_id, verdict)"
            " VALUES (gen_random_uuid(), now() - %s::interval, 'an', 'an-luu', 'unknown')",
            (timedelta(days=days),),
        )
        connection.execute(
            "INSERT INTO announcements (id, ward_id, site_id, language, said, source, seconds, priority, proposed_by,"
            " state, expires_at) VALUES (gen_random_uuid(), 'an-luu', 'quang-trung', 'vi', 'x', 'spoken', 2, 'normal',"
            " 'an', 'approved', now() - %s::interval)",
            (timedelta(days=days),),
        )
    swept = retention.sweep(connection, RetentionSettings(payment_scans=400, announcements=400))
    assert (swept["payment_scans"], swept["announcements"]) == (1, 1)
    assert (counted(connection, "payment_scans"), counted(connection, "announcements")) == (1, 1)


def test_notes_of_backups_go_after_a_year(connection: Connection) -> None:
    for days in (300, 366):
        connection.execute(
            "INSERT INTO backups (began_at, ended_at, outcome) VALUES (now() - %(age)s, now() - %(age)s, 'good')",
            {"age": timedelta(days=days)},
        )
    assert retention.sweep(connection, RetentionSettings())["backups"] == 1
    assert counted(connection, "backups") == 1
