"""What the rules of incidents read and change: the queue of events, known incidents, the word of boxes.

Knows no rule; ingest.incidents decides. Everything here runs in the caller's transaction, which holds the ward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, kwargs_row, scalar_row

from storage.sql import queries

SQL = queries("correlation")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event in its newest revision. `key_opened_at` finds it in its table; `opened_at` is a time to reckon with."""

    id: UUID
    key_opened_at: datetime
    revision: int
    kind: str
    severity: str
    site: str
    box: str
    camera: str | None
    closed: bool
    opened_at: datetime
    last_at: datetime
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as the rules see it. `under` is the incident that explains it; `open_events` those not yet closed."""

    id: UUID
    key: str
    kind: str
    kinds: Sequence[str]
    severity: str
    state: str
    reason: str | None
    site: str | None
    box: str | None
    camera: str | None
    opened_at: datetime
    last_at: datetime
    ended_at: datetime | None
    cause: str | None
    under: UUID | None
    open_events: frozenset[UUID]
    device: str | None = None


@dataclass(frozen=True, slots=True)
class BoxWord:
    """What a box last said of itself, and when anything of it last arrived."""

    id: str
    site: str | None
    state: str
    state_at: datetime | None
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mains:
    """Whether there was mains power at a box, at its last word on it."""

    box: str
    at: datetime
    present: bool


def _known(open_events: list[UUID], **columns: Any) -> Known:
    return Known(**columns, open_events=frozenset(open_events))


def queued_wards(connection: Db) -> list[str]:
    """The wards that have events which no incident has heard of."""
    return _texts(connection, "queued_wards")


def waiting(connection: Db) -> int:
    """How many events no incident has heard of."""
    row = connection.execute(SQL["waiting"]).fetchone()
    return int(row[0]) if row else 0


def wards(connection: Db) -> list[str]:
    return _texts(connection, "wards")


def _texts(connection: Db, query: str) -> list[str]:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL[query]).fetchall()


def lock_ward(connection: Db, ward: str) -> bool:
    """Hold the ward until the transaction ends; False when another worker does."""
    return connection.execute(SQL["lock_ward"], {"ward": ward}).fetchone() == (True,)


def take(connection: Db, ward: str, limit: int) -> list[Sighting]:
    """The next queued events, which leave the queue with this transaction; each once, in its newest revision."""
    keys: dict[UUID, datetime] = dict(connection.execute(SQL["take"], {"ward": ward, "limit": limit}).fetchall())
    if not keys:
        return []
    with connection.cursor(row_factory=class_row(Sighting)) as cursor:
        parameters = {"ids": list(keys), "opened": list(keys.values())}
        return cursor.execute(SQL["sightings"], parameters).fetchall()


def membership(connection: Db, events: Sequence[UUID]) -> dict[UUID, UUID]:
    """The incident of each of `events` that has one."""
    return dict(connection.execute(SQL["membership"], {"ids": list(events)}).fetchall())


def candidates(
    connection: Db, ward: str, *, ids: Sequence[UUID], keys: Sequence[str], boxes: Sequence[str], since: datetime
) -> list[Known]:
    """The incidents `ids`, those of the groups `keys` in which something happened after `since`, and the silences
    `boxes` that lasted beyond it; locked.
    """
    parameters = {"ward": ward, "ids": list(ids), "keys": list(keys), "boxes": list(boxes), "since": since}
    with connection.cursor(row_factory=kwargs_row(_known)) as cursor:
        return cursor.execute(SQL["candidates"], parameters).fetchall()


def box_incidents(connection: Db, ward: str, *, boxes: Sequence[str], since: datetime) -> list[Known]:
    """What a look at the silent `boxes` needs: see the query. Locked."""
    parameters = {"ward": ward, "boxes": list(boxes), "since": since}
    with connection.cursor(row_factory=kwargs_row(_known)) as cursor:
        return cursor.execute(SQL["box_incidents"], parameters).fetchall()


def has_silences(connection: Db, ward: str, silent: timedelta) -> bool:
    """Whether a look at the ward's boxes can lead to anything."""
    return connection.execute(SQL["silences"], {"ward": ward, "silent": silent}).fetchone() == (True,)


def boxes(connection: Db, ward: str) -> list[BoxWord]:
    with connection.cursor(row_factory=class_row(BoxWord)) as cursor:
        return cursor.execute(SQL["boxes"], {"ward": ward}).fetchall()


def mains(
    connection: Db, boxes: Sequence[str], *, on_mains: Sequence[str], on_battery: Sequence[str], since: datetime
) -> dict[str, Mains]:
    """The last word of each of `boxes` after `since` on whether there is mains power, told by these metrics."""
    parameters = {"boxes": list(boxes), "on_mains": list(on_mains), "on_battery": list(on_battery), "since": since}
    with connection.cursor(row_factory=class_row(Mains)) as cursor:
        return {word.box: word for word in cursor.execute(SQL["mains"], parameters).fetchall()}


def open_incident(connection: Db, ward: str, incident: Known) -> None:
    row: Mapping[str, object] = {
        "ward": ward,
        **{name: getattr(incident, name) for name in Known.__slots__},
        "kinds": list(incident.kinds),
    }
    connection.execute(SQL["open"], row)


def put_events(connection: Db, puts: Sequence[tuple[UUID, Sighting]]) -> set[UUID]:
    """Make each event part of the incident with that id; the incidents for which that was news."""
    newest = {event.id: (incident, event) for incident, event in puts}.values()
    rows = connection.execute(
        SQL["put_events"],
        {
            "events": [event.id for _, event in newest],
            "opened": [event.key_opened_at for _, event in newest],
            "incidents": [incident for incident, _ in newest],
            "open": [not event.closed for _, event in newest],
            "revisions": [event.revision for _, event in newest],
        },
    ).fetchall()
    return {incident for (incident,) in rows}


def refresh(connection: Db, incident: Known) -> None:
    """Let the incident's row say what `incident` does, and count its events."""
    connection.execute(
        SQL["refresh"],
        {
            "id": incident.id,
            "kind": incident.kind,
            "kinds": list(incident.kinds),
            "severity": incident.severity,
            "opened_at": incident.opened_at,
            "last_at": incident.last_at,
        },
    )


def hide(connection: Db, incident: UUID, under: UUID | None) -> str | None:
    """Let `under` stand for `incident` in the lane, or nothing any more; the state if that was news."""
    row = connection.execute(SQL["hide"], {"id": incident, "under": under}).fetchone()
    return str(row[0]) if row else None


def blame(connection: Db, incident: UUID, cause: str) -> None:
    connection.execute(SQL["blame"], {"id": incident, "cause": cause})


def forget_changes(connection: Db) -> None:
    """Drop what no notifier wanted to hear."""
    connection.execute(SQL["forget_changes"])
