"""Grafana's macros and variables, as its PostgreSQL data source expands them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.panels.macros import All, Asked, MacroError, filled, interval, parsed, written

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
END = datetime(2026, 11, 22, 9, 30, 0, 250_000, tzinfo=UTC)
ASKED = Asked(START, END, 300_000)
LARGE = Asked(START, END, 300_000, timescaledb=True)

EXPANDED = {
    "$__time(at)": 'at AS "time"',
    "$__timeEpoch(at)": 'extract(epoch from at) as "time"',
    "$__timeFilter(t.at)": "t.at BETWEEN '2026-11-21T09:30:00Z' AND '2026-11-22T09:30:00.25Z'",
    "$__timeFrom()": "'2026-11-21T09:30:00Z'",
    "$__timeTo()": "'2026-11-22T09:30:00.25Z'",
    "$__timeGroup(at, '5m')": "floor(extract(epoch from at)/300)*300",
    "$__timeGroup(at,5m), n": 'floor(extract(epoch from at)/300)*300 AS "time", n',
    "$__timeGroupAlias(at, $__interval)": 'floor(extract(epoch from at)/300)*300 AS "time"',
    "$__unixEpochFilter(s)": "s >= 1795253400 AND s <= 1795339800",
    "$__unixEpochFrom() $__unixEpochTo()": "1795253400 1795339800",
    "$__unixEpochNanoFilter(n)": "n >= 1795253400000000000 AND n <= 1795339800250000000",
    "$__unixEpochNanoFrom() $__unixEpochNanoTo()": "1795253400000000000 1795339800250000000",
    "$__unixEpochGroup(s, '1h')": "floor((s)/3600)*3600",
    "$__unixEpochGroupAlias(s, '1h')": 'floor((s)/3600)*3600 AS "time"',
    "$__interval $__interval_ms": "5m 300000",
    "$__from ${__to}": "1795253400000 1795339800250",
}


@pytest.mark.parametrize("raw", EXPANDED)
def test_a_macro_is_expanded_as_documented(raw: str) -> None:
    assert filled(raw, ASKED).sql == EXPANDED[raw]


def test_timescaledb_groups_by_its_own_buckets() -> None:
    assert filled("$__timeGroupAlias(at, '5m')", LARGE).sql == "time_bucket('300.000s',at) AS \"time\""


@pytest.mark.parametrize(("word", "fill"), [("NULL", "NULL"), ("previous", "previous"), ("0", "0")])
def test_a_fill_is_no_part_of_the_query(word: str, fill: str) -> None:
    done = filled(f"$__timeGroupAlias(at, $__interval, {word})", ASKED)
    assert done.sql == 'floor(extract(epoch from at)/300)*300 AS "time"'
    assert done.fill == (fill, 300_000)


@pytest.mark.parametrize("raw", ["$__timeGroup(at)", "$__timeGroup(at, soon)", "$__timeSpan(at)"])
def test_what_grafana_refuses_is_refused(raw: str) -> None:
    with pytest.raises(MacroError):
        filled(raw, ASKED)


def test_a_call_ends_at_its_first_bracket() -> None:
    assert filled("$__timeFilter(date(at))", ASKED).sql.startswith("date(at BETWEEN ")


VALUES = Asked(START, END, variables={"one": "chợ", "many": ["a", "O'Brien"], "all": All("SELECT id FROM wards")})
CHOSEN = {
    "IN (${many:sqlstring})": "IN ('a','O''Brien')",
    "IN ($many)": "IN ('a','O''Brien')",
    "= ${one:sqlstring}": "= 'chợ'",
    "= '$one'": "= 'chợ'",
    "${many:csv}": "a,O'Brien",
    "IN (${all:sqlstring})": "IN (SELECT id FROM wards)",
    "[[one]]": "chợ",
    "$nothing ${other:sqlstring}": "$nothing ${other:sqlstring}",
}


@pytest.mark.parametrize("raw", CHOSEN)
def test_a_choice_is_put_in_as_the_page_does(raw: str) -> None:
    assert filled(raw, VALUES).sql == CHOSEN[raw]


@pytest.mark.parametrize(
    ("span", "points", "least", "step"),
    [
        (timedelta(hours=1), 400, "5m", "5m"),
        (timedelta(days=1), 400, "5m", "5m"),
        (timedelta(days=7), 400, "5m", "30m"),
        (timedelta(days=30), 400, "5m", "2h"),
        (timedelta(days=365), 400, "5m", "12h"),
        (timedelta(days=365), 100, "5m", "1d"),
        (timedelta(hours=1), 1000, "1s", "5s"),
    ],
)
def test_a_step_is_round_and_no_finer_than_the_panel_allows(
    span: timedelta, points: int, least: str, step: str
) -> None:
    assert interval(span, points, least) == parsed(step)


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(250, "250ms"), (90_000, "1m"), (7_200_000, "2h"), (86_400_000, "1d")]
)
def test_an_interval_is_written_in_its_largest_unit(milliseconds: int, text: str) -> None:
    assert written(milliseconds) == text
