"""Keeps what boxes say about themselves, their cameras and devices: the newest word wins, late ones are ignored."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow

from contracts.status import BoxStatus
from storage.sql import queries

SQL = queries("status")
CHANNEL = "phoan_status"


def apply(connection: Connection[TupleRow], ward: str, status: BoxStatus) -> bool:
    """Store `status` unless it is older than what is stored; whether it was stored."""
    outbox = status.outbox
    with connection.transaction():
        taken = connection.execute(
            SQL["update_box"],
            {
                "box": status.box,
                "ward": ward,
                "state": status.state.value,
                "session": status.session,
                "n": status.n,
                "version": status.version,
                "outbox_epoch": outbox and outbox.epoch,
                "outbox_head": outbox and outbox.head,
                "outbox_pending": outbox and outbox.pending,
                "outbox_dropped": outbox and outbox.dropped,
            },
        ).fetchone()
        if taken is None:
            return False
        for camera in status.cameras:
            connection.execute(
                SQL["update_camera"],
                {
                    "box": status.box,
                    "camera": camera.id,
                    "state": camera.state.value,
                    "fault": camera.fault,
                    "since": camera.since,
                    "width": camera.width,
                    "height": camera.height,
                    "fps": camera.fps,
                    "analysed_fps": camera.analysed_fps,
                },
            )
        for device in status.devices or ():
            connection.execute(
                SQL["adopt"], {**device.model_dump(), "metrics": list(device.metrics), "box": status.box}
            )
        connection.execute(SQL["notify"], {"box": status.box})
        return True
