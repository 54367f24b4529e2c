from __future__ import annotations

import re

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.telemetry import Series
from storage import records, samples
from storage.sql import queries

FILES = (
    "accounts",
    "audit",
    "correlation",
    "grants",
    "handovers",
    "history",
    "incidents",
    "inventory",
    "media",
    "notifications",
    "quarantine",
    "recordings",
    "records",
    "report",
    "samples",
    "status",
    "wall",
)
NOT_EXPLAINABLE = {"stage", "copy", "copy_to_stage", "copy_events", "copy_ledger"}
TIMESCALE_ONLY = {"hypertable_sizes", "policies"}
EVERY_QUERY = [(file, name) for file in FILES for name in queries(file) if name not in NOT_EXPLAINABLE | TIMESCALE_ONLY]


def query(file: str, name: str) -> str:
    """The text of a query; one that is asked of several series, of one of them."""
    return (
        queries(file)[name].replace("{series}", "counts").replace("{stage}", "stage_counts").replace("{length}", "1h")
    )


@pytest.mark.parametrize(("file", "name"), EVERY_QUERY)
def test_every_query_can_be_planned_on_the_real_schema(
    connection: psycopg.Connection[TupleRow], file: str, name: str
) -> None:
    text = query(file, name)
    connection.execute(queries("records")["stage"])
    connection.execute(samples.statement("stage", Series.COUNTS))
    parameters: dict[str, int | None] = dict.fromkeys(re.findall(r"%\((\w+)\)s", text))
    parameters |= {key: 1 for key in ("limit", "most") if key in parameters}
    plan = connection.execute("EXPLAIN " + text, parameters or None).fetchall()
    assert plan


def test_the_copy_statements_name_columns_of_their_tables(connection: psycopg.Connection[TupleRow]) -> None:
    with connection.transaction():
        connection.execute(records.SQL["stage"])
        connection.execute(samples.statement("stage", Series.HEALTH))
        for name in ("copy_events", "copy_ledger"):
            with connection.cursor().copy(records.SQL[name]) as copy:
                assert copy.cursor is not None
        for name in ("copy", "copy_to_stage"):
            with connection.cursor().copy(samples.statement(name, Series.HEALTH)) as copy:
                assert copy.cursor is not None
