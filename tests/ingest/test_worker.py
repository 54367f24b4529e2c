"""A real worker process between the production broker and a real PostgreSQL."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import psycopg
import pytest
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from psycopg.rows import TupleRow

from contracts.event import EventBatch, EventRecord
from contracts.records import Ack
from contracts.status import BoxState, BoxStatus
from contracts.topics import BoxTopic, Channel
from contracts.wire import read
from demo.postgres import Postgres
from demo.processes import Processes, free_port
from tests.support.mosquitto import Mosquitto
from tests.support.samples import EPOCH, NOON, SESSION, event
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]


class Box:
    """A box's end of the wire: publishes what it is told and collects acknowledgements."""

    def __init__(self, port: int) -> None:
        self.acked: set[int] = set()
        self._connected = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "test-box", protocol=mqtt.MQTTv5)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._connected.wait(5)

    def send(self, channel: Channel, payload: bytes, *, retain: bool = False, ward: str = "an-luu") -> None:
        self._client.publish(str(BoxTopic(ward, "an-luu-1", channel)), payload, qos=1, retain=retain)

    def acked_after_sending(self, seq: int) -> bool:
        """Send once more and see whether it is acknowledged by now."""
        self.send_events(seq)
        return seq in self.acked

    def send_events(self, *seqs: int) -> None:
        records = tuple(EventRecord(seq=seq, event=event(revision=seq)) for seq in seqs)
        batch = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOON, records=records)
        self.send(Channel.EVENTS, batch.to_bytes())

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(str(BoxTopic("an-luu", "an-luu-1", Channel.ACK)), qos=1)
        self._connected.set()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        for span in read(Ack, bytes(message.payload)).ranges:
            self.acked |= set(range(span.first, span.last + 1))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def box(broker: Mosquitto) -> Iterator[Box]:
    box = Box(broker.port)
    yield box
    box.close()


def batch_with(seq: int, changes: dict[str, str]) -> bytes:
    """A batch of one event record with fields changed as a faulty box might."""
    batch = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOON, records=(EventRecord(seq=seq, event=event()),))
    raw = json.loads(batch.to_bytes())
    raw["records"][0]["event"] |= changes
    return json.dumps(raw).encode()


def figures_of(port: int, word: str) -> str | None:
    """What the worker tells Prometheus, once `word` is in it."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return text if word in text else None


class Worker:
    """The program `phoan-ingest run`."""

    def __init__(
        self, folder: Path, database: str, port: int, name: str = "1", metrics: dict[str, int] | None = None
    ) -> None:
        settings = {
            "worker": name,
            "database": database,
            "mqtt": {"host": "127.0.0.1", "port": port},
            "metrics": metrics,
        }
        config = folder / f"ingest-{name}.yaml"
        config.write_text(yaml.safe_dump(settings))
        self._processes = Processes(folder)
        self._command = ["ingest", "--config", str(config), "run"]
        self._log = folder / f"ingest-{name}.log"
        self._name = f"ingest-{name}"

    def start(self) -> None:
        before = self.said().count("connected to broker")
        self._processes.start(self._name, self._command)
        eventually(lambda: self.said().count("connected to broker") > before)

    def said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def end(self, number: signal.Signals) -> int:
        process = self._processes.running.pop(self._name)
        process.send_signal(number)
        return process.wait(10)

    def stop(self) -> None:
        self._processes.stop_all()


@pytest.fixture
def worker(tmp_path: Path, database: str, broker: Mosquitto) -> Iterator[Worker]:
    worker = Worker(tmp_path, database, broker.port)
    worker.start()
    yield worker
    worker.stop()


def count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row
    return int(row[0])


def test_a_record_is_committed_before_it_is_acknowledged(worker: Worker, box: Box, connection: Connection) -> None:
    box.send_events(1, 2, 3)
    eventually(lambda: box.acked == {1, 2, 3})
    assert connection.execute("SELECT revision FROM events").fetchall() == [(3,)]
    assert connection.execute("SELECT seqs::text FROM box_ledgers").fetchall() == [("{[1,4)}",)]


def test_a_repeat_is_acknowledged_and_changes_nothing(worker: Worker, box: Box, connection: Connection) -> None:
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    before = connection.execute("SELECT * FROM events").fetchall()
    box.acked.clear()
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    assert connection.execute("SELECT * FROM events").fetchall() == before


def test_broken_messages_are_quarantined_and_the_flow_goes_on(worker: Worker, box: Box, connection: Connection) -> None:
    box.send(Channel.EVENTS, b"\x00\xff garbage")
    box.send(Channel.TELEMETRY, json.dumps({"v": 99}).encode())
    box.send(Channel.EVENTS, b"{}", ward="phuong-4")
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    eventually(lambda: count(connection, "quarantine") == 3)
    reasons = connection.execute("SELECT reason FROM quarantine ORDER BY reason").fetchall()
    assert reasons == [("invalid",), ("not_json",), ("wrong_ward",)]


def test_a_box_declared_while_the_worker_runs_is_known_at_once(
    worker: Worker, box: Box, connection: Connection
) -> None:
    connection.execute("UPDATE cameras SET box_id = 'phuong-4-1' WHERE box_id = 'an-luu-1'")
    connection.execute("UPDATE devices SET box_id = NULL WHERE box_id = 'an-luu-1'")
    connection.execute("DELETE FROM boxes WHERE id = 'an-luu-1'")
    box.send_events(1)  # the worker's directory may still hold the box
    connection.execute("INSERT INTO boxes (id, ward_id, name) VALUES ('an-luu-1', 'an-luu', 'again')")
    connection.execute("UPDATE cameras SET box_id = 'an-luu-1' WHERE id = 'quang-trung-1'")
    eventually(lambda: box.acked_after_sending(1))


def test_a_killed_worker_loses_nothing(worker: Worker, box: Box, connection: Connection) -> None:
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    worker.end(signal.SIGKILL)
    box.send_events(2)
    worker.start()
    eventually(lambda: box.acked == {1, 2})
    assert connection.execute("SELECT revision FROM events").fetchall() == [(2,)]


def test_sigterm_commits_what_is_in_hand_and_ends_cleanly(worker: Worker, box: Box, connection: Connection) -> None:
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    assert worker.end(signal.SIGTERM) == 0
    assert count(connection, "events") == 1


def test_while_the_database_is_away_nothing_is_acknowledged(
    worker: Worker, box: Box, connection: Connection, postgres: Postgres
) -> None:
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    name = connection.info.dbname
    with psycopg.connect(postgres.conninfo(), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        box.send_events(2)
        eventually(lambda: "database does not take records" in worker.said())
        assert box.acked == {1}
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    eventually(lambda: box.acked == {1, 2})
    assert "database takes records again" in worker.said()


def test_a_broker_that_loses_everything_is_found_again(
    worker: Worker, box: Box, broker: Mosquitto, connection: Connection
) -> None:
    broker.kill()
    broker.start()
    eventually(lambda: worker.said().count("connected to broker") == 2, 15)
    eventually(lambda: box.acked_after_sending(1), 15)
    assert count(connection, "events") == 1


def test_a_message_that_the_database_cannot_store_is_set_aside_alone(
    worker: Worker, box: Box, connection: Connection
) -> None:
    box.send_events(1)
    box.send(Channel.EVENTS, batch_with(2, {"model": "a\x00b"}))
    box.send_events(3)
    eventually(lambda: box.acked == {1, 2, 3})
    assert connection.execute("SELECT reason, bytes > 0 FROM quarantine").fetchall() == [("not_storable", True)]
    assert connection.execute("SELECT revision FROM events").fetchall() == [(3,)]


def test_while_the_database_is_read_only_nothing_is_acknowledged(
    worker: Worker, box: Box, connection: Connection
) -> None:
    box.send_events(1)
    eventually(lambda: box.acked == {1})
    name = connection.info.dbname
    connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (name,)
    )
    box.send_events(2)
    eventually(lambda: "database does not take records" in worker.said(), 20)
    assert box.acked == {1}
    connection.execute("SET default_transaction_read_only = off")
    connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (name,)
    )
    eventually(lambda: box.acked == {1, 2}, 20)


def test_the_figures_say_what_was_done(tmp_path: Path, box: Box, broker: Mosquitto, database: str) -> None:
    port = free_port()
    worker = Worker(tmp_path, database, broker.port, metrics={"port": port})
    worker.start()
    try:
        box.send_events(2, 3)
        box.send(Channel.EVENTS, b"garbage")
        eventually(lambda: box.acked == {2, 3})
        figures = eventually(lambda: figures_of(port, "not_json"))
    finally:
        worker.stop()
    assert 'phoan_ingest_records_total{kind="event"} 2.0' in figures
    assert 'phoan_ingest_quarantined_total{reason="not_json"} 1.0' in figures
    assert "phoan_ingest_commit_seconds_count" in figures
    assert "phoan_ingest_queue_messages 0.0" in figures


def test_two_workers_share_the_messages_and_store_each_once(
    worker: Worker, box: Box, tmp_path: Path, database: str, broker: Mosquitto, connection: Connection
) -> None:
    second = Worker(tmp_path, database, broker.port, name="2")
    second.start()
    try:
        for seq in range(1, 201):
            box.send_events(seq)
        eventually(lambda: box.acked == set(range(1, 201)))
    finally:
        second.stop()
    assert connection.execute("SELECT revision FROM events").fetchall() == [(200,)]
    assert connection.execute("SELECT seqs::text FROM box_ledgers").fetchall() == [("{[1,201)}",)]


def test_a_retained_status_reaches_a_worker_that_starts_later(
    tmp_path: Path, box: Box, broker: Mosquitto, database: str, connection: Connection
) -> None:
    status = BoxStatus(box="an-luu-1", session=SESSION, n=1, state=BoxState.ONLINE, at=NOON)
    box.send(Channel.STATUS, status.to_bytes(), retain=True)
    worker = Worker(tmp_path, database, broker.port)
    worker.start()
    try:
        state = "SELECT state FROM boxes WHERE id = 'an-luu-1'"
        eventually(lambda: connection.execute(state).fetchone() == ("online",))
    finally:
        worker.stop()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"mqtt": {"host": "x"}}, "field database is missing."),
        ({"database": "", "mqtt": {"host": "x", "prot": 1}}, "field mqtt.prot is not known here"),
        ({"database": "", "mqtt": {"host": "x", "port": 99999}}, "field mqtt.port"),
    ],
)
def test_a_wrong_settings_file_is_one_sentence(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    config = tmp_path / "ingest.yaml"
    config.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "ingest", "--config", str(config), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
