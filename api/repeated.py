"""A thread that does one thing now and then for as long as the API runs, and goes on when the database is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout

log = logging.getLogger(__name__)

RETRY_S = 30.0


class Repeated:
    """Owns the thread. `turn` runs at the start and then once a period; `complaint` says in the log what did not work.

    Only what a database or a disk may do for a while is borne; anything else ends the thread with its traceback.
    """

    def __init__(self, name: str, period_s: float, turn: Callable[[], None], complaint: str) -> None:
        self._period_s = period_s
        self._turn = turn
        self._complaint = complaint
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = self._period_s
            try:
                self._turn()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.error("%s, trying on: %s", self._complaint, str(error).strip())
                wait_s = min(wait_s, RETRY_S)
            self._stop.wait(wait_s)
