"""How many boxes a centre on this machine carries: real connections, the production broker, a worker, the API, walls.

`make bench-fleet`, or `BOXES=10,100 SECONDS=30 make bench-fleet`. Lean boxes (`phoan-sim crowd`) of eight cameras and
eighty sensors speak as a street's busy hour makes them, for SECONDS at each size, while some walls watch. A record's
lag is from its making in the box to the moment in which the box hears that it is committed. Then, with the largest
fleet, the worker is away for a while, and the broker is started anew. Boxes, centre and walls share the machine; what
the boxes cost is told apart, and `boxes_limit` says when they were what was slow.

The limit is taken in the same run: the records a second that one worker commits when batches come as fast as it takes
them, through the same broker into the same database. The last line is JSON; KEEP=1 keeps it as docs/scale.json and
writes the tables of docs/scale.md anew (benchmarks.plan).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from benchmarks import plan, servers
from benchmarks.centre import PARTS, Centre
from benchmarks.ingest import BATCH, make_messages, publish
from benchmarks.watchers import watching
from contracts.inventory import Inventory
from demo.sim.fleet import Fleet, inventory

SIZES: Final = tuple(int(size) for size in os.environ.get("BOXES", "10,100,500").split(","))
SECONDS: Final = float(os.environ.get("SECONDS", "40"))
WORKERS: Final = int(os.environ.get("WORKERS", "1"))
CAMERAS: Final = 8
SENSORS: Final = 80
BOXES_PER_WARD: Final = 25
WALLS: Final = 4
AWAY_S: Final = 60.0
"""How long the worker is away; an hour follows from what it catches up in a second."""

SETTLE_S: Final = 12.0
PATIENCE_S: Final = 240.0
SATURATION: Final = 150_000
EVENTS_A_DAY: Final = 50
"""Of a camera, for what a day stores; the busy hour has a sixth of them (demo.sim.member.Pace)."""

DAY_S: Final = 86_400
TABLES: Final = ("telemetry", "counts", "health", "events")

Db = psycopg.Connection[tuple[Any, ...]]


class Crowd:
    """The simulated boxes, a process of their own, and the lines that they have told."""

    def __init__(self, fleet: Fleet, port: int, folder: Path) -> None:
        self.boxes = fleet.boxes
        self._path = folder / f"crowd-{fleet.boxes}.jsonl"
        self.ramp_s = max(2.0, fleet.boxes / 50)
        command = [
            sys.executable, "-m", "demo.sim", "crowd", "--boxes", fleet.boxes, "--cameras", fleet.cameras, "--devices",
            fleet.devices, "--boxes-per-ward", fleet.boxes_per_ward, "--mqtt-port", port, "--ramp-s", self.ramp_s,
        ]  # fmt: skip
        with self._path.open("wb") as out, (folder / "logs" / "crowd.log").open("ab") as log:
            self._process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=log)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def told(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Every whole line since a moment."""
        if self._process.poll() is not None:
            raise SystemExit("the simulated boxes ended by themselves")
        lines = [line for line in self._path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
        return [told for line in lines if (told := json.loads(line))["at"] >= since]

    def wait(self, enough: Callable[[dict[str, Any]], bool], since: float = 0.0) -> dict[str, Any]:
        """The first line since a moment of which `enough` is true; the last one where that takes too long."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            lines = self.told(since)
            for told in lines:
                if enough(told):
                    return told
            if lines and time.monotonic() > deadline:
                print("  the centre did not carry the boxes in time", flush=True)
                return lines[-1]
            time.sleep(0.3)


@dataclass(frozen=True, slots=True)
class Watched:
    """One size, watched for a while."""

    boxes: int
    seconds: float
    records_per_s: float
    lag_ms: dict[int, float]
    cpu: dict[str, float]
    memory_mb: dict[str, float]
    crowd_cpu: float
    crowd_behind_ms: float
    up_bytes: float
    down_bytes: float
    rows: dict[str, float]
    wal_bytes: float
    busy: float


def watch(centre: Centre, crowd: Crowd, seconds: float) -> Watched:
    """What it takes to carry the crowd for so long."""
    with psycopg.connect(centre.conninfo, autocommit=True) as db:
        before, rows, wal = centre.cost(), _rows(db), _wal(db)
        psutil.cpu_percent()
        time.sleep(seconds)
        busy = psutil.cpu_percent() / 100 * (os.cpu_count() or 1)
        after, rows_after, wal_after = centre.cost(), _rows(db), _wal(db)
    told = crowd.told(before.at)
    first, last = told[0], told[-1]
    late = [(ms, records) for one in told[1:] for ms, records in one["late"]]
    lasted, spoke = after.at - before.at, last["at"] - first["at"]
    return Watched(
        boxes=crowd.boxes,
        seconds=lasted,
        records_per_s=(last["committed"] - first["committed"]) / spoke,
        lag_ms={share: percentile(late, share) for share in (50, 95, 99)},
        cpu={part: (after.cpu_s[part] - before.cpu_s[part]) / lasted for part in PARTS},
        memory_mb=after.memory_mb,
        crowd_cpu=(last["cpu_s"] - first["cpu_s"]) / spoke,
        crowd_behind_ms=percentile([(one["behind_ms"], 1) for one in told[1:]], 50),
        up_bytes=(last["up_bytes"] - first["up_bytes"]) / spoke,
        down_bytes=(last["down_bytes"] - first["down_bytes"]) / spoke,
        rows={table: (rows_after[table] - rows[table]) / lasted for table in TABLES},
        wal_bytes=(wal_after - wal) / lasted,
        busy=busy,
    )  # fmt: skip


def percentile(values: Sequence[tuple[float, int]], share: float) -> float:
    """The value that `share` percent do not exceed, of values that each count so many times."""
    total = sum(times for _, times in values)
    seen = 0
    for value, times in sorted(values):
        seen += times
        if seen >= share / 100 * total:
            return value
    return 0.0


def _rows(db: Db) -> dict[str, int]:
    return {table: int(db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]) for table in TABLES}


def _wal(db: Db) -> int:
    return int(db.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchall()[0][0])


def row_bytes(db: Db) -> dict[str, float]:
    """What a row takes with its indexes, uncompressed. An event's share of incidents is with it."""
    db.execute("VACUUM")
    sizes = {table: float(_size(db, table)) for table in TABLES}
    sizes["events"] += sum(_size(db, table) for table in ("incidents", "incident_events", "incident_steps"))
    rows = _rows(db)
    return {table: sizes[table] / max(1, rows[table]) for table in TABLES}


def _size(db: Db, table: str) -> int:
    return int(db.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchall()[0][0])


def catch_up(centre: Centre, crowd: Crowd) -> dict[str, float]:
    """The workers are away for a while: how fast what waits is committed then, beside what comes."""
    centre.stop_workers()
    time.sleep(AWAY_S)
    waiting = crowd.told()[-1]
    centre.start_workers()
    began = time.monotonic()
    first = crowd.wait(lambda told: bool(told["committed"] > waiting["committed"]), began)
    usual = waiting["pending"] / AWAY_S * 3  # what waits on an ordinary second, and some
    last = crowd.wait(lambda told: bool(told["pending"] < usual), began)
    return {
        "waited": waiting["pending"],
        "first_s": first["at"] - began,
        "seconds": last["at"] - began,
        "records_per_s": (last["committed"] - waiting["committed"]) / (last["at"] - began),
    }


def restart_broker(centre: Centre, crowd: Crowd) -> dict[str, float]:
    """The broker ends and comes again at once: when all boxes are there, and nothing waits any more."""
    usual = max(told["pending"] for told in crowd.told()[-10:])
    began = time.monotonic()
    centre.broker.stop()
    centre.broker.start()
    up = time.monotonic()
    connected = crowd.wait(lambda told: bool(told["connected"] == crowd.boxes), up + 1)
    settled = crowd.wait(lambda told: bool(told["pending"] <= usual), connected["at"])
    return {"down_s": up - began, "connected_s": connected["at"] - began, "settled_s": settled["at"] - began}


def saturate(centre: Centre) -> float:
    """Records a second that the workers commit when batches come as fast as they take them."""
    messages = make_messages(SATURATION)
    publisher = multiprocessing.get_context("spawn").Process(target=publish, args=(centre.broker.port, messages))
    with psycopg.connect(centre.conninfo, autocommit=True) as db:
        publisher.start()
        began, deadline = 0.0, time.monotonic() + PATIENCE_S
        while (done := _committed(db)) < len(messages) * BATCH and time.monotonic() < deadline:
            began = began or (time.monotonic() if done else 0.0)
            time.sleep(0.02)
        rate = len(messages) * BATCH / (time.monotonic() - began)
    publisher.join(10)
    publisher.kill()
    return rate


def _committed(db: Db) -> int:
    return int(
        db.execute(
            "SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM box_ledgers, unnest(seqs) AS span"
            " WHERE box_id LIKE 'box-%'"
        ).fetchall()[0][0]
    )


@contextmanager
def running(folder: Path, conninfo: str) -> Iterator[Centre]:
    """The centre with the largest fleet declared."""
    centre = Centre(folder, conninfo, WORKERS)
    centre.declare(inventory(fleet_of(max(SIZES))))
    saturating = [{"id": f"box-{number}", "name": "b", "ward": "an-luu"} for number in range(8)]
    centre.declare(Inventory.model_validate({"wards": [{"id": "an-luu", "name": "An Lưu"}], "boxes": saturating}))
    try:
        centre.start()
        yield centre
    finally:
        centre.stop()


def fleet_of(boxes: int) -> Fleet:
    return Fleet(boxes, CAMERAS, SENSORS, BOXES_PER_WARD)


def measure(centre: Centre, folder: Path) -> tuple[list[Watched], dict[str, float], dict[str, float]]:
    """Every size, and with the last one an outage of the workers and of the broker."""
    watched = []
    for size in SIZES:
        fleet = fleet_of(size)
        wards = sorted({box.ward for box in fleet.all()})[:WALLS]
        crowd = Crowd(fleet, centre.broker.port, folder)
        try:
            with watching(centre.url, centre.cookies(wards, WALLS)):
                crowd.wait(lambda told: bool(told["connected"] == size))  # noqa: B023
                time.sleep(SETTLE_S)
                watched.append(watch(centre, crowd, SECONDS))
                print(f"  {describe(watched[-1])}", flush=True)
                if size == SIZES[-1]:
                    away = catch_up(centre, crowd)
                    print(f"  the worker was away for {AWAY_S:.0f} s: {rounded(away)}", flush=True)
                    time.sleep(SETTLE_S)
                    storm = restart_broker(centre, crowd)
                    print(f"  the broker came anew: {rounded(storm)}", flush=True)
        finally:
            crowd.stop()
    return watched, away, storm


def describe(one: Watched) -> str:
    parts = ", ".join(f"{part} {one.cpu[part]:.2f}" for part in PARTS)
    return (
        f"{one.boxes} boxes: {one.records_per_s:.0f} records/s, lag {one.lag_ms[50]:.0f} / {one.lag_ms[95]:.0f} /"
        f" {one.lag_ms[99]:.0f} ms, cores: {parts}, the boxes themselves {one.crowd_cpu:.2f}"
    )


def rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}


def main() -> None:
    """Run everything and print the line."""
    database = servers.named(os.environ["DB"]) if os.environ.get("DB") else servers.embedded()
    with database as conninfo, tempfile.TemporaryDirectory(prefix="phoan-bench-fleet-") as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        servers.migrated(conninfo)
        with running(folder, conninfo) as centre:
            watched, away, storm = measure(centre, folder)
            with psycopg.connect(conninfo, autocommit=True) as db:
                sizes, about = row_bytes(db), servers.describe(db)
            limit = saturate(centre)
    told = json.dumps(line(watched, away, storm, sizes, limit) | about)
    if os.environ.get("KEEP"):
        plan.MEASURED.write_text(told + "\n", encoding="utf-8")
        plan.main()
    print(told)


def line(
    watched: Sequence[Watched],
    away: dict[str, float],
    storm: dict[str, float],
    sizes: dict[str, float],
    limit: float,
) -> dict[str, Any]:
    """The figures; those that are per size are lists in the order of `boxes`."""
    last = watched[-1]
    rows = {table: last.rows[table] * DAY_S / last.boxes for table in TABLES}
    rows["events"] = EVENTS_A_DAY * CAMERAS
    spare = max(1.0, away["records_per_s"] - last.records_per_s)
    return {
        "boxes": [one.boxes for one in watched],
        "records_per_s": [round(one.records_per_s, 1) for one in watched],
        "lag_ms_p50": [round(one.lag_ms[50]) for one in watched],
        "lag_ms_p95": [round(one.lag_ms[95]) for one in watched],
        "lag_ms_p99": [round(one.lag_ms[99]) for one in watched],
        "centre_cpu": [round(sum(one.cpu.values()), 3) for one in watched],
        "centre_memory_mb": [round(sum(one.memory_mb.values())) for one in watched],
        **{f"{part}_cpu": [round(one.cpu[part], 3) for one in watched] for part in PARTS},
        **{f"{part}_memory_mb": [round(one.memory_mb[part]) for one in watched] for part in PARTS},
        "boxes_cpu": [round(one.crowd_cpu, 3) for one in watched],
        "boxes_behind_ms_p50": [round(one.crowd_behind_ms) for one in watched],
        "boxes_limit": [one.crowd_cpu > 0.8 or one.crowd_behind_ms > 200 for one in watched],
        "machine_cpu": [round(one.busy, 2) for one in watched],
        "limit_records_per_s": round(limit),
        "ratio_to_limit": [round(one.records_per_s / limit, 3) for one in watched],
        "bytes_up_per_box_day": round(last.up_bytes * DAY_S / last.boxes),
        "bytes_down_per_box_day": round(last.down_bytes * DAY_S / last.boxes),
        "rows_per_box_day": {table: round(rows[table]) for table in TABLES},
        "bytes_per_row": {table: round(sizes[table]) for table in TABLES},
        "database_bytes_per_box_day": round(sum(rows[table] * sizes[table] for table in TABLES)),
        "wal_bytes_per_box_day": round(last.wal_bytes * DAY_S / last.boxes),
        "catch_up_records_per_s": round(away["records_per_s"]),
        "catch_up_first_s": round(away["first_s"], 1),
        "hour_away_catch_up_s": round(3600 * last.records_per_s / spare),
        "broker_restart_connected_s": round(storm["connected_s"], 1),
        "broker_restart_settled_s": round(storm["settled_s"], 1),
        "cameras_per_box": CAMERAS,
        "sensors_per_box": SENSORS,
        "walls": WALLS,
        "workers": WORKERS,
        "seconds": SECONDS,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
