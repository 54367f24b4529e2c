"""An answer of the database as Grafana's PostgreSQL plugin reads it, and what the plugin or a panel would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import psycopg

from tests.support.panels.macros import Asked, filled

KINDS: Final = {
    **dict.fromkeys((20, 21, 23, 700, 701, 1700), "number"),
    **dict.fromkeys((1082, 1114, 1184), "time"),
    **dict.fromkeys((18, 19, 25, 1042, 1043), "text"),
    16: "bool",
}
"""PostgreSQL's types by what Grafana makes of them. Others, as intervals and arrays, become text that nobody reads."""

MOST_SERIES: Final = 20
"""More lines than that nobody tells apart."""


@dataclass(frozen=True, slots=True)
class Target:
    """One query of a dashboard or alert rule: where it stands, its statement and format, its panel's step.

    `variables` are those that its dashboard has; `overrides` are columns or lines that its panel shows in its own way.
    """

    name: str
    sql: str
    form: str
    least: str = "1s"
    points: int = 1000
    variables: frozenset[str] = frozenset()
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns with their kinds, and rows."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


def ask(connection: psycopg.Connection[tuple[Any, ...]], target: Target, asked: Asked) -> Frame:
    """Ask the database what Grafana would."""
    cursor = connection.execute(filled(target.sql, asked).sql.encode())
    columns = cursor.description or []
    kinds = tuple(KINDS.get(column.type_code, f"type {column.type_code}") for column in columns)
    return Frame(tuple(column.name for column in columns), kinds, cursor.fetchall())


def faults(frame: Frame, form: str) -> Iterator[str]:
    """What is wrong with an answer: what the plugin refuses, and what a panel could not show."""
    if len(set(frame.names)) < len(frame.names):
        yield "two columns of one name"
    for name, kind in zip(frame.names, frame.kinds, strict=True):
        if kind.startswith("type"):
            yield f"{name} is of a kind that Grafana does not know ({kind})"
    if form == "time_series":
        yield from _series_faults(frame)
    elif "time" in frame.names and frame.kinds[frame.names.index("time")] != "time":
        yield "time is no time"


def series(frame: Frame) -> set[tuple[Any, ...]]:
    """The lines of a time series: one for each number column and each set of labels."""
    labels = [index for index, kind in enumerate(frame.kinds) if kind == "text"]
    values = [name for name, kind in _measured(frame) if kind == "number"]
    return {(value, *(row[index] for index in labels)) for row in frame.rows for value in values}


def _measured(frame: Frame) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in zip(frame.names, frame.kinds, strict=True) if name != "time"]


def _series_faults(frame: Frame) -> Iterator[str]:
    if not frame.names or frame.names[0] != "time":
        yield "the first column is not time"
        return
    if frame.kinds[0] not in ("time", "number"):  # numbers are seconds of the epoch, as `$__timeGroup` makes them
        yield "time is neither a time nor a number"
    if [kind for _, kind in _measured(frame) if kind not in ("number", "text")]:
        yield "a column is neither a number nor a label"
    if not any(kind == "number" for _, kind in _measured(frame)):
        yield "nothing is a number"
    moments = [row[0] for row in frame.rows]
    if any(moment is None for moment in moments):
        yield "a row without a time"
    elif any(later < earlier for earlier, later in pairwise(moments)):
        yield "rows are not in the order of time"
    labels = [index for index, kind in enumerate(frame.kinds) if kind == "text"]
    keys = [(row[0], *(row[index] for index in labels)) for row in frame.rows]
    if len(set(keys)) < len(keys):
        yield "two values of one line at one time"
    if len(series(frame)) > MOST_SERIES:
        yield "more lines than anybody tells apart"


def has_numbers(frame: Frame) -> bool:
    """Whether there is at least one row with a number or text in it, not only NULLs."""
    return any(
        isinstance(cell, int | float | Decimal | str | datetime | date)
        for row in frame.rows
        for cell in row[:1] + row[1:]
    )
