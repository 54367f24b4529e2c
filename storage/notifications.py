"""The outbox of messages to people: planned in the transaction that hears of a change, leased, sent, marked.

Several notifiers may work at once: rows are skipped while another holds them, and a lease that runs out gives a message
back, so it is sent at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.sql import queries

SQL = queries("notifications")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody is needed (`called`), or more people are (`escalated`)."""

    incident_id: UUID
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CalledIncident:
    """An incident as a plan needs it; `told` are the steps of the ladder that were taken."""

    id: UUID
    ward_id: str
    severity: str
    state: str
    hidden: bool
    told: list[int]


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent now, and what it tells of."""

    id: UUID
    incident_id: UUID
    ward_id: str
    step: int
    urgency: int
    forced: bool
    attempts: int
    bundle: UUID | None
    due_at: datetime
    given_up_at: datetime
    kind: str
    severity: str
    cause: str | None
    opened_at: datetime
    events: int
    ward_name: str
    site_name: str | None
    site_id: str | None
    incident_state: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    incident_id: UUID
    channel: str
    error: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """How many messages a channel might send at `counted_at`, and until when it asked us to wait."""

    tokens: float
    counted_at: datetime
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much a channel should have told by now; `oldest_s` is how late the first of it is."""

    channel: str
    n: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class TokenRow:
    access_token: str | None
    refresh_token: str | None
    seed: bytes | None


def changes(connection: Db, limit: int = 200) -> list[Change]:
    """What notifiers have not heard of; gone with this transaction."""
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(SQL["changes"], {"limit": limit}).fetchall()


def called(connection: Db, ids: Sequence[UUID]) -> list[CalledIncident]:
    with connection.cursor(row_factory=class_row(CalledIncident)) as cursor:
        return cursor.execute(SQL["incidents"], {"ids": list(ids)}).fetchall()


def plan(
    connection: Db,
    incident: CalledIncident,
    *,
    step: int,
    channel: str,
    urgency: int,
    forced: bool,
    due_at: datetime,
    give_up_after: timedelta,
) -> None:
    """Have a message sent once, unless it is already."""
    connection.execute(
        SQL["plan"],
        {
            "incident": incident.id,
            "ward": incident.ward_id,
            "step": step,
            "channel": channel,
            "urgency": urgency,
            "forced": forced,
            "due_at": due_at,
            "give_up_after": give_up_after,
        },
    )


def cancel(connection: Db) -> int:
    """Drop what nobody needs to be told any more; how many."""
    return connection.execute(SQL["cancel"]).rowcount


def give_up(connection: Db) -> list[GivenUp]:
    """End what could not be delivered in time."""
    with connection.cursor(row_factory=class_row(GivenUp)) as cursor:
        return cursor.execute(SQL["give_up"]).fetchall()


def hold_channel(connection: Db, name: str, burst: int) -> ChannelRow:
    """The channel's count, held until the transaction ends."""
    connection.execute(SQL["add_channel"], {"name": name, "burst": burst})
    with connection.cursor(row_factory=class_row(ChannelRow)) as cursor:
        row = cursor.execute(SQL["hold_channel"], {"name": name}).fetchone()
    if row is None:
        raise RuntimeError(f"channel {name} is gone while it is held")
    return row


def due(connection: Db, channel: str) -> list[Due]:
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(SQL["due"], {"channel": channel}).fetchall()


def waiting(connection: Db) -> list[Waiting]:
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(SQL["waiting"]).fetchall()


def lease(connection: Db, ids: Sequence[UUID], bundle: UUID, length: timedelta) -> None:
    connection.execute(SQL["lease"], {"ids": list(ids), "bundle": bundle, "lease": length})


def spend(connection: Db, channel: str, tokens: float, at: datetime) -> None:
    connection.execute(SQL["spend"], {"name": channel, "tokens": tokens, "at": at})


def mark_sent(connection: Db, channel: str, ids: Sequence[UUID]) -> None:
    with connection.transaction():
        connection.execute(SQL["sent"], {"ids": list(ids)})
        connection.execute(SQL["note_sent"], {"name": channel})


def mark_later(
    connection: Db, channel: str, ids: Sequence[UUID], error: str, due_at: datetime, *, blocked_until: datetime | None
) -> None:
    """Try again at `due_at`; `blocked_until` holds up the whole channel."""
    with connection.transaction():
        connection.execute(SQL["later"], {"ids": list(ids), "error": error, "due_at": due_at})
        connection.execute(SQL["note_failed"], {"name": channel, "error": error, "blocked_until": blocked_until})


def mark_refused(connection: Db, channel: str, ids: Sequence[UUID], error: str) -> None:
    with connection.transaction():
        connection.execute(SQL["refused"], {"ids": list(ids), "error": error})
        connection.execute(SQL["note_failed"], {"name": channel, "error": error, "blocked_until": None})


def hold_tokens(connection: Db, channel: str, burst: int) -> TokenRow:
    """The channel's rotating tokens, held until the transaction ends: each may be used up by one process only."""
    connection.execute(SQL["add_channel"], {"name": channel, "burst": burst})
    with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        row = cursor.execute(SQL["tokens"], {"name": channel}).fetchone()
    if row is None:
        raise RuntimeError(f"channel {channel} is gone while it is held")
    return row


def keep_tokens(connection: Db, channel: str, *, access: str, refresh: str, seed: bytes) -> None:
    parameters = {"name": channel, "access": access, "refresh": refresh, "seed": seed}
    connection.execute(SQL["keep_tokens"], parameters)
