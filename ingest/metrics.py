"""What a worker tells Prometheus: rates, lags, queue length, gaps, commit times. One registry a process, no globals."""

from __future__ import annotations

import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from pydantic import Field

from contracts.settings import Settings

log = logging.getLogger(__name__)

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


class MetricsSettings(Settings):
    """Where Prometheus finds a program's figures; absent, it tells none."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class Metrics:
    """Owns the registry; the others only count."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter("phoan_ingest_messages", "MQTT messages taken from the broker", registry=self.registry)
        self.refused = Counter(
            "phoan_ingest_refused", "messages left unacknowledged since the queue was full", registry=self.registry
        )
        self.records = Counter(
            "phoan_ingest_records", "records committed, repeats included", ["kind"], registry=self.registry
        )
        self.quarantined = Counter(
            "phoan_ingest_quarantined", "messages and records quarantined", ["reason"], registry=self.registry
        )
        self.suspect = Counter(
            "phoan_ingest_suspect", "records whose time cannot be right, kept and marked", registry=self.registry
        )
        self.commit = Histogram(
            "phoan_ingest_commit_seconds", "duration of a commit", buckets=_SECONDS, registry=self.registry
        )
        self.lag = Histogram(
            "phoan_ingest_lag_seconds",
            "from a message's arrival to its commit",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.last_commit = Gauge(
            "phoan_ingest_last_commit_timestamp_seconds", "when the last commit succeeded", registry=self.registry
        )
        self.correlated = Counter(
            "phoan_ingest_correlated_events", "event revisions that incidents heard of", registry=self.registry
        )
        self.uncorrelated = Gauge(
            "phoan_ingest_uncorrelated_events", "events that no incident has heard of", registry=self.registry
        )
        self.missing = Gauge(
            "phoan_ingest_missing_records", "records that boxes gave out and that never arrived", registry=self.registry
        )
        self.queue = Gauge("phoan_ingest_queue_messages", "messages in hand, not yet committed", registry=self.registry)

        self.connected = Gauge("phoan_ingest_connected", "1 while the broker is listened to", registry=self.registry)

    def watch_connection(self, listening: Callable[[], bool]) -> None:
        """Ask `listening` whether the broker is listened to whenever Prometheus looks."""
        self.connected.set_function(listening)

    def watch_queue(self, length: Callable[[], int]) -> None:
        """Ask `length` for the queue's length whenever Prometheus looks."""
        self.queue.set_function(length)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serve /metrics until the returned function is called."""
        return serve(self.registry, host, port)


def serve(registry: CollectorRegistry, host: str, port: int) -> Callable[[], None]:
    """Serve a registry's figures under /metrics until the returned function is called."""
    server, thread = start_http_server(port, host, registry)
    log.info("metrics on http://%s:%d/metrics", host, port)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
