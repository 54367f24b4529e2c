"""Runs a statement as Grafana would and says everything that is wrong with it; for panels and for alert rules alike."""

from __future__ import annotations

from typing import Any

import psycopg

from storage.migrate import has_timescaledb
from tests.support.panels import scans
from tests.support.panels.frames import Frame, Target, ask, faults, has_numbers
from tests.support.panels.macros import Asked, filled

Connection = psycopg.Connection[tuple[Any, ...]]


def check(connection: Connection, target: Target, asked: Asked, *, keyed: bool = False) -> Frame:
    """The answer. Raises AssertionError with all that is wrong: columns, order, emptiness, rows from too far back."""
    frame = ask(connection, target, asked)
    wrong = [*faults(frame, target.form), *far(connection, filled(target.sql, asked).sql, keyed=keyed)]
    if not has_numbers(frame):
        wrong.append("there is nothing to show")
    assert not wrong, f"{target.name}: {'; '.join(wrong)}"
    return frame


def far(connection: Connection, sql: str, *, keyed: bool = False) -> list[str]:
    """Where a statement reads raw rows of more than a day, or without an index (on TimescaleDB only where `keyed`)."""
    timescaledb = has_timescaledb(connection)
    found = scans.scans(connection, sql, scans.chunks(connection)) if timescaledb else scans.own_scans(connection, sql)
    wrong = [f"reads {one.table} from too far back" for one in found if scans.too_far(connection, one)]
    if keyed or not timescaledb:
        wrong += [f"finds no index of {one.table}" for one in found if not scans.by_its_key(one)]
    return wrong
