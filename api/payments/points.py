"""Payment points as people look them up: lists and searches, one with its history, and the registry as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from psycopg import Connection
from psycopg.rows import TupleRow

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.past.events import Words
from api.payments.changes import listed
from api.payments.desk import PROPOSES, Registrar, TheDesk
from api.payments.models import BankName, BankNames, Point, PointDetail, Points, point_of, scan_of
from api.problems import not_found
from api.ward.places import words
from contracts.banks import Banks, name_of
from contracts.ids import Slug
from storage import payment_points, payment_scans
from storage.payment_points import PayeeRow, PointRow

router = APIRouter(prefix="/api/v1/payments", tags=["payments"])

MOST_SCANS: Final = 30
MOST_CHANGES: Final = 100
COLUMNS: Final = ("id", "name", "site", "site_name", "kind", "stall", "hours", "since", "ended_at", "bank", "bank_name",
                  "last_four", "service", "label", "payee_since")  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "|", "\t", "\r")


@router.get("/points")
def list_points(
    user: User,
    db: Database,
    desk: TheDesk,
    q: Words = None,
    id_: Annotated[Slug | None, Query(alias="id")] = None,
    ward: Slug | None = None,
    site: Slug | None = None,
    state: Literal["used", "ended", "all"] = "used",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Points:
    """Points of the places that the user sees, by site and name. `q` finds them by the beginnings of words, with or
    without diacritics: of their names and sites, of banks and last digits.
    """
    ended = None if state == "all" else state == "ended"
    ids = None if id_ is None else [id_]
    rows = payment_points.points(db, user.sees, ids=ids, ward=ward, site=site, ended=ended)
    keeps = user.role in PROPOSES
    if q is not None:
        payees = payment_points.payees(db, [row.id for row in rows]) if keeps else {}
        rows = [row for row in rows if _said(q, row, payees.get(row.id, []), desk.banks)]
    page = rows[start : start + limit]
    payees = payment_points.payees(db, [row.id for row in page])
    return Points(
        items=[point_of(row, payees[row.id], desk.banks, whole=keeps) for row in page],
        total=len(rows),
        next=start + limit if start + limit < len(rows) else None,
        key=desk.key.there,
    )


@router.get("/banks")
def list_banks(user: User, desk: TheDesk) -> BankNames:
    """The banks that are known by name, in the order of their names."""
    named = sorted((bank.name, bin_) for bin_, bank in desk.banks.items())
    return BankNames(items=[BankName(bin=bin_, name=name) for name, bin_ in named])


@router.get("/points/{point}")
def one_point(point: Slug, user: Registrar, db: Database, desk: TheDesk) -> PointDetail:
    """A point with whom it is paid to, all that was proposed and decided about it, and the newest scans."""
    row = seen(db, user, point)
    return PointDetail(
        point=_whole(db, row, desk.banks),
        changes=listed(db, user, desk, point=point, limit=MOST_CHANGES),
        scans=[scan_of(scan, desk.banks) for scan in payment_scans.of_point(db, point, limit=MOST_SCANS)],
    )


@router.get(
    "/export",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "One line a payee"}},
)
def export(user: Registrar, db: Database, desk: TheDesk, ward: Slug | None = None) -> PlainTextResponse:
    """The registry as CSV for a spreadsheet, with the banks and last digits and no account."""
    rows = payment_points.points(db, user.sees, ward=ward)
    payees = payment_points.payees(db, [row.id for row in rows])
    audit.note(db, user, "payment.exported", f"ward:{ward or '*'}", ward=ward, points=len(rows))
    return PlainTextResponse(
        "\ufeff" + _table(rows, payees, desk.banks),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="diem-thanh-toan.csv"'},
    )


def seen(db: Connection[TupleRow], user: Person, point: str) -> PointRow:
    """Raises ProblemError 404 for a point that the user does not see."""
    for row in payment_points.points(db, user.sees, ids=[point]):
        return row
    raise not_found("payment point")


def _whole(db: Connection[TupleRow], row: PointRow, banks: Banks) -> Point:
    return point_of(row, payment_points.payees(db, [row.id])[row.id], banks)


def _said(text: str, row: PointRow, payees: Iterable[PayeeRow], banks: Banks) -> bool:
    """Whether each word of `text` begins a word of the point."""
    banked = " ".join(f"{name_of(payee.bin, banks) or payee.bin} {payee.last_four} {payee.label}" for payee in payees)
    names = words(f"{row.name} {row.stall} {row.site_name} {row.id} {banked}")
    asked = words(text)
    return bool(asked) and all(any(name.startswith(word) for name in names) for word in asked)


def _table(rows: Iterable[PointRow], payees: dict[str, list[PayeeRow]], banks: Banks) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for row in rows:
        tails = [_payee_cells(payee, banks) for payee in payees[row.id]] or [[""] * 6]
        lines.writerows([_harmless(cell) for cell in (*_point_cells(row), *tail)] for tail in tails)
    return text.getvalue()


def _point_cells(row: PointRow) -> list[str]:
    ended = row.ended_at.isoformat() if row.ended_at else ""
    return [row.id, row.name, row.site_id, row.site_name, row.kind, row.stall, row.hours, row.since.isoformat(), ended]


def _payee_cells(row: PayeeRow, banks: Banks) -> list[str]:
    return [row.bin, name_of(row.bin, banks) or "", row.last_four, row.service, row.label, row.since.isoformat()]


def _harmless(cell: str) -> str:
    """A text that a spreadsheet would take for a formula, as text."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell
