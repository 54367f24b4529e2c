from __future__ import annotations

import re

import psycopg
import pytest
from psycopg.rows import TupleRow

from storage import records
from storage.sql import queries

FILES = ("accounts", "history", "inventory", "media", "quarantine", "records", "report", "status", "wall")
NOT_EXPLAINABLE = {"stage", "copy_events", "copy_samples", "copy_ledger"}
TIMESCALE_ONLY = {"hypertable_sizes", "policies"}
EVERY_QUERY = [(file, name) for file in FILES for name in queries(file) if name not in NOT_EXPLAINABLE | TIMESCALE_ONLY]


def query(file: str, name: str) -> str:
    """The text of a query; one that is asked of several series, of one of them."""
    return queries(file)[name].replace("{series}", "counts")


@pytest.mark.parametrize(("file", "name"), EVERY_QUERY)
def test_every_query_can_be_planned_on_the_real_schema(
    connection: psycopg.Connection[TupleRow], file: str, name: str
) -> None:
    text = query(file, name)
    connection.execute(queries("records")["stage"])
    parameters: dict[str, int | None] = dict.fromkeys(re.findall(r"%\((\w+)\)s", text))
    parameters |= {key: 1 for key in ("limit", "most") if key in parameters}
    plan = connection.execute("EXPLAIN " + text, parameters or None).fetchall()
    assert plan


def test_the_copy_statements_name_columns_of_the_staging_tables(connection: psycopg.Connection[TupleRow]) -> None:
    with connection.transaction():
        connection.execute(records.SQL["stage"])
        for name in sorted(NOT_EXPLAINABLE - {"stage"}):
            with connection.cursor().copy(records.SQL[name]) as copy:
                assert copy.cursor is not None
