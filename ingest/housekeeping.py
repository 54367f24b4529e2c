"""What a worker does beside the flow, now and then: sweeps out old data where the database cannot, counts gaps."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from ingest.metrics import Metrics
from storage import report, retention
from storage.pool import Pool
from storage.retention import RetentionSettings

log = logging.getLogger(__name__)

GAPS_EVERY_S: Final = 30.0
SWEEP_EVERY_S: Final = 3600.0


class Housekeeping:
    """Owns the times; every worker runs one, and the database lets one of them sweep."""

    def __init__(self, pool: Pool, settings: RetentionSettings, metrics: Metrics) -> None:
        self._pool = pool
        self._settings = settings
        self._metrics = metrics
        self._next_sweep = 0.0

    def run(self, stop: threading.Event) -> None:
        """Go on until `stop` is set; a database that is away is the writer's to report."""
        while not stop.is_set():
            try:
                self._turn()
            except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction, PoolTimeout) as error:
                log.debug("housekeeping waits: %s", error)
            stop.wait(GAPS_EVERY_S)

    def _turn(self) -> None:
        with self._pool.connection() as connection:
            self._metrics.missing.set(report.missing(connection))
            if time.monotonic() < self._next_sweep:
                return
            swept = retention.sweep(connection, self._settings)
            self._next_sweep = time.monotonic() + SWEEP_EVERY_S
        gone = ", ".join(f"{count} of {table}" for table, count in swept.items() if count)
        if gone:
            log.info("removed what was kept long enough: %s", gone)
