"""Fixtures that give real things. Whatever they start they also end."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from demo.postgres import Postgres
from storage import inventory
from tests.support.brokers import TestBroker
from tests.support.databases import fresh_database, memory, prepare_template
from tests.support.samples import INVENTORY
from tests.support.turns import OneStage, arrange


def pytest_configure() -> None:
    """A shell that starts something in the background has it, and all that it starts, ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    arrange(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneStage | None:
    return OneStage(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A database server with a migrated template.

    Not under pytest's own folder: another run of pytest as root closes that to the server's account.
    """
    with tempfile.TemporaryDirectory(prefix="phoan-test-", dir=memory()) as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "data")
        prepare_template(server)
        yield server
        server.stop()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The connection string of a migrated database that holds the sample inventory."""
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            inventory.apply(connection, INVENTORY)
        yield conninfo


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """An autocommit connection to `database`."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TestBroker]:
    """A running MQTT broker that lets everybody in."""
    broker = TestBroker(tmp_path)
    broker.start()
    yield broker
    broker.stop()
