"""What the boxes' doctors found: boxes bring their reports, who mounts and mends them reads them.

A report holds codes and values; the page says them in the reader's language.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access.auth import Database, SendingBox, User
from api.access.permissions import Person
from api.auditing import audit
from api.problems import ProblemError, documented, not_found
from contracts.ids import Slug
from contracts.report import BoxReport, Finding, Level
from storage import box_reports, boxes
from storage.box_reports import KEPT, ReportRow

router = APIRouter(prefix="/api/v1", tags=["boxes"])

PREFIX: Final = "/api/v1/box/report"
MOST_BYTES: Final = 512 * 1024
"""Of a box with 64 cameras, none of which is well."""

MAY_READ: Final = ("admin", "operator", "technician")
AHEAD: Final = timedelta(minutes=10)
"""A report from further ahead would stand before all later ones: its box's clock is wrong."""


class Report(BaseModel):
    """One run of a box's doctor. `at` is by the box's clock, unless that was ahead of the centre's."""

    box: Slug
    at: datetime
    received_at: datetime
    level: Level
    version: str
    seconds: float
    findings: list[Finding]


class Reports(BaseModel):
    items: list[Report]


@router.post("/box/report", status_code=204, tags=["box"])
def report(said: BoxReport, box: SendingBox, db: Database) -> None:
    """Keep what the box's doctor found. The same report again changes nothing."""
    now = datetime.now(UTC)
    box_reports.put(db, box, said if said.at < now + AHEAD else said.model_copy(update={"at": now}))


@router.get("/boxes/reports", responses=documented(403))
def list_last(user: User, db: Database) -> Reports:
    """The last report of each box that the user may know of."""
    _require_role(user)
    return Reports(items=[_report(row) for row in box_reports.last(db, user.sees)])


@router.get("/boxes/{box}/reports", responses=documented(403, 404))
def list_reports(box: Slug, user: User, db: Database, limit: Annotated[int, Query(ge=1, le=KEPT)] = KEPT) -> Reports:
    """The last reports of one box, the newest first. The look is in the audit."""
    _require_role(user)
    found = next((row for row in boxes.boxes(db, user.sees) if row.id == box), None)
    if found is None:
        raise not_found("box")
    with db.transaction():
        rows = box_reports.newest(db, box, limit)
        audit.note(db, user, "box.report_seen", f"box:{box}", ward=found.ward_id, reports=len(rows))
    return Reports(items=[_report(row) for row in rows])


def _require_role(user: Person) -> None:
    if user.role not in MAY_READ:
        raise ProblemError(403, "may_not_read_reports", "Only those who look after boxes read their reports")


def _report(row: ReportRow) -> Report:
    return Report(
        box=row.box,
        at=row.at,
        received_at=row.received_at,
        level=Level(row.level),
        version=row.version,
        seconds=row.seconds,
        findings=[Finding.model_validate(finding) for finding in row.findings],
    )
