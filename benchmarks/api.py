"""How fast the API answers while a ward watches, and how soon an event is on every wall.

`make bench-api` runs the real API as a process on the embedded PostgreSQL, or on the server that `DB=postgresql://...`
names, with a year of a ward of forty cameras (benchmarks.ward, ROWS rows). First fifty signed-in walls hold their live
feeds open while the endpoints are asked in turn, one request after another, RATE a second, and an event is committed
every second. Beside each request the same question goes straight to the database over one connection of ours:
what the queries alone cost then and there, `ratio_to_sql` is how many times longer the worst endpoint takes. Then two
hundred walls are open and events are committed one by one: from the commit to the bytes in each wall's process.

Client, API and database share the machine. Sessions are opened in the database: signing in is slow on purpose. The last
line is JSON; `api_ms_p95` is the slowest endpoint's 95th percentile.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import psutil
import psycopg
import yaml

from api.access.passwords import hash_password
from api.ward import places as words
from benchmarks import servers, ward
from benchmarks.ward import CAMERAS, SITES, STREETS, WARD
from benchmarks.watchers import watching
from contracts.event import Event, EventRecord, Phase, Severity
from contracts.ids import new_id
from demo.processes import Processes, free_port, wait_for_port
from storage import accounts, history, incidents, places, records, search, timeline, wall
from storage.accounts import UserRow
from storage.history import Length, Span
from storage.incidents import Filter
from storage.records import Commit, Origin
from storage.scope import Scope
from storage.search import EventFilter
from storage.tokens import new_token

ROWS: Final = int(os.environ.get("ROWS", "1000000"))
SECONDS: Final = float(os.environ.get("SECONDS", "30"))
RATE: Final = float(os.environ.get("RATE", "16"))
WATCHERS: Final = 50
WALLS: Final = 200
EVENTS: Final = 40
SCOPE: Final = Scope.of_wards([WARD])
LATE_S: Final = 2.0
"""After this time an event that a wall has not is counted as lost."""

Db = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the same question for the database."""

    path: str
    parameters: dict[str, Any]
    bare: Callable[[Db], object]


def _day(rng: random.Random, days: int) -> Span:
    end = ward.END - timedelta(minutes=rng.randint(0, 300 * 24 * 60))
    return Span(end - timedelta(days=days), end)


def cameras(_: random.Random) -> Asked:
    return Asked("cameras", {}, lambda db: wall.cameras(db, SCOPE))


def events(_: random.Random) -> Asked:
    return Asked("events", {"limit": 50}, lambda db: search.events(db, SCOPE, limit=51))


def found(rng: random.Random) -> Asked:
    """A street by its name as people type it, severe intrusions only, in a month of the year."""
    span = _day(rng, 30)
    text = words.fold(rng.choice(STREETS)) + rng.choice(["", f" {rng.randint(0, SITES)}"])
    asked = {
        "q": text,
        "kind": "intrusion",
        "severity": "high",
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
    }

    def bare(db: Db) -> object:
        spots = words.find(text, places.names(db, SCOPE)).spots
        wanted = EventFilter(
            spots, kinds=["intrusion"], severities=["high", "critical"], start=span.start, end=span.end
        )
        return search.events(db, SCOPE, wanted, limit=51)

    return Asked("events", asked, bare)


def lane(_: random.Random) -> Asked:
    states = ["new", "seen", "assigned"]
    return Asked("incidents", {"state": states}, lambda db: incidents.page(db, SCOPE, Filter(states), limit=51))


class Incidents:
    """One incident of the year with all that is known of it."""

    def __init__(self, db: Db) -> None:
        self._ids = [id_ for (id_,) in db.execute("SELECT id FROM incidents ORDER BY id LIMIT 2000").fetchall()]

    def __call__(self, rng: random.Random) -> Asked:
        chosen: UUID = rng.choice(self._ids)

        def bare(db: Db) -> object:
            under = Filter(under=chosen, hidden=True)
            return (
                incidents.by_id(db, [chosen]), incidents.page(db, SCOPE, under, limit=100),
                incidents.events(db, chosen), incidents.steps(db, chosen), incidents.notifications(db, chosen),
            )  # fmt: skip

        return Asked(f"incidents/{chosen}", {}, bare)


def day_of_a_camera(rng: random.Random) -> Asked:
    camera, span = f"camera-{rng.randint(1, CAMERAS)}", _day(rng, 1)

    def bare(db: Db) -> object:
        length = Length.MINUTES_5
        return (
            timeline.camera(db, camera), timeline.events(db, camera, SCOPE, span, 501),
            timeline.streaming(db, camera, span, length), timeline.people(db, camera, span, length),
            timeline.crossings(db, camera, span, length), timeline.films(db, camera, span, 50),
        )  # fmt: skip

    asked = {"from": span.start.isoformat(), "to": span.end.isoformat()}
    return Asked(f"cameras/{camera}/timeline", asked, bare)


def month_of_a_zone(rng: random.Random) -> Asked:
    camera, span = f"camera-{rng.randint(1, CAMERAS)}", _day(rng, 28)
    asked = {"start": span.start.isoformat(), "end": span.end.isoformat(), "zone": "via-he"}
    bare: Callable[[Db], object] = lambda db: history.series(db, camera, "zone.people", span, zone="via-he")  # noqa: E731
    return Asked(f"history/cameras/{camera}/zone.people", asked, bare)


def whole_map(_: random.Random) -> Asked:
    return Asked("map", {}, lambda db: (places.sites(db, SCOPE), places.boxes(db, SCOPE), wall.cameras(db, SCOPE)))


class Centre:
    """A migrated database with a year in it, and the API on it."""

    def __init__(self, folder: Path, conninfo: str) -> None:
        self.processes = Processes(folder / "logs")
        self.conninfo = conninfo
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        settings = {
            "database": self.conninfo, "media_dir": str(self._folder / "media"), "port": self._port,
            "cookie_secure": False, "requests_per_second": 1e4, "requests_at_once": 10_000,
        }  # fmt: skip
        (self._folder / "api.yaml").write_text(yaml.safe_dump(settings))
        command = ["api", "--config", str(self._folder / "api.yaml"), "run"]
        wait_for_port(self._port, self.processes.start("api", command), "api", timeout_s=90)

    def cookies(self, count: int) -> list[str]:
        """So many sessions of police of the ward."""
        with psycopg.connect(self.conninfo, autocommit=True) as db:
            accounts.put_user(db, UserRow("truc", "Trực ban", hash_password(new_token()), "police", [WARD], False))
            tokens = [new_token() for _ in range(count)]
            for token in tokens:
                accounts.open_session(db, "truc", token, timedelta(hours=2))
        return [f"phoan_session={token}" for token in tokens]

    def cpu_s(self) -> float:
        times = psutil.Process(self.processes.running["api"].pid).cpu_times()
        return times.user + times.system


def commit_event(db: Db) -> tuple[str, float]:
    """Commit an event as ingest does; its id, and the moment before the commit."""
    now = datetime.now(UTC)
    event = Event(
        id=new_id(), revision=0, phase=Phase.OPEN, kind="intrusion", severity=Severity.HIGH, site="site-1",
        camera="camera-1", zone="via-he", rule="ngoai-gio", opened_at=now, at=now, captured_at=now, count=1,
        peak_count=1, confidence=0.9, why={"seconds_in_zone": 2.5, "threshold_s": 2.0},
    )  # fmt: skip
    origin = Origin(WARD, "box-0", new_id())
    with db.transaction():
        records.write(db, Commit(events=[(origin, EventRecord(seq=1, event=event))], seqs={origin: {1}}))
        began = time.monotonic()
    return str(event.id), began


def ask_all(centre: Centre, cookie: str, db: Db) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of the API and of the bare queries, by endpoint, at a steady rate."""
    endpoints: dict[str, Callable[[random.Random], Asked]] = {
        "cameras": cameras, "events": events, "search": found, "incidents": lane, "incident": Incidents(db),
        "timeline": day_of_a_camera, "history": month_of_a_zone, "map": whole_map,
    }  # fmt: skip
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in endpoints}
    rng = random.Random(7)
    with httpx.Client(base_url=f"{centre.url}/api/v1/", headers={"Cookie": cookie}, trust_env=False) as client:
        for warm in (True, False):
            began, number = time.monotonic(), 0
            while time.monotonic() - began < (3 if warm else SECONDS):
                name = list(endpoints)[number % len(endpoints)]
                asked = endpoints[name](rng)
                time.sleep(max(0.0, began + number / RATE - time.monotonic()))
                number += 1
                pair = (_timed(lambda: _get(client, asked)), _timed(lambda: asked.bare(db)))  # noqa: B023
                if not warm:
                    for series, one in zip(times[name], pair, strict=True):
                        series.append(one)
                if number % round(RATE) == 0:
                    commit_event(db)
    return times


def _get(client: httpx.Client, asked: Asked) -> None:
    client.get(asked.path, params=asked.parameters).raise_for_status()


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - began)


def fan_out(centre: Centre, cookies: Sequence[str], db: Db) -> list[float]:
    """Milliseconds from each commit to each wall."""
    committed: dict[str, float] = {}
    with watching(centre.url, cookies) as heard:
        for _ in range(EVENTS):
            id_, began = commit_event(db)
            committed[id_] = began
            time.sleep(0.25)
        time.sleep(LATE_S)
    short = [id_ for id_ in committed if len(heard.times.get(id_, ())) != len(cookies)]
    if short:
        raise RuntimeError(f"{len(short)} events did not reach every wall")
    return [1000 * (at - began) for id_, began in committed.items() for at in heard.times[id_]]


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def running() -> Iterator[Centre]:
    """The centre with its year."""
    with (
        servers.named(os.environ["DB"]) if os.environ.get("DB") else servers.embedded() as conninfo,
        tempfile.TemporaryDirectory(prefix="phoan-bench-api-") as folder,
    ):
        servers.migrated(conninfo)
        with psycopg.connect(conninfo, autocommit=True) as db:
            began = time.monotonic()
            ward.fill(db, ROWS)
            print(f"  filled in {time.monotonic() - began:.0f} s", flush=True)
        centre = Centre(Path(folder), conninfo)
        try:
            centre.start()
            yield centre
        finally:
            centre.processes.stop_all()


def main() -> None:
    """Fill, ask, fan out, print the line."""
    with running() as centre, psycopg.connect(centre.conninfo, autocommit=True) as db:
        cookies = centre.cookies(WALLS + 1)
        with watching(centre.url, cookies[:WATCHERS]):
            used = centre.cpu_s()
            times = ask_all(centre, cookies[-1], db)
            used = centre.cpu_s() - used
        for name, (asked, bare) in times.items():
            print(
                f"  {name}: median {statistics.median(asked):.1f} ms, p95 {p95(asked):.1f} ms,"
                f" its queries alone {statistics.median(bare):.1f} and {p95(bare):.1f} ms",
                flush=True,
            )
        late = fan_out(centre, cookies[:WALLS], db)
        worst = max(p95(asked) for asked, _ in times.values())
        print(
            json.dumps(
                {
                    "api_ms_p95": round(worst, 1),
                    "api_ms_p50": round(statistics.median(one for asked, _ in times.values() for one in asked), 1),
                    "sql_ms_p95": round(max(p95(bare) for _, bare in times.values()), 1),
                    "ratio_to_sql": round(worst / max(p95(bare) for _, bare in times.values()), 2),
                    "fanout_ms_p50": round(statistics.median(late), 1),
                    "fanout_ms_p95": round(p95(late), 1),
                    **{f"{name}_ms_p95": round(p95(asked), 1) for name, (asked, _) in times.items()},
                    "api_cpu_percent": round(100 * used / (SECONDS + 3), 1),
                    "watchers": WATCHERS,
                    "walls": WALLS,
                    "requests": sum(len(asked) for asked, _ in times.values()),
                    "rows": ROWS,
                    "cores": os.cpu_count(),
                    "load_average": round(os.getloadavg()[0], 1),
                    **servers.describe(db),
                }
            )
        )


if __name__ == "__main__":
    main()
