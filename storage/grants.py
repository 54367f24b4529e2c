"""What somebody may see beyond their role, or for a reason only: time-boxed grants and permissions to play back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries

SQL = queries("grants")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class ReachRow:
    """A place that a user's rights speak of. `kind`: `site`, a limit; `grant`, with its span; `ward`, for an admin."""

    kind: str
    ward_id: str
    site_id: str | None
    valid_from: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """Sight of the video of a ward or a site for a time."""

    id: UUID
    username: str
    ward_id: str | None
    site_id: str | None
    capability: str
    valid_from: datetime
    valid_until: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant that is to be made; one of `ward` and `site` is None."""

    username: str
    ward: str | None
    site: str | None
    valid_from: datetime
    valid_until: datetime
    reason: str
    granted_by: str


def reach(connection: Db, username: str, sites: Sequence[str], *, everywhere: bool) -> list[ReachRow]:
    """Where the user's limits and grants lie; all wards where `everywhere`."""
    with connection.cursor(row_factory=class_row(ReachRow)) as cursor:
        return cursor.execute(
            SQL["reach"], {"username": username, "sites": list(sites), "everywhere": everywhere}
        ).fetchall()


def wards_of_sites(connection: Db, sites: Sequence[str]) -> dict[str, str]:
    """The ward of each of these sites that is there."""
    return {str(site): str(ward) for site, ward in connection.execute(SQL["sites"], {"sites": list(sites)})}


def grant(connection: Db, new: NewGrant) -> UUID:
    with connection.cursor(row_factory=scalar_row) as cursor:
        made: UUID | None = cursor.execute(
            SQL["grant"],
            {
                "username": new.username,
                "ward": new.ward,
                "site": new.site,
                "valid_from": new.valid_from,
                "valid_until": new.valid_until,
                "reason": new.reason,
                "granted_by": new.granted_by,
            },
        ).fetchone()
    assert made
    return made


def grants(connection: Db, username: str | None = None) -> list[GrantRow]:
    """The newest grants, those that ended too; of one user or of all."""
    with connection.cursor(row_factory=class_row(GrantRow)) as cursor:
        return cursor.execute(SQL["grants"], {"username": username}).fetchall()


def withdraw(connection: Db, grant_id: UUID) -> str | None:
    """End a grant now; returns whose it was, None when there is none in force or to come."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        username: str | None = cursor.execute(SQL["withdraw"], {"id": grant_id}).fetchone()
    return username


def allow_playback(connection: Db, session: UUID, thing: str, reason: str, lifetime: timedelta) -> datetime:
    """Let a session play `thing` back for `lifetime`; returns until when."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        until: datetime | None = cursor.execute(
            SQL["allow_playback"], {"session": session, "object": thing, "reason": reason, "lifetime": lifetime}
        ).fetchone()
    assert until
    return until


def playback_reason(connection: Db, session: UUID, things: Sequence[str]) -> str | None:
    """The reason that this session gave for one of `things` and that still holds."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        reason: str | None = cursor.execute(
            SQL["playback_reason"], {"session": session, "objects": list(things)}
        ).fetchone()
    return reason
