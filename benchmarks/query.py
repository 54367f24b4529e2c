"""How fast a year of one ward answers: every query of the API and the history, against the same question to raw rows.

`make bench-query` runs on the TimescaleDB that the tests use (WebAssembly, everything in memory, one client) with what
fits in a few minutes; `DB=postgresql://... ROWS=70000000 make bench-query` on a real server. A year of 200 cameras and
2,000 devices is ROWS = 70,000,000 rows. It is generated inside the server, aggregated by refreshing, and compressed
but for the newest week. A smaller ROWS means a smaller ward: devices and cameras grow fewer, and each is measured as
often as in a whole one, since that is what compression and aggregates live on.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks import servers
from contracts.inventory import Box, Camera, Inventory, Site, SiteKind, Ward
from contracts.telemetry import Series
from storage import history, inventory, records, search, wall
from storage.history import Length, Span
from storage.migrate import has_timescaledb
from storage.retention import RetentionSettings
from storage.scope import Scope
from storage.search import EventFilter
from storage.sql import split
from storage.wall import EventKey
from tests.support.timescale import timescaledb

WHOLE_WARD: Final = 70_000_000
ROWS: Final = int(os.environ.get("ROWS", "1500000"))
SCALE: Final = min(1.0, ROWS / WHOLE_WARD)
CAMERAS: Final = max(2, round(200 * SCALE))
DEVICES: Final = max(2, round(2000 * SCALE))
REPEATS: Final = 12
END: Final = datetime(2026, 11, 1, tzinfo=UTC)
START: Final = END - timedelta(days=365)
WARDS: Final = ["an-luu"]
SCOPE: Final = Scope.of_wards(WARDS)

SHARES: Final = {"telemetry": 0.70, "counts": 0.20, "health": 0.09, "events": 0.01}
"""How the rows divide among the tables: about what the demo's box and a market's sensors produce."""

LAST_ID: Final = UUID(int=2**128 - 1)

Connection = psycopg.Connection[tuple[Any, ...]]

FILL: Final = split((Path(__file__).parent / "year.sql").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Question:
    """A query as the product asks it, and the same question put to the raw rows where it reads aggregates."""

    name: str
    ask: Callable[[Connection, random.Random], object]
    ask_raw: Callable[[Connection, random.Random], object] | None = None


def fill(connection: Connection) -> None:
    """Generate the year, a month at a time, so that no statement is longer than a month."""
    sites = tuple(Site(id=f"site-{number}", name=f"Phố {number}", kind=SiteKind.STREET) for number in range(20))
    cameras = tuple(
        Camera(id=f"camera-{number}", name=f"Camera {number}", site=f"site-{number % 20}")
        for number in range(1, CAMERAS + 1)
    )
    ward = Ward(id="an-luu", name="Phường An Lưu", sites=sites)
    box = Box(id="box-0", name="Hộp", ward="an-luu", cameras=cameras)
    inventory.apply(connection, Inventory(wards=(ward,), boxes=(box,)))
    for table, share in SHARES.items():
        devices = DEVICES if table == "telemetry" else CAMERAS
        step = timedelta(days=365) / max(1.0, ROWS * share / devices)
        start = START
        while start < END:
            end = min(END, start + max(timedelta(days=30), step))
            whole = start + step * max(1, math.ceil((end - start) / step))
            connection.execute(FILL[table], {"start": start, "end": whole, "step": step, "devices": devices})
            start = whole
    connection.execute("ANALYZE")


def settle(connection: Connection) -> None:
    """Refresh every aggregate and compress what is older than a week, as the policies would have by now."""
    if not has_timescaledb(connection):
        return
    for view in RetentionSettings().aggregates():
        connection.execute(f"CALL refresh_continuous_aggregate('{view}', NULL, NULL)")
    for table in SHARES:
        connection.execute(
            "SELECT compress_chunk(chunk) FROM show_chunks(%s::regclass, older_than => %s::timestamptz) AS chunk",
            (table, END - timedelta(days=7)),
        )


def _span(days: int, rng: random.Random) -> Span:
    """A span of so many days somewhere in the year, or its last one."""
    latest = (END - START).days - days
    end = END - timedelta(days=rng.randint(0, max(0, latest)))
    return Span(end - timedelta(days=days), end)


RAW_SERIES: Final = """
    SELECT time_bucket('{length}', at) AS bucket, count(*), avg(value), min(value), max(value), last(value, at)
    FROM {table} WHERE device_id = %(device)s AND metric = %(metric)s AND zone_id = %(zone)s AND NOT suspect
        AND at >= %(start)s AND at < %(end)s GROUP BY 1 ORDER BY 1"""

LENGTHS: Final = {Length.MINUTES_5: "5 minutes", Length.HOUR: "1 hour", Length.DAY: "1 day"}


def _series(series: Series, metric: str, zone: str, days: int) -> Question:
    def arguments(rng: random.Random) -> tuple[str, Span]:
        name = "device" if series is Series.TELEMETRY else "camera"
        return f"{name}-{rng.randint(1, DEVICES if name == 'device' else CAMERAS)}", _span(days, rng)

    def ask(connection: Connection, rng: random.Random) -> object:
        device, span = arguments(rng)
        return history.series(connection, device, metric, span, zone=zone)

    def ask_raw(connection: Connection, rng: random.Random) -> object:
        device, span = arguments(rng)
        query = RAW_SERIES.format(length=LENGTHS[span.length], table=series.value)
        values = {"device": device, "metric": metric, "zone": zone, "start": span.start, "end": span.end}
        return connection.execute(query.encode(), values).fetchall()

    return Question(f"{series.value} of a device over {days} days", ask, ask_raw)


def _events(days: int, bucket: str) -> Question:
    def ask_raw(connection: Connection, rng: random.Random) -> object:
        span = _span(days, rng)
        return connection.execute(
            "SELECT time_bucket(%s::interval, opened_at) AS bucket, kind, severity, count(*) FROM events"
            " WHERE ward_id = ANY(%s) AND NOT suspect AND opened_at >= %s AND opened_at < %s"
            " GROUP BY 1, kind, severity ORDER BY 1",
            (bucket, WARDS, span.start, span.end),
        ).fetchall()

    return Question(
        f"events of a ward over {days} days",
        lambda connection, rng: history.event_counts(connection, SCOPE, _span(days, rng)),
        ask_raw,
    )


def _uptime_raw(connection: Connection, rng: random.Random) -> object:
    span = _span(90, rng)
    return connection.execute(
        "SELECT time_bucket('1 day', health.at, 'Asia/Ho_Chi_Minh'), avg(value) FROM health"
        " JOIN cameras ON cameras.id = device_id JOIN sites ON sites.id = site_id WHERE metric = 'camera.streaming'"
        " AND ward_id = ANY(%s) AND NOT suspect AND at >= %s AND at < %s GROUP BY 1 ORDER BY 1",
        (WARDS, span.start, span.end),
    ).fetchall()


def _people(days: int, bucket: str) -> Question:
    def ask_raw(connection: Connection, rng: random.Random) -> object:
        span = _span(days, rng)
        return connection.execute(
            "SELECT bucket, sum(mean), max(highest) FROM (SELECT time_bucket(%s::interval, at) AS bucket, device_id,"
            " avg(value) AS mean, max(value) AS highest FROM counts JOIN cameras ON cameras.id = device_id"
            " JOIN sites ON sites.id = site_id WHERE metric = 'zone.people' AND ward_id = ANY(%s) AND NOT suspect"
            " AND at >= %s AND at < %s GROUP BY 1, 2) AS zones GROUP BY 1 ORDER BY 1",
            (bucket, WARDS, span.start, span.end),
        ).fetchall()

    return Question(
        f"people in all zones over {days} days",
        lambda connection, rng: history.people(connection, SCOPE, _span(days, rng)),
        ask_raw,
    )


def _busiest_raw(connection: Connection, rng: random.Random) -> object:
    span = _span(300, rng)
    return connection.execute(
        "SELECT camera_id, count(*) FROM events WHERE ward_id = ANY(%s) AND NOT suspect AND opened_at >= %s"
        " AND opened_at < %s GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
        (WARDS, span.start, span.end),
    ).fetchall()


def _older_page(connection: Connection, rng: random.Random) -> object:
    before = EventKey(_span(1, rng).end, LAST_ID)
    return search.events(connection, SCOPE, limit=50, before=before)


QUESTIONS: Final = (
    Question("newest events", lambda connection, _: search.events(connection, SCOPE, limit=50)),
    Question("older events", _older_page),
    Question(
        "events of a camera",
        lambda connection, rng: search.events(
            connection, SCOPE, EventFilter(camera=f"camera-{rng.randint(1, CAMERAS)}"), limit=50
        ),
    ),
    Question("cameras", lambda connection, _: wall.cameras(connection, SCOPE)),
    Question("gaps", lambda connection, _: records.gaps(connection)),
    _events(20, "1 hour"),
    _events(300, "1 day"),
    Question(
        "busiest cameras",
        lambda connection, rng: history.busiest_cameras(connection, SCOPE, _span(300, rng)),
        _busiest_raw,
    ),
    Question(
        "uptime of all cameras over 90 days",
        lambda connection, rng: history.uptime(connection, SCOPE, _span(90, rng)),
        _uptime_raw,
    ),
    _people(7, "1 hour"),
    _people(90, "1 day"),
    _series(Series.TELEMETRY, "temperature", "", 1),
    _series(Series.TELEMETRY, "temperature", "", 28),
    _series(Series.TELEMETRY, "temperature", "", 360),
    _series(Series.COUNTS, "zone.people", "via-he", 28),
    _series(Series.COUNTS, "zone.people", "via-he", 360),
    _series(Series.HEALTH, "camera.streaming", "", 90),
)


def measure(connection: Connection) -> tuple[list[float], list[tuple[float, float]]]:
    """Milliseconds of every single answer; for each question about the past the median, and that of the raw rows."""
    times: list[float] = []
    pairs: list[tuple[float, float]] = []
    for question in QUESTIONS:
        fast = _timed(question.ask, connection)
        times += fast
        note = f"{question.name}: median {statistics.median(fast):.1f} ms"
        if question.ask_raw:
            slow = _timed(question.ask_raw, connection)
            pairs.append((statistics.median(fast), statistics.median(slow)))
            note += f", raw {pairs[-1][1]:.1f} ms, {pairs[-1][1] / pairs[-1][0]:.1f} times faster"
        print(f"  {note}", flush=True)
    return times, pairs


def _timed(ask: Callable[[Connection, random.Random], object], connection: Connection) -> list[float]:
    """The same seeded arguments for both ways of asking; the first answer warms up and does not count."""
    rng = random.Random(7)
    milliseconds = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        ask(connection, rng)
        milliseconds.append(1000 * (time.perf_counter() - began))
    return milliseconds[1:]


def sizes(connection: Connection) -> dict[str, float]:
    """Bytes for each event with everything, and how many times smaller the compressed chunks are."""
    if not has_timescaledb(connection):
        row = connection.execute("SELECT pg_total_relation_size('events')::float / count(*) FROM events").fetchone()
        return {"bytes_per_event": round(row[0]) if row else 0, "compression_ratio": 1.0}
    event = connection.execute("SELECT hypertable_size('events')::float / count(*) FROM events").fetchone()
    before = after = 0
    for table in SHARES:
        row = connection.execute(
            "SELECT coalesce(sum(before_compression_total_bytes), 0)::bigint,"
            " coalesce(sum(after_compression_total_bytes), 0)::bigint FROM hypertable_compression_stats(%s)",
            (table,),
        ).fetchone()
        if row:
            before, after = before + row[0], after + row[1]
    return {
        "bytes_per_event": round(event[0]) if event else 0,
        "compression_ratio": round(before / after, 1) if after else 1.0,
    }


def count(connection: Connection, table: str) -> int:
    """How many rows a table has."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def database() -> Iterator[str]:
    """The server that DB names, else the tests' TimescaleDB."""
    with servers.named(os.environ["DB"]) if os.environ.get("DB") else timescaledb() as conninfo:
        yield conninfo


def main() -> None:
    """Fill, settle, ask, print the line."""
    with database() as conninfo:
        servers.migrated(conninfo)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            began = time.monotonic()
            fill(connection)
            print(f"  filled in {time.monotonic() - began:.0f} s", flush=True)
            settle(connection)
            print(f"  settled after {time.monotonic() - began:.0f} s", flush=True)
            times, pairs = measure(connection)
            rows = sum(count(connection, table) for table in SHARES)
            line = {
                "rows": rows,
                "query_ms_p50": round(statistics.median(times), 1),
                "query_ms_p95": round(statistics.quantiles(times, n=20)[-1], 1),
                "speedup_vs_raw": round(sum(raw for _, raw in pairs) / sum(fast for fast, _ in pairs), 1),
                "speedup_vs_raw_median": round(statistics.median(raw / fast for fast, raw in pairs), 1),
                "cameras": CAMERAS,
                "devices": DEVICES,
                **sizes(connection),
                **servers.describe(connection),
            }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
