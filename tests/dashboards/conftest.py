"""Databases full of a ward's days, for whoever runs statements of dashboards or alert rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from demo.postgres import Postgres
from storage import migrate
from tests.support.databases import fresh_database
from tests.support.panels.stocked import stock
from tests.support.timescale import timescaledb

Connection = psycopg.Connection[tuple[Any, ...]]
LIMIT = "15s"
"""A panel is refreshed every minute; over so little nothing takes as long, even on a machine that is busy."""


@pytest.fixture(scope="session")
def stocked(postgres: Postgres) -> Iterator[Connection]:
    """A plain PostgreSQL with ten days of the sample ward."""
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        stock(connection)
        connection.execute(f"SET statement_timeout = '{LIMIT}'")
        yield connection


@pytest.fixture(scope="session")
def new(postgres: Postgres) -> Iterator[Connection]:
    """A plain PostgreSQL of a centre to which nobody has added a ward or a box."""
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def stocked_timescale() -> Iterator[Connection]:
    """The same on TimescaleDB, with aggregates as refreshed as their policies keep them."""
    with timescaledb() as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        migrate.migrate(connection)
        stock(connection)
        connection.execute(f"SET statement_timeout = '{LIMIT}'")
        yield connection
