"""The demo without a person: runs it in a temporary folder until the chain has proved itself, then says the figures.

Proved means: a viewer has received events and pictures from every camera, the database holds the same events, and
the box's sequence numbers are all committed, once. A sticker that is swapped at the stall is told of.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from contracts.event import EventKind
from demo import sticker, ward
from demo.processes import StartError
from demo.scene import reel
from demo.scene.reel import Side
from demo.stage import DRAW_TIMEOUT_S, Stage
from demo.watcher import Watcher

EVENTS_TIMEOUT_S = 120.0
LISTEN_S = 20.0
"""How long it goes on listening after every camera was heard, for latencies worth quoting."""

SWAP_TIMEOUT_S = 60.0
DRAIN_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Committed:
    """What the database holds at the end."""

    events: dict[UUID, int]
    rows: int
    lost: int


def check(stage: Stage) -> dict[str, float | int]:
    """The figures. Raises StartError with the reason when the chain does not prove itself in time."""
    started = time.monotonic()
    stage.start()
    watcher = Watcher()
    watcher.open(stage.api_url, ward.USERS[0].username, ward.USERS[0].password)
    first_event_s = _wait_for_events(stage, watcher, started)
    time.sleep(LISTEN_S)
    _await_reel(stage)
    swap_alert_ms = _swap(stage, watcher)
    stage.check_alive()
    stage.processes.stop(stage.camera_names())
    committed = _drain(stage)
    time.sleep(0.5)  # the last notices are on their way to the viewer
    watcher.close()
    # The box goes on: clips are finished, and silent cameras are told of. What the viewer heard last is stored by now.
    stored, _ = _committed(stage.database)
    return _figures(watcher, committed, stored, first_event_s, swap_alert_ms)


def _await_reel(stage: Stage) -> None:
    """Until a swap can be shown: what it needs is drawn while the ward runs, as far as that leaves time."""
    deadline = time.monotonic() + DRAW_TIMEOUT_S
    while not reel.drawn(stage.reel):
        stage.check_alive()
        if time.monotonic() > deadline:
            raise StartError(f"the stall's film was not drawn within {DRAW_TIMEOUT_S:.0f} s")
        time.sleep(0.1)


def _swap(stage: Stage, watcher: Watcher) -> float:
    """Have a thief's code stuck over the stall's; from then to the alert on the wall, in milliseconds. The camera waits
    for its film's next turning place, and the thief's hand takes two seconds.
    """
    sticker.want(stage.reel, Side.THEIRS)
    asked_at, deadline = datetime.now(UTC), time.monotonic() + SWAP_TIMEOUT_S
    while time.monotonic() < deadline:
        stage.check_alive()
        for heard in watcher.alerts():
            if heard.change.event.kind == EventKind.PAYMENT_CODE_MISMATCH:
                return (heard.at - asked_at).total_seconds() * 1000
        time.sleep(0.1)
    raise StartError(f"{SWAP_TIMEOUT_S:.0f} s after the stall's code was swapped nobody was told")


def _wait_for_events(stage: Stage, watcher: Watcher, started: float) -> float:
    cameras = {camera.id for camera in ward.CAMERAS}
    eventful = {camera.id for camera in ward.CAMERAS if camera.rules}
    first: float | None = None
    deadline = time.monotonic() + EVENTS_TIMEOUT_S
    while time.monotonic() < deadline:
        stage.check_alive()
        if watcher.heard and first is None:
            first = time.monotonic() - started
        if first is not None and watcher.cameras_heard() >= eventful and watcher.pictures.keys() >= cameras:
            return first
        time.sleep(0.1)
    silent = sorted(eventful - watcher.cameras_heard())
    blind = sorted(cameras - watcher.pictures.keys())
    raise StartError(
        f"after {EVENTS_TIMEOUT_S:.0f} s no events from {silent or 'none'}, no pictures from {blind or 'none'};"
        f" logs are in {stage.processes.logs}"
    )


def _drain(stage: Stage) -> Committed:
    """Wait until the box says that the centre has all of its records, and compare with what the centre has."""
    deadline = time.monotonic() + DRAIN_TIMEOUT_S
    while True:
        committed, settled = _committed(stage.database)
        if settled or time.monotonic() > deadline:
            return committed
        time.sleep(0.3)


def _committed(database: str) -> tuple[Committed, bool]:
    with psycopg.connect(database) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        events = connection.execute("SELECT id, revision FROM events").fetchall()
        box = connection.execute(
            "SELECT outbox_head, outbox_pending, upper(seqs) - 1,"
            " (SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM box_gaps)::int"
            " FROM boxes JOIN box_ledgers ON box_id = id AND epoch = outbox_epoch"
        ).fetchone()
    if box is None:
        raise StartError("the database knows nothing of the box's records")
    head, pending, newest, gaps = box
    lost = gaps + max(0, head - newest)
    return Committed(dict(events), len(events), lost), pending == 0 and lost == 0


def _figures(
    watcher: Watcher, committed: Committed, stored: Committed, first_event_s: float, swap_alert_ms: float
) -> dict[str, float | int]:
    latencies = sorted(heard.latency_ms for heard in watcher.alerts())
    seen: dict[UUID, int] = {}
    for heard in watcher.heard:
        event = heard.change.event
        seen[event.id] = max(event.revision, seen.get(event.id, 0))
    not_stored = sum(1 for id_, revision in seen.items() if stored.events.get(id_, -1) < revision)
    not_shown = len(committed.events.keys() - seen.keys())
    figures: dict[str, float | int] = {
        "first_event_s": round(first_event_s, 1),
        "alert_latency_ms_p50": round(statistics.median(latencies)),
        "alert_latency_ms_p95": round(latencies[min(len(latencies) - 1, int(0.95 * len(latencies)))]),
        "swap_alert_ms": round(swap_alert_ms),
        "cameras": len(watcher.cameras_heard()),
        "events": len(committed.events),
        "lost": committed.lost + not_stored + not_shown,
        "duplicates": stored.rows - len(stored.events) + watcher.repeats,
    }
    if figures["lost"] or figures["duplicates"]:
        raise StartError(f"records are missing or doubled: {json.dumps(figures)}")
    return figures
