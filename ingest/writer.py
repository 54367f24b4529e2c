"""Turns deliveries into transactions: gathers a batch by size or time, commits it, then lets it be acknowledged.

One batch is committed while the next is decoded, in the order in which they came. While the database is away the batch
waits in hand and the queue fills; nothing is acknowledged, so nothing is lost. A message that the database cannot store
is found by halving the batch and goes to quarantine; the others do not notice.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from contracts.records import SeqRange
from ingest.consumer import Delivery
from ingest.decode import Status, UnknownBoxError, decode, reject_unknown_box
from ingest.metrics import Metrics
from storage import records, status
from storage.pool import Pool
from storage.records import Commit, KnownBox, Origin, Rejected
from storage.samples import SampleWriter

log = logging.getLogger(__name__)

BATCH_MESSAGES = 500
BATCH_BYTES = 512 * 1024
"""Larger commits do not get cheaper, but hold up the broker: it sends no more than RECEIVE_MAXIMUM ahead of us."""

BATCH_WAIT_S = 0.05
"""A lone event waits this long for company: far below what a person notices, long enough to batch a burst."""

DIRECTORY_MAX_AGE_S = 60.0
DIRECTORY_MIN_AGE_S = 2.0
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction, PoolTimeout)
"""The database does not take anything: gone, starting, full, or read-only for a while."""

NOT_STORABLE = (psycopg.DataError, psycopg.IntegrityError)
"""The database takes others, but not this: a NUL in a text, a year that it cannot hold."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries and what they hold: records, and of each box the last status; not decoded while the database, which
    knows the boxes, is away.
    """

    deliveries: list[Delivery]
    decoded: tuple[Commit, dict[str, Status]] | None


Acknowledge = Callable[[list[Delivery], dict[Origin, tuple[SeqRange, ...]]], None]
Connection = psycopg.Connection[TupleRow]


class Writer:
    """Owns the directory of known boxes and the way into the database. The directory is replaced, never changed, so the
    thread that decodes and the one that commits may both read it anew.
    """

    def __init__(
        self,
        pool: Pool,
        deliveries: queue.Queue[Delivery],
        acknowledge: Acknowledge,
        metrics: Metrics,
        committed_events: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool = pool
        self._deliveries = deliveries
        self._acknowledge = acknowledge
        self._metrics = metrics
        self._committed_events = committed_events
        self._directory: dict[str, KnownBox] = {}
        self._directory_at = float("-inf")
        self._samples = SampleWriter()

    def forget_directory(self) -> None:
        """Boxes have other cameras from now on: read which before the next message. May be called by any thread."""
        self._directory_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Commit batches until `stop` is set, then what is in the queue at that moment, unless the database is away."""
        with ThreadPoolExecutor(1, "decode") as ahead:
            following = ahead.submit(self._next)
            while not stop.is_set():
                batch, following = following.result(), ahead.submit(self._next)
                self._commit_until_done(batch, stop)
            self._commit_until_done(following.result(), stop)
        in_hand = [self._deliveries.get_nowait() for _ in range(self._deliveries.qsize())]
        self._commit_until_done(Batch(in_hand, None), stop)

    def _next(self) -> Batch:
        """The next deliveries, decoded."""
        deliveries = self._gather()
        if not deliveries:
            return Batch([], None)
        try:
            return Batch(deliveries, self._decode(deliveries))
        except AWAY:
            return Batch(deliveries, None)

    def _gather(self) -> list[Delivery]:
        """The next deliveries: waits for the first, then a moment for more."""
        try:
            batch = [self._deliveries.get(timeout=0.2)]
        except queue.Empty:
            return []
        size = len(batch[0].payload)
        deadline = time.monotonic() + BATCH_WAIT_S
        while len(batch) < BATCH_MESSAGES and size < BATCH_BYTES:
            try:
                batch.append(self._deliveries.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
            size += len(batch[-1].payload)
        return batch

    def _commit_until_done(self, batch: Batch, stop: threading.Event) -> None:
        if not batch.deliveries:
            return
        attempt = 0
        while True:
            try:
                self._commit_in_halves(batch)
            except AWAY as error:
                if stop.is_set():
                    count = len(batch.deliveries)
                    log.warning("stopping with %d messages unacknowledged; they will be sent again", count)
                    return
                if attempt == 0:
                    log.error("database does not take records, trying on: %s", str(error).strip())
                stop.wait(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                attempt += 1
                continue
            if attempt:
                log.info("database takes records again after %d attempts", attempt + 1)
            return

    def _commit_in_halves(self, batch: Batch) -> None:
        """Commit and acknowledge `batch`; where the database refuses it, each half by itself, down to the culprit."""
        deliveries = batch.deliveries
        try:
            committed = self._commit(*(batch.decoded or self._decode(deliveries)))
        except NOT_STORABLE as error:
            if len(deliveries) > 1:
                middle = len(deliveries) // 2
                self._commit_in_halves(Batch(deliveries[:middle], None))
                self._commit_in_halves(Batch(deliveries[middle:], None))
                return
            committed = self._quarantine(deliveries[0], str(error).strip())
        now = time.monotonic()
        for delivery in deliveries:
            self._metrics.lag.observe(now - delivery.at)
        self._acknowledge(deliveries, committed)

    def _commit(self, commit: Commit, statuses: dict[str, Status]) -> dict[Origin, tuple[SeqRange, ...]]:
        with self._pool.connection() as connection:
            if statuses:
                status.apply_all(connection, [(news.ward, news.status) for news in statuses.values()])
            self._write(connection, commit)
            return commit.ranges()

    def _quarantine(self, delivery: Delivery, detail: str) -> dict[Origin, tuple[SeqRange, ...]]:
        """Put a message that cannot be stored aside; its numbers count as committed, or it would come for ever."""
        decoded, _ = self._decode([delivery])
        rejected = Rejected(delivery.topic, "not_storable", detail, delivery.payload)
        commit = Commit(seqs=decoded.seqs, rejected=[rejected])
        with self._pool.connection() as connection:
            self._write(connection, commit)
            return commit.ranges()

    def _write(self, connection: Connection, commit: Commit) -> None:
        if not (commit.seqs or commit.rejected):
            return
        with self._metrics.commit.time():
            written = records.write(connection, commit, self._samples)
        self._metrics.last_commit.set_to_current_time()
        self._metrics.records.labels("event").inc(len(commit.events))
        self._metrics.records.labels("sample").inc(len(commit.samples))
        self._metrics.suspect.inc(written.suspect)
        if written.events:
            self._committed_events()
        for rejected in commit.rejected:
            self._metrics.quarantined.labels(rejected.reason).inc()
            log.warning("quarantined a message on %s: %s: %s", rejected.topic, rejected.reason, rejected.detail)

    def _decode(self, deliveries: list[Delivery]) -> tuple[Commit, dict[str, Status]]:
        """Everything in `deliveries`; of several statuses of a box the last."""
        if time.monotonic() - self._directory_at > DIRECTORY_MAX_AGE_S:
            self._read_directory()
        commit = Commit()
        statuses: dict[str, Status] = {}
        for delivery in deliveries:
            try:
                news = decode(delivery.topic, delivery.payload, self._directory, commit)
            except UnknownBoxError:
                news = self._decode_again(delivery, commit)
            if news:
                statuses.pop(news.status.box, None)
                statuses[news.status.box] = news
        return commit, statuses

    def _decode_again(self, delivery: Delivery, commit: Commit) -> Status | None:
        """The box may have been declared since the directory was read."""
        if time.monotonic() - self._directory_at > DIRECTORY_MIN_AGE_S:
            self._read_directory()
        try:
            return decode(delivery.topic, delivery.payload, self._directory, commit)
        except UnknownBoxError:
            reject_unknown_box(delivery.topic, delivery.payload, commit)
            return None

    def _read_directory(self) -> None:
        with self._pool.connection() as connection:
            self._directory = {box.id: box for box in records.known_boxes(connection)}
        self._directory_at = time.monotonic()
