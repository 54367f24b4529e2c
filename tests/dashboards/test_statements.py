"""Every statement of every dashboard, on both engines, over ten days of a ward."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from dashboards.words import CROSSINGS, SEVERITY
from tests.support.panels.checks import check, far
from tests.support.panels.frames import Frame, Target, ask, faults, series
from tests.support.panels.macros import filled
from tests.support.panels.targets import CHOSEN, EVERYTHING, ONE, asked, targets

Connection = psycopg.Connection[tuple[Any, ...]]
CODES = (*SEVERITY, *CROSSINGS)
"""Values of the store by which lines are told apart."""
DAY, MONTH, YEAR = timedelta(days=1), timedelta(days=30), timedelta(days=365)
TARGETS = list(targets())
NAMES = [target.name for target in TARGETS]
ENGLISH = [
    (vietnamese, english)
    for vietnamese, english in zip(TARGETS, targets("en"), strict=True)
    if vietnamese.sql != english.sql
]


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_every_statement_answers_what_its_panel_shows(stocked: Connection, target: Target) -> None:
    frame = check(stocked, target, asked(target, DAY))
    assert check(stocked, target, asked(target, MONTH, CHOSEN)).names == frame.names
    names = frame.names if target.form == "table" else (*frame.names, *re.findall(r"'([\w.]+)'", target.sql), *CODES)
    assert target.overrides <= set(names)
    if target.form == "time_series":
        assert not list(faults(ask(stocked, target, asked(target, YEAR, ONE)), target.form))


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_every_statement_answers_the_same_columns_on_timescaledb(
    stocked: Connection, stocked_timescale: Connection, target: Target
) -> None:
    # Storage counts all rows of a day; whatever is asked each minute begins at a box, a camera or a device.
    keyed = not target.name.startswith("storage")
    frame = check(stocked_timescale, target, asked(target, DAY, timescaledb=True), keyed=keyed)
    check(stocked_timescale, target, asked(target, MONTH, CHOSEN, timescaledb=True), keyed=keyed)
    assert frame.names == ask(stocked, target, asked(target, DAY)).names


@pytest.mark.parametrize(("vietnamese", "english"), ENGLISH, ids=[one.name for _, one in ENGLISH])
def test_the_english_ones_answer_the_same(stocked: Connection, vietnamese: Target, english: Target) -> None:
    ours, theirs = (check(stocked, one, asked(one, MONTH)) for one in (vietnamese, english))
    assert (ours.names, ours.kinds) == (theirs.names, theirs.kinds)


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_no_statement_breaks_on_a_centre_that_is_new(new: Connection, target: Target) -> None:
    assert ask(new, target, asked(target, DAY, EVERYTHING)).names


def statement(sql: str, form: str = "table") -> Target:
    return Target("made up", sql, form)


FAR = {
    "rows of two days": "SELECT count(*) FROM events WHERE opened_at > now() - INTERVAL '2 days'",
    "rows of a week, by a box": "SELECT count(*) FROM health WHERE device_id = 'an-luu-1' AND metric = 'outbox.pending'"
    " AND zone_id = '' AND at BETWEEN now() - INTERVAL '7 days' AND now()",
    "rows of all time": "SELECT count(*) FROM telemetry",
    "a day of which nothing says the beginning": "SELECT count(*) FROM events WHERE opened_at < now()",
    "the whole chosen time": "SELECT count(*) FROM events WHERE $__timeFilter(opened_at)",
}


@pytest.mark.parametrize("sql", FAR.values(), ids=FAR)
@pytest.mark.parametrize("engine", ["stocked", "stocked_timescale"])
def test_who_reads_rows_from_far_back_is_found(request: pytest.FixtureRequest, engine: str, sql: str) -> None:
    connection: Connection = request.getfixturevalue(engine)
    target = statement(sql)
    assert far(connection, filled(sql, asked(target, MONTH)).sql)


def test_a_day_of_rows_by_an_index_is_allowed(stocked: Connection, stocked_timescale: Connection) -> None:
    sql = "SELECT count(*) FROM events WHERE opened_at BETWEEN now() - INTERVAL '1 day' AND now()"
    assert far(stocked, sql) == far(stocked_timescale, sql) == []
    assert far(stocked, "SELECT count(*) FROM health WHERE at BETWEEN now() - INTERVAL '1 hour' AND now()")


def test_an_aggregate_is_no_row_of_its_table(stocked: Connection, stocked_timescale: Connection) -> None:
    sql = "SELECT count(*) FROM events_1d WHERE bucket > now() - INTERVAL '1 year'"
    assert far(stocked, sql) == far(stocked_timescale, sql) == []


def test_what_grafana_refuses_is_found(stocked: Connection) -> None:
    def wrong(sql: str, form: str = "time_series") -> list[str]:
        return list(faults(ask(stocked, statement(sql, form), asked(statement(sql), DAY)), form))

    assert wrong("SELECT 1 AS value, now() AS time") == ["the first column is not time"]
    assert wrong("SELECT now() AS time, 'a' AS metric") == ["nothing is a number"]
    assert wrong("SELECT NULL::timestamptz AS time, 1 AS value") == ["a row without a time"]
    assert wrong("SELECT now() - n * INTERVAL '1 h' AS time, n AS value FROM generate_series(1, 3) AS n")
    assert wrong("SELECT now() AS time, 'a' AS metric, n AS value FROM generate_series(1, 2) AS n")
    assert wrong("SELECT now() AS time, n::text AS metric, n AS value FROM generate_series(1, 30) AS n")
    assert wrong("SELECT now() - now() AS lasted", "table")
    assert wrong("SELECT ARRAY['a'] AS names", "table")
    assert wrong("SELECT 'noon' AS time", "table") == ["time is no time"]
    assert wrong("SELECT now() AS time, 1 AS value") == []


def test_lines_are_named_as_grafana_names_them() -> None:
    frame = Frame(
        ("time", "metric", "low", "high"), ("time", "text", "number", "number"), [(1, "a", 1, 2), (1, "b", 3, 4)]
    )
    assert series(frame) == {("low", "a"), ("low", "b"), ("high", "a"), ("high", "b")}
