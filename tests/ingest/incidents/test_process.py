"""The whole way, as processes: a box's message through the broker to an incident, and a worker killed in between."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import psycopg
import pytest
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from psycopg.rows import TupleRow

from contracts.event import Event, EventBatch, EventRecord
from contracts.ids import new_id
from contracts.status import BoxState, BoxStatus
from contracts.topics import BoxTopic, Channel
from demo.processes import Processes
from tests.ingest.incidents.test_correlator import NOW, numbered
from tests.support.mosquitto import Mosquitto
from tests.support.samples import EPOCH, SESSION
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def box(broker: Mosquitto) -> Iterator[mqtt.Client]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "test-box", protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.stop_all()


def start(processes: Processes, folder: Path, database: str, port: int, name: str) -> Any:
    settings = {
        "worker": name,
        "database": database,
        "mqtt": {"host": "127.0.0.1", "port": port},
        "correlation": {"box_grace_s": 1},
    }
    config = folder / f"{name}.yaml"
    config.write_text(yaml.safe_dump(settings))
    process = processes.start(name, ["ingest", "--config", str(config), "run"])
    eventually(lambda: "connected to broker" in (folder / f"{name}.log").read_text(), 30)
    return process


def publish(box: mqtt.Client, *events: Event) -> None:
    records = tuple(EventRecord(seq=one.id.int % 10_000, event=one) for one in events)
    batch = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOW, records=records)
    box.publish(str(BoxTopic("an-luu", "an-luu-1", Channel.EVENTS)), batch.to_bytes(), qos=1).wait_for_publish(5)


def say(box: mqtt.Client, state: BoxState, session: Any = SESSION) -> None:
    status = BoxStatus(box="an-luu-1", session=session, n=1, state=state, at=NOW)
    box.publish(str(BoxTopic("an-luu", "an-luu-1", Channel.STATUS)), status.to_bytes(), qos=1).wait_for_publish(5)


def incidents(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT kind, state, reason, events FROM incidents ORDER BY kind").fetchall()


def test_what_a_box_reports_and_its_silence_are_incidents(
    database: str, connection: Connection, broker: Mosquitto, box: mqtt.Client, processes: Processes, tmp_path: Path
) -> None:
    worker = start(processes, tmp_path, database, broker.port, "first")
    publish(box, numbered(1))
    eventually(lambda: incidents(connection) == [("intrusion", "new", None, 1)])
    say(box, BoxState.OFFLINE)
    eventually(lambda: ("box_silent", "new", None, 0) in incidents(connection), 20)
    say(box, BoxState.ONLINE, new_id())
    eventually(lambda: ("box_silent", "resolved", "recovered", 0) in incidents(connection), 20)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    processes.running.pop("first")


def test_a_worker_killed_at_any_moment_loses_no_events_incident(
    database: str, connection: Connection, broker: Mosquitto, box: mqtt.Client, processes: Processes, tmp_path: Path
) -> None:
    for number in range(4):
        worker = start(processes, tmp_path, database, broker.port, f"worker-{number}")
        publish(box, *(numbered(number * 50 + one) for one in range(1, 51)))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        processes.running.pop(f"worker-{number}")
    start(processes, tmp_path, database, broker.port, "last")

    def sent_again() -> bool:
        """As the outbox does: the broker may have given a message to a worker that is no more."""
        publish(box, *(numbered(one) for one in range(1, 201)))
        time.sleep(0.5)
        return incidents(connection) == [("intrusion", "new", None, 200)]

    eventually(sent_again, 30)
    assert connection.execute("SELECT count(*), count(DISTINCT event_id) FROM incident_events").fetchone() == (200, 200)
    eventually(lambda: connection.execute("SELECT count(*) FROM correlation_queue").fetchone() == (0,))
