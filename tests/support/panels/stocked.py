"""Databases that hold the sample ward with ten days of everything, on both engines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from storage import inventory
from storage.migrate import has_timescaledb
from storage.retention import RetentionSettings
from storage.sql import split
from tests.support.samples import INVENTORY

Connection = psycopg.Connection[tuple[Any, ...]]
STEPS = split((Path(__file__).parent / "ward.sql").read_text(encoding="utf-8"))


def stock(connection: Connection) -> None:
    """Fill a migrated, empty database, and refresh its aggregates as their policies would have."""
    inventory.apply(connection, INVENTORY)
    for statement in STEPS.values():
        connection.execute(statement)
    if has_timescaledb(connection):
        lengths = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
        for view in sorted(RetentionSettings().aggregates(), key=lambda name: list(lengths).index(name[-2:])):
            # Up to where the policy's end offset lets it come: the newest bucket or two are computed when asked for.
            row = connection.execute("SELECT now() - %s::interval", (lengths[view[-2:]],)).fetchone()
            assert row
            connection.execute(f"CALL refresh_continuous_aggregate('{view}', NULL, '{row[0].isoformat()}')")
    connection.execute("ANALYZE")
