"""Whether streets can be paid on, in figures, beside what a ward aims at and what officers say of banks.

storage.payment_looks writes what these are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("payability")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """How a site stands. `looked_at` is None before the first look at its ward."""

    ward_id: str
    ward_name: str
    time_zone: str
    site_id: str
    site_name: str
    kind: str
    points: int
    verified: int
    payable: int
    not_payable: int
    closed: int
    unknown: int
    lost_minutes: float
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutageRow:
    """Points that could not be paid at for one cause. `site_id` is the only site of `sites`, or one of them."""

    ward_id: str
    cause: str
    place: str
    site_id: str
    sites: int
    points: int
    began: datetime
    point_name: str | None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayRow:
    """A site's day; minutes are of all its points together."""

    day: date
    ward_id: str
    site_id: str
    site_name: str
    kind: str
    points: int
    verified: int
    open_minutes: float
    payable_minutes: float
    unknown_minutes: float
    lost_minutes: float


@dataclass(frozen=True, slots=True)
class TargetRow:
    """Of one site, of a kind of sites, or, with both empty, of the ward."""

    ward_id: str
    site_kind: str
    site_id: str
    payable: float
    verified: float


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: UUID
    ward_id: str
    bank: str
    note: str
    posted_by: str
    posted_by_name: str | None
    starts: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_by_name: str | None


def figures(connection: Db, scope: Scope) -> list[FigureRow]:
    with connection.cursor(row_factory=class_row(FigureRow)) as cursor:
        return cursor.execute(SQL["figures"], scope.parameters()).fetchall()


def lasting(connection: Db, scope: Scope) -> list[OutageRow]:
    """The outages of now, that of the most points first."""
    with connection.cursor(row_factory=class_row(OutageRow)) as cursor:
        return cursor.execute(SQL["lasting"], scope.parameters()).fetchall()


def past(connection: Db, scope: Scope, *, since: datetime, limit: int) -> list[OutageRow]:
    """The outages that ended after `since`, the latest first."""
    with connection.cursor(row_factory=class_row(OutageRow)) as cursor:
        return cursor.execute(SQL["past"], {**scope.parameters(), "since": since, "limit": limit}).fetchall()


def days(connection: Db, scope: Scope, ward: str, first: date, last: date) -> list[DayRow]:
    with connection.cursor(row_factory=class_row(DayRow)) as cursor:
        return cursor.execute(
            SQL["days"], {**scope.parameters(), "ward": ward, "first": first, "last": last}
        ).fetchall()


def targets(connection: Db, wards: Sequence[str]) -> list[TargetRow]:
    with connection.cursor(row_factory=class_row(TargetRow)) as cursor:
        return cursor.execute(SQL["targets"], {"wards": list(wards)}).fetchall()


def put_target(connection: Db, target: TargetRow) -> None:
    connection.execute(
        SQL["put_target"],
        {
            "ward": target.ward_id,
            "site_kind": target.site_kind,
            "site": target.site_id,
            "payable": target.payable,
            "verified": target.verified,
        },
    )


def remove_target(connection: Db, ward: str, *, site_kind: str, site: str) -> bool:
    """Whether there was one."""
    return connection.execute(SQL["remove_target"], {"ward": ward, "site_kind": site_kind, "site": site}).rowcount > 0


def ward_of(connection: Db, site: str) -> str | None:
    row = connection.execute(SQL["site_ward"], {"site": site}).fetchone()
    return str(row[0]) if row else None


def notices(connection: Db, wards: Sequence[str], *, limit: int = 50, only: UUID | None = None) -> list[NoticeRow]:
    """What was said of banks, the latest first."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(SQL["notices"], {"wards": list(wards), "id": only, "limit": limit}).fetchall()


def post_notice(connection: Db, id_: UUID, *, ward: str, bank: str, note: str, by: str, until: datetime) -> None:
    connection.execute(
        SQL["post_notice"],
        {"id": id_, "ward": ward, "bank": bank, "note": note, "posted_by": by, "until": until},
    )


def end_notice(connection: Db, id_: UUID, *, by: str) -> bool:
    """False where it has ended already."""
    return connection.execute(SQL["end_notice"], {"id": id_, "by": by}).fetchone() is not None
