"""Whether streets can be paid on now, why not, and how it was on the days before; also as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.payments.desk import TheDesk
from api.payments.notices import Notice, notice_of
from api.payments.targets import aim_of
from api.problems import not_found
from contracts.banks import Banks, name_of
from contracts.ids import Slug
from storage import payability
from storage.payability import DayRow, FigureRow, OutageRow, TargetRow

router = APIRouter(prefix="/api/v1/payments", tags=["payments"])

STALE: Final = timedelta(minutes=2)
"""A worker looks every ten seconds; older figures are none of now."""

MOST_DAYS: Final = 400
MOST_PAST: Final = 200
VIETNAM: Final = timedelta(hours=7)

Days = Annotated[int, Query(ge=1, le=MOST_DAYS)]


class Aim(BaseModel):
    """Shares from 0 to 1, and whose target it is."""

    payable: float
    verified: float
    of: Literal["site", "site_kind", "ward", "usual"]


class SiteFigures(BaseModel):
    """How a site stands: of `points`, so many have a verified code on display, can be paid at, cannot, are closed now,
    or are not heard of. `lost_minutes`: of all points together, today.
    """

    ward: str
    ward_name: str
    site: str
    site_name: str
    kind: str
    points: int
    verified: int
    payable: int
    not_payable: int
    closed: int
    unknown: int
    lost_minutes: float
    target: Aim


class Outage(BaseModel):
    """Points that cannot be paid at for one cause. `point` is named where there is only one, `site` where all are at
    one.
    """

    ward: str
    cause: str
    place: str
    site: str | None
    bank_name: str | None
    point: str | None
    points: int
    began: datetime
    ended: datetime | None


class WardLook(BaseModel):
    """When a ward was last looked at; figures of a `stale` one are not of now."""

    ward: str
    looked_at: datetime | None
    stale: bool


class Overview(BaseModel):
    items: list[SiteFigures]
    outages: list[Outage]
    notices: list[Notice]
    looks: list[WardLook]


class Outages(BaseModel):
    items: list[Outage]


class DayFigures(BaseModel):
    """A site's day. Shares are of the minutes in which its points were open; none of a day without any."""

    day: date
    site: str
    site_name: str
    kind: str
    points: int
    verified: int
    payable_share: float | None
    unknown_share: float | None
    lost_minutes: float
    open_minutes: float


class DayPage(BaseModel):
    items: list[DayFigures]


COLUMNS: Final = ("day", "site", "site_name", "kind", "points", "verified", "payable_share", "unknown_share",
                  "lost_minutes", "target_payable", "target_verified")  # fmt: skip


@router.get("/payability")
def overview(user: User, db: Database, desk: TheDesk) -> Overview:
    """The figures of every site that the user sees, what is wrong now, and what officers say of banks."""
    now = datetime.now(UTC)
    rows = payability.figures(db, user.sees)
    targets = payability.targets(db, user.wards)
    looked = {row.ward_id: row.looked_at for row in rows}
    return Overview(
        items=[_figures(row, targets) for row in rows],
        outages=[_outage(row, desk.banks) for row in payability.lasting(db, user.sees)],
        notices=[
            notice for row in payability.notices(db, user.wards) if (notice := notice_of(row, desk.banks, now)).active
        ],
        looks=[WardLook(ward=ward, looked_at=at, stale=is_stale(at, now)) for ward, at in sorted(looked.items())],
    )


@router.get("/outages")
def past_outages(user: User, db: Database, desk: TheDesk, days: Days = 7) -> Outages:
    """Outages that ended within days, the latest first; spans of one cause and place that overlap are one."""
    since = datetime.now(UTC) - timedelta(days=days)
    rows = payability.past(db, user.sees, since=since, limit=MOST_PAST)
    return Outages(items=[_outage(row, desk.banks) for row in rows])


@router.get("/payability/{ward}/days")
def day_figures(user: User, db: Database, ward: Slug, days: Days = 30) -> DayPage:
    """The figures of each site of a ward by Vietnamese days, up to a year and a month back."""
    return DayPage(items=[_day(row) for row in _days(db, user, ward, days)])


@router.get(
    "/payability/{ward}/export",
    response_class=PlainTextResponse,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "One line a site and day"}
    },
)
def export(
    user: User, db: Database, ward: Slug, days: Days = 30, separator: Literal["comma", "semicolon"] = "comma"
) -> PlainTextResponse:
    """The same as CSV. With `semicolon` numbers bear a decimal comma, as a Vietnamese spreadsheet reads them."""
    rows = _days(db, user, ward, days)
    table = _table(rows, payability.targets(db, [ward]), semicolon=separator == "semicolon")
    audit.note(db, user, "payability.exported", f"ward:{ward}", ward=ward, rows=len(rows))
    return PlainTextResponse(
        "\ufeff" + table,
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="thanh-toan-{ward}.csv"'},
    )


def is_stale(looked_at: datetime | None, now: datetime) -> bool:
    return looked_at is None or now - looked_at > STALE


def _days(db: Connection[TupleRow], user: Person, ward: str, days: int) -> list[DayRow]:
    if ward not in user.wards:
        raise not_found("ward")
    today = (datetime.now(UTC) + VIETNAM).date()
    return payability.days(db, user.sees, ward, today - timedelta(days=days - 1), today)


def _figures(row: FigureRow, targets: list[TargetRow]) -> SiteFigures:
    aim = aim_of(targets, row.ward_id, row.kind, row.site_id)
    return SiteFigures(
        ward=row.ward_id,
        ward_name=row.ward_name,
        site=row.site_id,
        site_name=row.site_name,
        kind=row.kind,
        points=row.points,
        verified=row.verified,
        payable=row.payable,
        not_payable=row.not_payable,
        closed=row.closed,
        unknown=row.unknown,
        lost_minutes=round(row.lost_minutes, 1),
        target=Aim(payable=aim.payable, verified=aim.verified, of=aim.of),
    )


def _outage(row: OutageRow, banks: Banks) -> Outage:
    return Outage(
        ward=row.ward_id,
        cause=row.cause,
        place=row.place,
        site=row.site_id if row.sites == 1 else None,
        bank_name=name_of(row.place, banks) if row.cause == "bank" else None,
        point=row.point_name,
        points=row.points,
        began=row.began,
        ended=row.ended,
    )


def _day(row: DayRow) -> DayFigures:
    return DayFigures(
        day=row.day,
        site=row.site_id,
        site_name=row.site_name,
        kind=row.kind,
        points=row.points,
        verified=row.verified,
        payable_share=_share(row.payable_minutes, row),
        unknown_share=_share(row.unknown_minutes, row),
        lost_minutes=round(row.lost_minutes, 1),
        open_minutes=round(row.open_minutes, 1),
    )


def _share(minutes: float, row: DayRow) -> float | None:
    return round(minutes / row.open_minutes, 4) if row.open_minutes > 0 else None


def _table(rows: Iterable[DayRow], targets: list[TargetRow], *, semicolon: bool) -> str:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";" if semicolon else ",")
    lines.writerow(COLUMNS)

    def number(value: float | None) -> str:
        written = "" if value is None else f"{value:g}"
        return written.replace(".", ",") if semicolon else written

    for row in rows:
        day, aim = _day(row), aim_of(targets, row.ward_id, row.kind, row.site_id)
        figures = (day.payable_share, day.unknown_share, day.lost_minutes, aim.payable, aim.verified)
        name = f"'{day.site_name}" if day.site_name[:1] in "=+-@|\t\r" else day.site_name
        lines.writerow([day.day.isoformat(), day.site, name, day.kind, day.points, day.verified, *map(number, figures)])
    return text.getvalue()
