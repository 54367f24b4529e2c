"""Asks an alert rule as Grafana does: the query's rows become numbers with labels, the expression holds them against
its bound, and each set of labels goes through normal, pending and alerting by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import TupleRow

TEXT, FLOAT = 25, 701
EVALUATIONS_TO_RESOLVE = 2
"""For how many evaluations a set of labels must be missing before Grafana takes its alert for over."""

Labels = frozenset[tuple[str, str]]


class State(StrEnum):
    NORMAL = "normal"
    PENDING = "pending"
    ALERTING = "alerting"


def label_names(rule: dict[str, Any], connection: psycopg.Connection[TupleRow]) -> set[str]:
    """The labels that the rule's alerts have, also where there is no row."""
    cursor = connection.execute(cast("LiteralString", rule["data"][0]["model"]["rawSql"]))
    return {column.name for column in cursor.description or () if column.type_code == TEXT}


def values(rule: dict[str, Any], connection: psycopg.Connection[TupleRow]) -> dict[Labels, float]:
    """What the rule's query brings. Grafana takes texts and one number, and no two rows of the same texts."""
    query = next(one["model"] for one in rule["data"] if one["refId"] == "A")
    assert query["format"] == "table"
    cursor = connection.execute(cast("LiteralString", query["rawSql"]))
    columns = cursor.description or []
    number = [at for at, column in enumerate(columns) if column.type_code == FLOAT]
    assert len(number) == 1, "one number"
    assert {column.type_code for column in columns} <= {TEXT, FLOAT}, "texts beside it"
    found: dict[Labels, float] = {}
    for row in cursor.fetchall():
        assert None not in row
        named = frozenset((column.name, row[at]) for at, column in enumerate(columns) if at not in number)
        assert named not in found, "two rows of the same labels"
        found[named] = row[number[0]]
    return found


def beyond(rule: dict[str, Any], value: float) -> bool:
    """What the rule's condition makes of a value."""
    expression = next(one["model"] for one in rule["data"] if one["refId"] == rule["condition"])
    assert (expression["type"], expression["expression"]) == ("threshold", "A")
    (condition,) = expression["conditions"]
    (bound,) = condition["evaluator"]["params"]
    return bool({"gt": value > bound, "lt": value < bound}[condition["evaluator"]["type"]])


def firing(rule: dict[str, Any], connection: psycopg.Connection[TupleRow]) -> list[dict[str, str]]:
    """The labels of the rows that are beyond the bound."""
    return [dict(labels) for labels, value in values(rule, connection).items() if beyond(rule, value)]


@dataclass
class Watch:
    """A rule over time."""

    rule: dict[str, Any]
    since: dict[Labels, datetime] = field(default_factory=dict)
    missing: dict[Labels, int] = field(default_factory=dict)

    def look(self, now: datetime, found: dict[Labels, float]) -> dict[Labels, State]:
        """The state of every set of labels after an evaluation at `now`."""
        states: dict[Labels, State] = {}
        for labels, value in found.items():
            if not beyond(self.rule, value):
                self.since.pop(labels, None)
                states[labels] = State.NORMAL
                continue
            begun = self.since.setdefault(labels, now)
            states[labels] = State.ALERTING if now - begun >= span(self.rule["for"]) else State.PENDING
        for labels in self.since.keys() - found.keys():
            self.missing[labels] = self.missing.get(labels, 0) + 1
            if self.missing[labels] >= EVALUATIONS_TO_RESOLVE:
                del self.since[labels]
            else:
                states[labels] = State.ALERTING
        self.missing = {labels: count for labels, count in self.missing.items() if labels not in found}
        return states


def span(text: str) -> timedelta:
    """A duration as Prometheus writes it, of one unit."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    return timedelta(**{units[text[-1]]: int(text[:-1])})
