"""What the settings that deploy/ ships are for: two workers share, and nothing is dropped while they are away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.status import BoxState, BoxStatus
from contracts.topics import Channel
from tests.ingest.test_worker import Box, Worker
from tests.support.mosquitto import Mosquitto
from tests.support.samples import NOON, SESSION
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def box(mosquitto: Mosquitto) -> Iterator[Box]:
    box = Box(mosquitto.port)
    yield box
    box.close()


@pytest.fixture
def workers(tmp_path: Path, database: str, mosquitto: Mosquitto) -> Iterator[tuple[Worker, Worker]]:
    pair = tuple(Worker(tmp_path, database, mosquitto.port, name) for name in ("1", "2"))
    for worker in pair:
        worker.start()
    yield pair[0], pair[1]
    for worker in pair:
        worker.stop()


def test_two_workers_share_what_a_box_sends(workers: tuple[Worker, Worker], box: Box, connection: Connection) -> None:
    for seq in range(1, 201):
        box.send_events(seq)
    eventually(lambda: box.acked == set(range(1, 201)), 20)
    assert connection.execute("SELECT seqs::text FROM box_ledgers").fetchall() == [("{[1,201)}",)]
    assert connection.execute("SELECT revision FROM events").fetchall() == [(200,)]


def test_many_messages_wait_for_workers_that_are_away(
    workers: tuple[Worker, Worker], box: Box, connection: Connection
) -> None:
    """By default mosquitto drops what is above 1,000; nothing here is sent a second time."""
    for worker in workers:
        worker.end(signal.SIGTERM)
    for seq in range(1, 3001):
        box.send_events(seq)
    for worker in workers:
        worker.start()
    eventually(lambda: box.acked == set(range(1, 3001)), 60)
    assert connection.execute("SELECT repeats FROM box_ledgers").fetchall() == [(0,)]


def test_a_retained_status_is_heard_by_every_worker(
    workers: tuple[Worker, Worker], box: Box, connection: Connection
) -> None:
    status = BoxStatus(box="an-luu-1", session=SESSION, n=1, state=BoxState.ONLINE, at=NOON)
    box.send(Channel.STATUS, status.to_bytes(), retain=True)
    state = "SELECT state FROM boxes WHERE id = 'an-luu-1'"
    assert eventually(lambda: connection.execute(state).fetchone() == ("online",))
