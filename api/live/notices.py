"""Hears from the database what ingest has committed, and turns it into feed messages.

One thread with a connection of its own. After a lost connection every viewer is told to fetch anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import psycopg
from psycopg import Connection, Notify
from psycopg.rows import TupleRow
from pydantic import SecretStr

from api.live.hub import Hub
from api.past.events import stored
from api.work.incident_models import incident_of
from contracts.feed import BoxChanged, CameraChanged, CamerasChanged, EventChanged, FeedMessage, IncidentChanged
from contracts.status import BoxState, CameraState, CameraStatus
from storage import (
    announcements,
    box_configs,
    incident_steps,
    incidents,
    payment_points,
    recordings,
    records,
    status,
    wall,
)
from storage.pool import Pool
from storage.wall import BoxCameraRow, EventKey

log = logging.getLogger(__name__)

RETRY_S = 2.0
CHANNELS = (
    records.CHANNEL,
    status.CHANNEL,
    recordings.CHANNEL,
    incident_steps.CHANNEL,
    payment_points.CHANNEL,
    announcements.CHANNEL,
    box_configs.CHANNEL,
)


class Notices:
    """Owns the listening thread."""

    def __init__(self, conninfo: SecretStr, pool: Pool, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._conninfo = conninfo
        self._pool = pool
        self._hub = hub
        self._loop = loop
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        lost = False
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo.get_secret_value(), autocommit=True, connect_timeout=5) as db:
                    for channel in CHANNELS:
                        db.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                    self._call(self._hub.publish_missed)  # of what was committed before we listened
                    if lost:
                        log.info("hearing from the database again")
                    lost = False
                    self._listen(db)
            except psycopg.Error as error:
                if not lost:
                    log.error("cannot hear from the database, trying on: %s", str(error).strip())
                lost = True
                self._stop.wait(RETRY_S)

    def _listen(self, db: Connection[TupleRow]) -> None:
        while not self._stop.is_set():
            notices = list(db.notifies(timeout=0.5, stop_after=1))  # all that came at once
            if not notices:
                db.execute("SELECT 1")  # finds out that the connection is gone
            for notice in notices:
                try:
                    self._pass_on(notice)
                except ValueError as error:
                    log.error("left out a notice that cannot be read: %s", " ".join(str(error).split()))
                    self._call(self._hub.publish_missed)
            self._boxes_changed({notice.payload for notice in notices if notice.channel == status.CHANNEL})

    def _pass_on(self, notice: Notify) -> None:
        if notice.channel == records.CHANNEL:
            self._events_changed(notice.payload)
        elif notice.channel == incident_steps.CHANNEL:
            self._incidents_changed(notice.payload)
        elif notice.channel == recordings.CHANNEL:
            self._call(lambda: self._hub.recording_asked(notice.payload))
        elif notice.channel == announcements.CHANNEL:
            self._call(lambda: self._hub.announcement_asked(notice.payload))
        elif notice.channel == payment_points.CHANNEL:
            self._call(self._hub.points_changed)
        elif notice.channel == box_configs.CHANNEL:
            self._cameras_changed(notice.payload)

    def _events_changed(self, payload: str) -> None:
        keys = [EventKey(datetime.fromisoformat(at), UUID(id_)) for id_, at in json.loads(payload)]
        with self._pool.connection() as db:
            rows = wall.events_by_key(db, keys)
        for row in rows:
            event = stored(row)
            message = EventChanged(ward=event.ward, box=event.box, event=event.event, received_at=event.received_at)
            self._publish(row.ward_id, message, event.event.site)

    def _incidents_changed(self, payload: str) -> None:
        ids = [UUID(id_) for id_ in json.loads(payload)]
        with self._pool.connection() as db:
            rows = incidents.by_id(db, ids)
            events = incidents.newest_events(db, ids)
        for row in rows:
            message = IncidentChanged(incident=incident_of(row), events=tuple(events[row.id]))
            self._publish(row.ward_id, message, row.site_id)

    def _cameras_changed(self, box: str) -> None:
        with self._pool.connection() as db:
            rows = wall.box_cameras(db, [box], self._hub.wards)
        if rows:
            self._publish(rows[0].ward_id, CamerasChanged(box=box), None)

    def _boxes_changed(self, boxes: set[str]) -> None:
        """Every box says every few seconds how it is: those of wards that nobody looks at are let go unread."""
        wards = self._hub.wards
        if not boxes or not wards:
            return
        with self._pool.connection() as db:
            rows = wall.box_cameras(db, sorted(boxes), wards)
        for box, cameras in groupby(rows, key=lambda row: row.box_id):
            self._box_changed(box, list(cameras))

    def _box_changed(self, box: str, rows: Sequence[BoxCameraRow]) -> None:
        first = rows[0]
        known = frozenset(row.id for row in rows if row.id is not None)
        self._call(lambda: self._hub.cameras_known(box, known))
        if first.box_state != "unknown" and first.state_at:
            changed = BoxChanged(box=box, state=BoxState(first.box_state), at=first.state_at)
            self._publish(first.ward_id, changed, None)
        for row in rows:
            camera = camera_status(row)
            if camera:
                self._publish(row.ward_id, CameraChanged(box=box, camera=camera), camera.site)

    def _publish(self, ward: str, message: FeedMessage, site: str | None) -> None:
        self._call(lambda: self._hub.publish(ward, message, site=site))

    def _call(self, function: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)


def camera_status(row: BoxCameraRow) -> CameraStatus | None:
    """A camera's row as its box sent it; None while the box has not spoken of it."""
    if row.id is None or row.site_id is None or row.state in (None, "unknown") or row.since is None:
        return None
    return CameraStatus(
        id=row.id,
        site=row.site_id,
        state=CameraState(row.state),
        since=row.since,
        fault=row.fault,
        width=row.width,
        height=row.height,
        fps=row.fps,
        analysed_fps=row.analysed_fps,
    )
