"""What the notifier tells Prometheus: what each channel took, what it did not, what waits and for how long."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from storage.notifications import Waiting


class NotifyMetrics:
    """Owns the registry; every channel has its figures from the beginning, so that a rule finds a nought."""

    def __init__(self, channels: Iterable[str]) -> None:
        self.registry = CollectorRegistry()
        self._channels = tuple(channels)
        self.sent = Counter("phoan_notify_sent", "incidents told", ["channel"], registry=self.registry)
        self.failed = Counter(
            "phoan_notify_failed",
            "tries that a channel did not take; tried again (later), or not (refused)",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self.given_up = Counter(
            "phoan_notify_given_up", "incidents that were never told", ["channel"], registry=self.registry
        )
        self.waiting = Gauge(
            "phoan_notify_waiting", "incidents that should be told by now", ["channel"], registry=self.registry
        )
        self.oldest = Gauge(
            "phoan_notify_oldest_seconds",
            "for how long the first of them has waited",
            ["channel"],
            registry=self.registry,
        )
        self.last_look = Gauge(
            "phoan_notify_last_look_timestamp_seconds",
            "when it was last looked what there is to tell",
            registry=self.registry,
        )
        for channel in self._channels:
            for figure in (self.sent, self.given_up, self.waiting, self.oldest):
                figure.labels(channel)
            for outcome in ("later", "refused"):
                self.failed.labels(channel, outcome)

    def looked(self, waiting: Iterable[Waiting]) -> None:
        """What waits now, by channel; nothing on those that are not named."""
        found = {row.channel: row for row in waiting}
        for channel in self._channels:
            row = found.get(channel)
            self.waiting.labels(channel).set(row.n if row else 0)
            self.oldest.labels(channel).set(row.oldest_s if row else 0)
        self.last_look.set_to_current_time()
