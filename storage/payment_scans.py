"""What patrols scanned with a phone and how it was judged, and the incidents that they report.

The text of a code and the account in it are not kept: fingerprints and BINs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries

SQL = queries("payment_scans")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class NewScan:
    id: UUID
    username: str
    ward_id: str
    point_id: str | None
    verdict: str
    fingerprints: Sequence[str]
    bins: Sequence[str]


@dataclass(frozen=True, slots=True)
class ScanRow:
    id: UUID
    at: datetime
    username: str
    name: str | None
    ward_id: str
    point_id: str | None
    verdict: str
    bins: list[str]
    incident_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What somebody reports. `key` is the group that events of the same kind and place gather under."""

    id: UUID
    ward: str
    site: str
    key: str
    kind: str
    severity: str


def add(connection: Db, scan: NewScan) -> None:
    values = {name: getattr(scan, name) for name in NewScan.__slots__}
    connection.execute(SQL["add"], {**values, "fingerprints": list(scan.fingerprints), "bins": list(scan.bins)})


def of_point(connection: Db, point: str, *, limit: int) -> list[ScanRow]:
    """The newest scans at a point."""
    with connection.cursor(row_factory=class_row(ScanRow)) as cursor:
        return cursor.execute(SQL["of_point"], {"point": point, "limit": limit}).fetchall()


def hold(connection: Db, scan: UUID) -> ScanRow | None:
    """A scan, which nobody else reports until the transaction ends."""
    with connection.cursor(row_factory=class_row(ScanRow)) as cursor:
        return cursor.execute(SQL["hold"], {"id": scan}).fetchone()


def reported(connection: Db, scan: UUID, incident: UUID) -> None:
    """Keep with the scan which incident tells of it."""
    connection.execute(SQL["reported"], {"id": scan, "incident": incident})


def open_or_join(connection: Db, new: NewIncident) -> tuple[UUID, bool]:
    """The unfinished incident of the same group, or a new one; and whether it is new."""
    connection.execute(SQL["hold_incidents"], {"ward": new.ward})
    with connection.cursor(row_factory=scalar_row) as cursor:
        found: UUID | None = cursor.execute(SQL["unfinished"], {"ward": new.ward, "key": new.key}).fetchone()
    if found is not None:
        connection.execute(SQL["touch_incident"], {"id": found})
        return found, False
    connection.execute(SQL["open_incident"], {name: getattr(new, name) for name in NewIncident.__slots__})
    return new.id, True
