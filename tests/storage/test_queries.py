from __future__ import annotations

import re

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.telemetry import Series
from storage import records, samples, search
from storage.sql import queries

FILES = (
    "accounts",
    "announcements",
    "audit",
    "box_configs",
    "box_reports",
    "boxes",
    "correlation",
    "devices",
    "exports",
    "grants",
    "handovers",
    "history",
    "identities",
    "incidents",
    "inventory",
    "layouts",
    "media",
    "notifications",
    "payability",
    "payment_looks",
    "payment_points",
    "payment_scans",
    "places",
    "quarantine",
    "recordings",
    "records",
    "releases",
    "report",
    "samples",
    "search",
    "status",
    "timeline",
    "wall",
)
NOT_EXPLAINABLE = {"stage", "copy", "copy_to_stage", "copy_events", "copy_ledger"}
TIMESCALE_ONLY = {"hypertable_sizes", "policies"}
EVERY_QUERY = [(file, name) for file in FILES for name in queries(file) if name not in NOT_EXPLAINABLE | TIMESCALE_ONLY]


MARKS = {
    "{series}": "counts",
    "{stage}": "stage_counts",
    "{length}": "1h",
    "{found}": "SELECT id, opened_at, ward_id, box_id, body, received_at FROM events",
    "{key}": search.Key.KIND.value,
    "{conditions}": "true",
}
"""What stands in the braces of a query that is asked in several forms, for one of them."""


def query(file: str, name: str) -> str:
    """The text of a query."""
    text: str = queries(file)[name]
    for mark, form in MARKS.items():
        text = text.replace(mark, form)
    return text


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
