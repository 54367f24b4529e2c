"""What Prometheus hears of the notifier, from a notifier that sends on a real wire."""

from __future__ import annotations

import httpx

from demo.processes import free_port
from ingest.metrics import serve
from ingest.notify.metrics import NotifyMetrics
from ingest.notify.notifier import Notifier
from storage.notifications import Waiting
from storage.pool import Pool
from tests.ingest.incidents.test_correlator import correlated, numbered
from tests.ingest.notify.test_notifier import Connection, happens, ladder, later, pool, server, turn
from tests.support.receivers import Receiver, Reply

__all__ = ["pool", "server"]


def figures(metrics: NotifyMetrics) -> dict[str, float]:
    """What the page says of `truc`, by the name without what all have."""
    found = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            if sample.labels.get("channel") == "truc" and not sample.name.endswith("_created"):
                found[" ".join([sample.name.removeprefix("phoan_notify_"), *list(sample.labels.values())[1:]])] = (
                    sample.value
                )
    return found


NOTHING = {
    "sent_total": 0, "given_up_total": 0, "failed_total later": 0, "failed_total refused": 0,
    "waiting": 0, "oldest_seconds": 0,
}  # fmt: skip


def test_every_channel_has_its_figures_from_the_beginning() -> None:
    assert figures(NotifyMetrics(["truc"])) == NOTHING


def test_what_no_longer_waits_is_forgotten() -> None:
    metrics = NotifyMetrics(["truc"])
    metrics.looked([Waiting("truc", 3, 12.5), Waiting("of-another-notifier", 1, 1)])
    assert figures(metrics) == {**NOTHING, "waiting": 3, "oldest_seconds": 12.5}
    metrics.looked([])
    assert figures(metrics) == NOTHING


def test_what_is_sent_tried_again_and_refused_is_counted(connection: Connection, pool: Pool, server: Receiver) -> None:
    notifier = Notifier(pool, ladder(server))
    server.replies.extend([Reply(503), Reply(200), Reply(410)])
    happens(connection)
    turn(notifier)
    later(connection, 60)
    notifier.plan_turn()
    waits = figures(notifier.metrics)
    assert (waits["failed_total later"], waits["waiting"]) == (1, 1)
    assert waits["oldest_seconds"] > 50
    turn(notifier)
    assert correlated(connection, numbered(50, kind="crowding")) == 1
    turn(notifier)
    notifier.plan_turn()
    told = figures(notifier.metrics)
    assert told == {**NOTHING, "sent_total": 1, "failed_total later": 1, "failed_total refused": 1, "given_up_total": 1}


def test_the_figures_are_served() -> None:
    port = free_port()
    metrics = NotifyMetrics(["truc"])
    stop = serve(metrics.registry, "127.0.0.1", port)
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    finally:
        stop()
    assert 'phoan_notify_sent_total{channel="truc"} 0.0' in text
