"""The rules' orders in a real database: several workers at once, workers killed in between, boxes that fall silent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow, dict_row

from contracts.event import Event, EventRecord, Phase, Severity
from contracts.ids import new_id
from contracts.status import BoxState, BoxStatus
from contracts.telemetry import SampleRecord
from ingest.incidents.correlator import Correlator, correlate_queued, look
from ingest.incidents.settings import CorrelationSettings
from ingest.metrics import Metrics
from storage import incident_steps, records, status
from storage.pool import open_pool
from storage.records import Commit, Origin
from tests.support.samples import EPOCH, EVENT_ID, NOON, SESSION, event
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]
ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)
SETTINGS = CorrelationSettings()
NOW = datetime.now(UTC)


def numbered(number: int, **changes: object) -> Event:
    """Event `number`, an intrusion of this minute."""
    at = NOW + timedelta(milliseconds=number)
    return event(**{"id": UUID(int=EVENT_ID.int + number), "opened_at": at, "at": at, "captured_at": at, **changes})


def closed(number: int, **changes: object) -> Event:
    at = NOW + timedelta(seconds=9)
    return numbered(number, revision=1, phase=Phase.CLOSE, closed_at=at, at=at, count=0, **changes)


def commit(connection: Connection, *events: Event) -> None:
    listed = [(ORIGIN, EventRecord(seq=seq, event=one)) for seq, one in enumerate(events, 1)]
    records.write(connection, Commit(events=listed, seqs={ORIGIN: set(range(1, len(events) + 1))}))


def correlated(connection: Connection, *events: Event) -> int:
    commit(connection, *events)
    return correlate_queued(connection, "an-luu", SETTINGS)


def rows(connection: Connection, table: str = "incidents") -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"SELECT * FROM {table}").fetchall()


def only(connection: Connection) -> dict[str, Any]:
    (row,) = rows(connection)
    return row


def test_events_become_an_incident_with_its_first_step_and_a_call(connection: Connection) -> None:
    assert correlated(connection, numbered(1), numbered(2, severity=Severity.CRITICAL)) == 2
    incident = only(connection)
    assert (incident["kind"], incident["severity"], incident["state"]) == ("intrusion", "critical", "new")
    assert (incident["ward_id"], incident["site_id"], incident["camera_id"]) == (
        "an-luu",
        "quang-trung",
        "quang-trung-1",
    )
    assert (incident["events"], incident["open_events"], incident["version"]) == (2, 2, 0)
    assert [step["action"] for step in rows(connection, "incident_steps")] == ["open"]
    assert [change["what"] for change in rows(connection, "incident_changes")] == ["called", "called"]
    assert rows(connection, "correlation_queue") == []


def test_a_repeated_or_older_revision_changes_nothing(connection: Connection) -> None:
    correlated(connection, closed(1))
    before = only(connection)
    for again in (closed(1), numbered(1)):
        assert correlated(connection, again) == 0, "the event itself did not change"
    connection.execute(
        "INSERT INTO correlation_queue (ward_id, event_id, event_opened_at) VALUES ('an-luu', %s, %s)",
        (closed(1).id, closed(1).opened_at),
    )
    assert correlate_queued(connection, "an-luu", SETTINGS) == 1
    assert only(connection) == before


def test_an_event_from_the_future_or_long_ago_makes_an_incident_of_now(connection: Connection) -> None:
    for number, at in ((1, NOW + timedelta(days=9)), (2, NOW - timedelta(days=900))):
        moment = {"opened_at": at, "at": at, "captured_at": at}
        correlated(connection, numbered(number, kind=f"kind_{number}", **moment))
    for incident in rows(connection):
        assert abs(incident["opened_at"] - datetime.now(UTC)) < timedelta(minutes=1)
        assert incident["events"] == 1


def test_a_wall_hears_of_an_incident_when_it_is_committed(database: str, connection: Connection) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute(f"LISTEN {incident_steps.CHANNEL}")
        correlated(connection, numbered(1), numbered(2))
        notices = list(listener.notifies(timeout=0.5))
    assert [json.loads(notice.payload) for notice in notices] == [[str(only(connection)["id"])]]


def test_workers_at_once_put_every_event_into_exactly_one_incident(database: str, connection: Connection) -> None:
    kinds = ("intrusion", "loitering", "crowding")
    commit(connection, *(numbered(number, kind=kinds[number % 3]) for number in range(240)))
    start = threading.Barrier(4)

    def work(_: int) -> int:
        done = 0
        with psycopg.connect(database, autocommit=True) as own:
            start.wait()
            while own.execute("SELECT 1 FROM correlation_queue LIMIT 1").fetchone():
                done += correlate_queued(own, "an-luu", SETTINGS, 7)
        return done

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(work, range(4)))
    assert sum(done) == 240
    assert sorted((row["kind"], row["events"]) for row in rows(connection)) == [(kind, 80) for kind in sorted(kinds)]
    assert len(rows(connection, "incident_events")) == 240


HALF_DONE = """
import sys, time
import psycopg
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings

with psycopg.connect(sys.argv[1], autocommit=True) as connection, connection.transaction():
    correlate_queued(connection, "an-luu", CorrelationSettings())
    print("done", flush=True)
    time.sleep(60)
"""


def test_a_worker_killed_before_its_commit_leaves_nothing_half_done(database: str, connection: Connection) -> None:
    commit(connection, numbered(1))
    command = [sys.executable, "-c", HALF_DONE, database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "done\n"
        assert correlate_queued(connection, "an-luu", SETTINGS) == 0, "the other one holds the ward"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert eventually(lambda: correlate_queued(connection, "an-luu", SETTINGS)) == 1
    assert only(connection)["events"] == 1


def test_an_event_that_was_committed_before_a_worker_died_is_correlated_by_the_next(
    database: str, connection: Connection
) -> None:
    commit(connection, numbered(1))
    pool = open_pool(database, name="test", size=2)
    correlator = Correlator(pool, SETTINGS, Metrics(), lambda: None)
    stop = threading.Event()
    thread = threading.Thread(target=correlator.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: rows(connection))
        commit(connection, numbered(2))
        correlator.wake()
        eventually(lambda: only(connection)["events"] == 2)
    finally:
        stop.set()
        correlator.wake()
        thread.join(10)
        pool.close()
    assert not correlator.failed


def test_an_event_that_the_database_refuses_does_not_hold_up_the_others(database: str, connection: Connection) -> None:
    commit(connection, numbered(1, kind="loitering"), numbered(2))
    connection.execute("ALTER TABLE incidents ADD CONSTRAINT never CHECK (kind <> 'loitering')")
    pool = open_pool(database, name="test", size=2)
    try:
        Correlator(pool, SETTINGS, Metrics(), lambda: None).turn()
    finally:
        pool.close()
    assert only(connection)["kind"] == "intrusion"
    assert rows(connection, "correlation_queue") == []


def said(connection: Connection, state: BoxState, session: UUID = SESSION) -> None:
    assert status.apply(connection, "an-luu", BoxStatus(box="an-luu-1", session=session, n=1, state=state, at=NOON))


def looked(connection: Connection, seconds: float = 0) -> None:
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    look(connection, "an-luu", SETTINGS, now, now - timedelta(hours=1))


def test_a_dead_box_is_one_card_that_hides_its_cameras_and_goes_when_it_returns(connection: Connection) -> None:
    said(connection, BoxState.ONLINE)
    stalled = {"kind": "camera_stalled", "opened_at": datetime.now(UTC), "at": datetime.now(UTC)}
    correlated(connection, numbered(1, **stalled), numbered(2, **stalled, camera="cho-an-luu-1", site="cho-an-luu"))
    said(connection, BoxState.OFFLINE)
    looked(connection, 5)
    assert not [row for row in rows(connection) if row["kind"] == "box_silent"], "a restart is no incident"
    looked(connection, 25)
    silence = next(row for row in rows(connection) if row["kind"] == "box_silent")
    assert (silence["box_id"], silence["cause"], silence["severity"]) == ("an-luu-1", "unknown", "high")
    shown = [row["kind"] for row in rows(connection) if row["cause_id"] is None]
    assert shown == ["box_silent"]
    looked(connection, 60)
    assert len(rows(connection)) == 3

    said(connection, BoxState.ONLINE, new_id())
    over = {**stalled, "revision": 1, "phase": Phase.CLOSE, "closed_at": datetime.now(UTC)}
    correlated(connection, numbered(1, **over))
    looked(connection)
    after = {
        (row["kind"], row["camera_id"]): (row["state"], row["reason"], row["cause_id"]) for row in rows(connection)
    }
    assert after == {
        ("box_silent", None): ("resolved", "recovered", None),
        ("camera_stalled", "quang-trung-1"): ("resolved", "recovered", None),
        ("camera_stalled", "cho-an-luu-1"): ("new", None, None),
    }
    assert [step["action"] for step in rows(connection, "incident_steps") if step["incident_id"] == silence["id"]] == [
        "open",
        "recover",
    ]


@pytest.mark.parametrize(
    ("metric", "value", "device", "cause"),
    [
        ("power.mains", 0, "an-luu-1", "power"),
        ("ups.on_battery", 1, "an-luu-1", "power"),
        ("ups.on_battery", 0, "an-luu-1", "unknown"),
        ("ups.on_battery", 1, "nguon-1", "power"),
        ("ups.on_battery", 1, "yersin-1", "unknown"),
    ],
)
def test_the_last_word_on_power_says_why_a_box_is_silent(
    connection: Connection, metric: str, value: float, device: str, cause: str
) -> None:
    connection.execute(
        "INSERT INTO devices (id, site_id, box_id, name, kind)"
        " VALUES ('nguon-1', 'quang-trung', 'an-luu-1', 'UPS', 'ups')"
    )
    sample = SampleRecord(seq=1, at=datetime.now(UTC), device=device, metric=metric, value=value)
    written = Commit(seqs={ORIGIN: {1}})
    written.samples.add("an-luu-1", sample)
    records.write(connection, written)
    said(connection, BoxState.OFFLINE)
    looked(connection, 25)
    assert only(connection)["cause"] == cause
