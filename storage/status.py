"""Keeps what boxes say about themselves, their cameras and devices: the newest word wins, late ones are ignored."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from contracts.status import BoxStatus, CameraStatus
from storage import box_configs
from storage.sql import queries

SQL = queries("status")
CHANNEL = "phoan_status"


def apply(connection: Connection[TupleRow], ward: str, status: BoxStatus) -> bool:
    """Store `status` unless one as new is stored; whether it was stored."""
    return bool(apply_all(connection, [(ward, status)]))


def apply_all(connection: Connection[TupleRow], statuses: Sequence[tuple[str, BoxStatus]]) -> list[str]:
    """Store statuses, each of another box and with its ward, in one transaction; the boxes of which one was stored."""
    with connection.transaction():
        told = Jsonb([_box(ward, status) for ward, status in statuses])
        taken = [box for (box,) in connection.execute(SQL["update_boxes"], {"statuses": told}).fetchall()]
        stored = [status for _, status in statuses if status.box in taken]
        cameras = [_camera(status.box, camera) for status in stored for camera in status.cameras]
        if cameras:
            connection.execute(SQL["update_cameras"], {"cameras": Jsonb(cameras)})
        for status in stored:
            for device in status.devices or ():
                adopted = {**device.model_dump(), "metrics": list(device.metrics), "box": status.box}
                connection.execute(SQL["adopt"], adopted)
        if taken:
            box_configs.answer_all(connection, {status.box: status.config for status in stored if status.config})
            connection.execute(SQL["notify"], {"boxes": taken})
        return taken


def _box(ward: str, status: BoxStatus) -> dict[str, object]:
    outbox = status.outbox
    return {
        "box": status.box,
        "ward": ward,
        "state": status.state.value,
        "session": str(status.session),
        "n": status.n,
        "version": status.version,
        "outbox_epoch": outbox and str(outbox.epoch),
        "outbox_head": outbox and outbox.head,
        "outbox_pending": outbox and outbox.pending,
        "outbox_dropped": outbox and outbox.dropped,
    }


def _camera(box: str, camera: CameraStatus) -> dict[str, object]:
    return {
        "box": box,
        "camera": camera.id,
        "state": camera.state.value,
        "fault": camera.fault,
        "since": camera.since.isoformat(),
        "width": camera.width,
        "height": camera.height,
        "fps": camera.fps,
        "analysed_fps": camera.analysed_fps,
    }
