from __future__ import annotations

from datetime import timedelta

import psycopg
from psycopg.rows import TupleRow

from contracts.event import EventRecord, Phase
from contracts.records import SeqRange
from contracts.telemetry import SampleRecord
from storage import records
from storage.records import Commit, Origin, Rejected
from tests.support.samples import EPOCH, NOON, event

ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)
Connection = psycopg.Connection[TupleRow]


def commit_of(*seqs: int, **changes: object) -> Commit:
    """A commit of one event revision (or none) under these sequence numbers."""
    commit = Commit(seqs={ORIGIN: set(seqs)})
    if changes:
        commit.events.append((ORIGIN, EventRecord(seq=seqs[0], event=event(**changes))))
    return commit


def stored(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT revision, phase, count, body->>'phase' FROM events").fetchall()


def test_a_repeat_changes_nothing(connection: Connection) -> None:
    assert records.write(connection, commit_of(1, revision=0)).events == 1
    assert records.write(connection, commit_of(1, revision=0)).events == 0
    assert stored(connection) == [(0, "open", 1, "open")]
    assert connection.execute("SELECT repeats FROM box_ledgers").fetchall() == [(1,)]


def test_revisions_may_come_in_any_order(connection: Connection) -> None:
    close = {"revision": 2, "phase": Phase.CLOSE, "closed_at": NOON + timedelta(seconds=9), "count": 0}
    records.write(connection, commit_of(3, **close))
    records.write(connection, commit_of(1, revision=0))
    records.write(connection, commit_of(2, revision=1, phase=Phase.UPDATE, count=5))
    assert stored(connection) == [(2, "close", 0, "close")]


def test_of_several_revisions_in_one_batch_the_newest_stays(connection: Connection) -> None:
    commit = commit_of(1, revision=0)
    commit.events.append((ORIGIN, EventRecord(seq=2, event=event(revision=1, phase=Phase.UPDATE, count=4))))
    assert records.write(connection, commit).events == 1
    assert stored(connection) == [(1, "update", 4, "update")]


def test_a_sample_is_kept_once(connection: Connection) -> None:
    sample = SampleRecord(seq=1, at=NOON, device="quang-trung-1", metric="zone.people", value=3, zone="via-he")
    commit = Commit(seqs={ORIGIN: {1}})
    commit.samples.add(ORIGIN.box, sample)
    commit.samples.add(ORIGIN.box, sample)
    records.write(connection, commit)
    records.write(connection, commit)
    assert connection.execute("SELECT device_id, zone_id, value FROM counts").fetchall() == [
        ("quang-trung-1", "via-he", 3.0)
    ]


def test_what_never_arrived_is_a_gap(connection: Connection) -> None:
    records.write(connection, commit_of(3, 4, 9))
    assert [(gap.first_seq, gap.last_seq) for gap in records.gaps(connection)] == [(1, 2), (5, 8)]
    records.write(connection, commit_of(1, 2, 5, 6, 7, 8))
    assert records.gaps(connection) == []


def test_committed_ranges_are_told_per_origin() -> None:
    assert commit_of(2, 1, 7).ranges() == {ORIGIN: (SeqRange(first=1, last=2), SeqRange(first=7, last=7))}


def test_a_rejected_message_is_kept_with_its_first_bytes(connection: Connection) -> None:
    payload = b"\x00\xff" * 1000
    records.write(connection, Commit(rejected=[Rejected("phoan/1/x", "not_json", "line\x00one", payload)]))
    rows = connection.execute("SELECT topic, reason, detail, bytes, head FROM quarantine").fetchall()
    assert rows == [("phoan/1/x", "not_json", "line?one", 2000, payload[: records.QUARANTINE_HEAD_BYTES])]


def test_viewers_hear_of_changes_only_when_they_are_committed(database: str, connection: Connection) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute(f"LISTEN {records.CHANNEL}")
        records.write(connection, commit_of(1, revision=0))
        records.write(connection, commit_of(1, revision=0))
        notices = list(listener.notifies(timeout=0.5))
    assert len(notices) == 1
    assert str(event().id) in notices[0].payload
