"""How far back a statement reads the raw tables, told from the database's own plan.

Raw rows are what boxes measured, as they came. A panel reads aggregates instead; where it needs the rows themselves it
must find them by an index and within a day. Aggregates are views on a plain PostgreSQL, so there the statement's own
relations are looked up first. On TimescaleDB every chunk of a raw table in the plan is looked at, also those below an
aggregate: its newest part is computed from rows that no refresh has reached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

RAW: Final = {"telemetry": "at", "counts": "at", "health": "at", "events": "opened_at"}
"""The raw tables and their time column. Outages and incidents are decisions, a few a day, not measurements."""

A_DAY: Final = timedelta(days=1, minutes=10)
"""A day, and the step of the finest aggregate with room for the time that the test takes."""

_DEPENDS: Final = """
    SELECT DISTINCT refobjid::regclass::text FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
    WHERE pg_depend.classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass
        AND ev_class = 'pg_temp.statement'::regclass AND refobjid <> ev_class"""
_CHUNKS: Final = "SELECT chunk_name::text, hypertable_name::text FROM timescaledb_information.chunks"
_BOUND: Final = re.compile(r"^(?:\w+\.)?(\w+) (>=|>|<=|<|=) (.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Scan:
    """One place of a plan where rows of a raw table are read. `conditions` are those that hold for each row read."""

    table: str
    node: str
    conditions: tuple[str, ...]
    indexed: tuple[str, ...]


def relations(connection: Connection, sql: str) -> set[str]:
    """What a statement itself names; what stands behind a view is not among it."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TEMPORARY VIEW statement AS {sql}".encode())
        return {name for (name,) in connection.execute(_DEPENDS).fetchall()}


def own_scans(connection: Connection, sql: str) -> list[Scan]:
    """Where a statement reads raw tables that it names itself, on a plain PostgreSQL."""
    named = relations(connection, sql)
    raw = named & RAW.keys()
    if not raw:
        return []
    mixed = {name for name in named if name.rpartition("_")[0] in raw}
    if mixed:
        raise AssertionError(f"rows and aggregates of one table in one statement cannot be told apart: {mixed}")
    return [scan for scan in scans(connection, sql, {name: name for name in RAW}) if scan.table in raw]


def chunks(connection: Connection) -> dict[str, str]:
    """The chunks of the raw tables of a TimescaleDB, by name."""
    rows = connection.execute(_CHUNKS).fetchall()
    return {chunk: table for chunk, table in rows if table in RAW}


def scans(connection: Connection, sql: str, tables: dict[str, str]) -> list[Scan]:
    """Every place where rows of `tables` are read, a key being the name in the plan, as if no table were small."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL enable_seqscan = off")
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode()).fetchone()
    assert row
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return list(_found(plan[0]["Plan"], tables))


def too_far(connection: Connection, scan: Scan) -> bool:
    """Whether a scan may read rows of more than a day."""
    lower, upper = ["'-infinity'::timestamptz"], ["now() + INTERVAL '2 minutes'"]
    for condition in scan.conditions:
        found = _BOUND.match(condition)
        if found and found[1] == RAW[scan.table]:
            {">": lower, "<": upper}.get(found[2][0], []).append(found[3])
            if found[2] == "=":
                return False
    if len(lower) == 1:
        return True
    least = f"greatest({', '.join(lower)})"
    most = f"greatest(least({', '.join(upper)}), {least})" if len(upper) == 1 else f"least({', '.join(upper[1:])})"
    row = connection.execute(f"SELECT ({most})::timestamptz - ({least})::timestamptz".encode()).fetchone()
    assert row
    return bool(row[0] > A_DAY)


def by_its_key(scan: Scan) -> bool:
    """Whether rows are found by what an index of the table begins with, not by reading all of an index."""
    leads = ("opened_at",) if scan.table == "events" else ("device_id =",)
    return any(condition.startswith(leads) for condition in scan.indexed)


def _found(node: dict[str, Any], tables: dict[str, str]) -> Iterator[Scan]:
    table = tables.get(node.get("Relation Name", ""))
    below = node.get("Plans", [])
    if table is not None:
        parts = [node] + [one for one in below if one["Node Type"].startswith("Bitmap")]
        indexed = [part[key] for part in parts for key in ("Index Cond",) if key in part]
        filters = [part[key] for part in parts for key in ("Filter", "Vectorized Filter") if key in part]
        split = tuple(condition for text in indexed for condition in _conditions(text))
        yield Scan(table, node["Node Type"], split + tuple(c for text in filters for c in _conditions(text)), split)
    for one in below:
        yield from _found(one, tables)


def _conditions(text: str) -> Iterator[str]:
    """The parts of a condition that all hold: `((a = 1) AND (b > 2))` are two."""
    inner = text.strip()
    while inner.startswith("(") and _closes(inner) == len(inner) - 1:
        inner = inner[1:-1].strip()
    parts = _split(inner)
    if len(parts) == 1:
        yield inner
        return
    for part in parts:
        yield from _conditions(part)


def _closes(text: str) -> int:
    depth, quoted = 0, False
    for index, letter in enumerate(text):
        quoted ^= letter == "'"
        if not quoted:
            depth += (letter == "(") - (letter == ")")
            if depth == 0:
                return index
    return -1


def _split(text: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for index, letter in enumerate(text):
        quoted ^= letter == "'"
        if quoted:
            continue
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(" AND ", index):
            parts.append(text[start:index])
            start = index + 5
    return [*parts, text[start:]]
