"""A ward of forty cameras with a year behind it: events, incidents, pictures, counts and health.

All is made inside the server. The aggregates are there as a year's policies would have left them: where the server has
no TimescaleDB to keep them, each is stored once as a table with the index that TimescaleDB gives it, since what is
measured is the API and not a missing extension.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from contracts.inventory import Inventory
from storage import inventory
from storage.migrate import has_timescaledb
from storage.retention import RetentionSettings
from storage.sql import split

WARD: Final = "an-luu"
CAMERAS: Final = 40
SITES: Final = 20
END: Final = datetime(2026, 11, 1, tzinfo=UTC)
START: Final = END - timedelta(days=365)
SHARES: Final = {"events": 0.04, "counts": 0.48, "health": 0.48}

FILL: Final = split((Path(__file__).parent / "year.sql").read_text(encoding="utf-8"))
STREETS: Final = ("Quang Trung", "Nguyễn Trãi", "Trần Hưng Đạo", "Lê Lợi", "Phạm Hồng Thái")

Connection = psycopg.Connection[tuple[Any, ...]]


def declared() -> Inventory:
    """The ward: five streets with alleys, two cameras in each."""
    sites = [
        {"id": f"site-{number}", "name": f"Phố {STREETS[number % 5]} ngách {number}", "kind": "street",
         "outline": [[20.99 + number / 1000, 106.55], [20.99 + number / 1000, 106.56]]}
        for number in range(SITES)
    ]  # fmt: skip
    cameras = [
        {"id": f"camera-{number}", "name": f"Đầu ngách {number}", "site": f"site-{number % SITES}",
         "position": {"lat": 20.99, "lon": 106.55 + number / 1000}, "bearing": number * 9 % 360,
         "zones": [{"id": "via-he", "name": "Vỉa hè", "polygon": [[0, 0], [1, 0], [1, 1]]}]}
        for number in range(1, CAMERAS + 1)
    ]  # fmt: skip
    boxes = [
        {"id": f"box-{number}", "name": f"Hộp {number}", "ward": WARD, "cameras": cameras if number == 0 else []}
        for number in range(50)
    ]
    ward = {"id": WARD, "name": "Phường An Lưu", "aliases": ["Thị trấn An Lưu"], "sites": sites}
    return Inventory.model_validate({"wards": [ward], "boxes": boxes})


def fill(connection: Connection, rows: int) -> None:
    """The year of the ward, `rows` of events and measurements together."""
    inventory.apply(connection, declared())
    for table, share in SHARES.items():
        step = timedelta(days=365) / max(1.0, rows * share / CAMERAS)
        connection.execute(FILL[table], {"start": START, "end": END, "step": step, "devices": CAMERAS})
    for what in ("media", "incidents", "incident_events"):
        connection.execute(FILL[what], {})
    settle(connection)
    connection.execute("ANALYZE")


def settle(connection: Connection) -> None:
    """Bring the aggregates up to date, or keep what they answer."""
    views = [view for view in RetentionSettings().aggregates() if view.rpartition("_")[0] in SHARES]
    if has_timescaledb(connection):
        for view in views:
            connection.execute(f"CALL refresh_continuous_aggregate('{view}', NULL, NULL)")
        return
    for view in views:
        connection.execute(
            sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(sql.Identifier(f"kept_{view}"), sql.Identifier(view))
        )
    for view in views:
        name, kept = sql.Identifier(view), sql.Identifier(f"kept_{view}")
        key = "ward_id, bucket" if view.startswith("events") else "device_id, metric, zone_id, bucket"
        connection.execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(name))
        connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(kept, name))
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(name, sql.SQL(key)))
