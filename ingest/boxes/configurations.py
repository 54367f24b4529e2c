"""Pushes to every box what people decided that it shall watch: retained, so that a box hears it when it comes.

Every worker does so: a repeated message changes nothing on a box, and a broker that lost its state gets all of it back.
What the boxes answer comes with their status (storage.status).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from contracts.configuration import ConfigTooLargeError, pushed
from contracts.topics import BoxTopic, Channel
from storage import box_configs
from storage.box_configs import CHANNEL, WantedRow
from storage.pool import Pool

log = logging.getLogger(__name__)

AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
UNANSWERED: Final = ("pending", "trying")
AGAIN_S: Final = 30.0
"""What no box has answered is published again after so long: a worker may have overtaken another one."""

Retain = Callable[[str, bytes], None]


class Configurations:
    """Owns the thread. `retain` publishes; `listening_since` tells when the broker's connection was made; `changed`
    hears that boxes have other cameras, before any of them is told so.
    """

    def __init__(
        self,
        pool: Pool,
        retain: Retain,
        listening_since: Callable[[], datetime | None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool = pool
        self._retain = retain
        self._listening_since = listening_since
        self._changed = changed
        self._told: datetime | None = None
        self._again_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; a database that is away is the writer's to report."""
        while not stop.is_set():
            try:
                self._listen(stop)
            except AWAY as error:
                log.debug("configurations wait: %s", error)
                stop.wait(2)

    def _listen(self, stop: threading.Event) -> None:
        with self._pool.connection() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            try:
                while not stop.is_set():
                    news = {notice.payload for notice in connection.notifies(timeout=0.5, stop_after=1)}
                    self._turn(connection, news)
            finally:
                if not connection.closed:
                    connection.execute(f"UNLISTEN {CHANNEL}")

    def _turn(self, connection: psycopg.Connection[psycopg.rows.TupleRow], news: set[str]) -> None:
        """Publish what is new; all of it on a new connection; what is unanswered now and then."""
        since = self._listening_since()
        anew = since is not None and since != self._told
        again = time.monotonic() >= self._again_at
        if news:
            self._changed()
        if since is None or not (anew or again or news):
            return
        for row in box_configs.wanted(connection):
            if anew or row.box_id in news or (again and row.state in UNANSWERED):
                self._push(row)
        self._told = since
        if again:
            self._again_at = time.monotonic() + AGAIN_S

    def _push(self, row: WantedRow) -> None:
        try:
            message = pushed(row.revision, row.made_at, row.document)
        except ConfigTooLargeError as error:
            log.error("configuration %d of box %s is not pushed: %s", row.revision, row.box_id, error)
            return
        self._retain(str(BoxTopic(row.ward_id, row.box_id, Channel.CONFIG)), message.to_bytes())
