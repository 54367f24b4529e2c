from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.rows import TupleRow

from contracts.event import EventBatch, EventRecord
from contracts.topics import BoxTopic, Channel
from ingest.decode import UnknownBoxError, decode, reject_unknown_box
from ingest.replay import Replayed, replay
from storage import migrate, quarantine, records
from storage.records import Commit, KnownBox
from tests.support.samples import EPOCH, NOON, event

Connection = psycopg.Connection[TupleRow]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
TOPIC = str(BoxTopic("an-luu", "an-luu-1", Channel.EVENTS))
BATCH = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOON, records=(EventRecord(seq=1, event=event()),)).to_bytes()


@pytest.fixture
def run(tmp_path: Path, database: str) -> Run:
    """The program `phoan-ingest` on the test's database."""
    config = tmp_path / "ingest.yaml"
    config.write_text(yaml.safe_dump({"database": database, "mqtt": {"host": "localhost"}}))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ingest", "--config", str(config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def quarantined(connection: Connection, payload: bytes, directory: dict[str, KnownBox]) -> None:
    """Take a message in as a worker with this directory would."""
    commit = Commit()
    try:
        decode(TOPIC, payload, directory, commit)
    except UnknownBoxError:
        reject_unknown_box(TOPIC, payload, commit)
    assert commit.rejected
    records.write(connection, commit)


def test_status_says_versions_sizes_and_what_is_missing(run: Run, connection: Connection) -> None:
    records.write(connection, Commit(seqs={records.Origin("an-luu", "an-luu-1", EPOCH): {4}}))
    done = run("status")
    assert done.returncode == 0, done.stderr
    assert "engine      postgresql" in done.stdout
    assert f"migration   {len(migrate.known())} of {len(migrate.known())}" in done.stdout
    assert "an-luu-1                unknown   holds 0, gave up 0, missing 3, repeated 0" in done.stdout
    assert "quarantine  empty" in done.stdout


def test_a_message_of_a_box_declared_later_is_stored_when_tried_again(run: Run, connection: Connection) -> None:
    quarantined(connection, BATCH, {})
    listed = run("quarantine", "list")
    assert "unknown_box" in listed.stdout
    assert TOPIC in listed.stdout
    done = run("quarantine", "replay", "--reason", "unknown_box")
    assert done.stdout == "tried 1, stored 1, 0 stay in quarantine\n"
    assert connection.execute("SELECT id FROM events").fetchall() == [(event().id,)]
    assert quarantine.page(connection, limit=9) == []


def test_a_single_record_of_a_batch_can_be_tried_again(connection: Connection) -> None:
    directory = {"an-luu-1": KnownBox("an-luu-1", "an-luu", [])}
    quarantined(connection, BATCH, directory)
    assert [entry.reason for entry in quarantine.page(connection, limit=9)] == ["unknown_camera"]
    assert replay(connection) == Replayed(tried=1, committed=1)
    assert connection.execute("SELECT id FROM events").fetchall() == [(event().id,)]


def test_what_is_still_broken_stays(connection: Connection) -> None:
    quarantined(connection, b"not json", {"an-luu-1": KnownBox("an-luu-1", "an-luu", [])})
    quarantined(connection, BATCH.replace(b"an-luu-1", b"an-luu-9"), {})
    assert replay(connection) == Replayed(tried=2, committed=0)
    assert quarantine.reasons(connection) == {"not_json": 1, "unknown_box": 1}


def test_commands_on_an_empty_database_say_what_to_do_first(run: Run, connection: Connection) -> None:
    connection.execute("DROP TABLE quarantine")
    done = run("quarantine", "list")
    assert done.returncode == 2
    assert done.stderr == "The database has no tables yet: run `phoan-ingest migrate` first.\n"
