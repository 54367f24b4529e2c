"""The patrol: somebody scans the code at a payment point with a phone and learns at once whether it belongs there.

The text of the code arrives, is judged and forgotten. A code that does not belong can be reported, which opens an
incident for the officers of the ward, as an event of a box would.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.payments import codes, verdict
from api.payments.desk import PROPOSES, Desk, TheDesk
from api.payments.models import EMPTY_OR_LINE, CodeText, Point, point_of
from api.payments.points import seen
from api.payments.verdict import Reading, Verdict
from api.problems import ProblemError, documented, not_found
from contracts import payment_code
from contracts.banks import name_of
from contracts.event import EventKind, Severity
from contracts.ids import Slug, new_id
from contracts.payment_code import Payee
from storage import incident_steps, payment_points, payment_scans
from storage.payment_points import PointRow
from storage.payment_scans import NewIncident, NewScan, ScanRow

router = APIRouter(prefix="/api/v1/payments", tags=["payments"])
log = logging.getLogger(__name__)

Db = Connection[TupleRow]

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=EMPTY_OR_LINE)]

REPORT_WITHIN: Final = timedelta(minutes=30)
"""Later the code may be another one: scan again."""


class Scanned(BaseModel):
    """What a phone read, and at which point; without a point it is asked whose the code is."""

    model_config = ConfigDict(extra="forbid")

    point: Slug | None = None
    text: CodeText


class ScannedPayee(BaseModel):
    """Whom the code names, as far as it may be shown. A bank without a name is not known, which means nothing bad."""

    bank: str
    bank_name: str | None
    last_four: str
    ours: bool


class Answer(BaseModel):
    """`points` are those to which the code belongs, of those that the user sees; at a point, the others beside it."""

    scan: UUID
    verdict: Verdict
    point: Point | None
    points: list[Point]
    payees: list[ScannedPayee]
    may_report: bool


class Report(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Note = ""


class Reported(BaseModel):
    """The incident that officers see; `joined`: others were at it already."""

    incident: UUID
    joined: bool


@router.post("/patrol", responses=documented(404, 503))
def patrol(scanned: Scanned, user: User, db: Database, desk: TheDesk) -> Answer:
    """Judge a scanned code. At a point: `ours`, `partly`, `not_ours`, `foreign` or `broken`; else `found`, `unknown`,
    `foreign` or `broken`.
    """
    _require_pace(desk, user)
    reading = verdict.read(scanned.text)
    with db.transaction():
        if scanned.point is not None:
            return _at_point(db, user, desk, seen(db, user, scanned.point), reading)
        return _alone(db, user, desk, reading)


@router.post("/scans/{scan}/report", status_code=201, responses=documented(409))
def report(scan: UUID, said: Report, user: User, db: Database) -> Reported:
    """Call the officers of the ward to a code that one has just scanned at a point and that does not belong there."""
    with db.transaction():
        held = payment_scans.hold(db, scan)
        if held is None or held.username != user.username or held.point_id is None:
            raise not_found("scan")
        if held.incident_id is not None:
            return Reported(incident=held.incident_id, joined=True)
        if held.verdict not in verdict.REPORTABLE or datetime.now(UTC) - held.at > REPORT_WITHIN:
            raise ProblemError(409, "nothing_to_report", "This scan shows nothing to report, or is too old: scan again")
        point = seen(db, user, held.point_id)
        incident, opened = _call_officers(db, user, held, point, said.note)
        payment_scans.reported(db, scan, incident)
        audit.note(
            db, user, "payment.reported", f"incident:{incident}", ward=point.ward_id, point=point.id, scan=scan,
            verdict=held.verdict,
        )  # fmt: skip
    return Reported(incident=incident, joined=not opened)


def _require_pace(desk: Desk, user: Person) -> None:
    wait = desk.scans.take(user.username)
    if wait:
        headers = {"Retry-After": str(math.ceil(wait))}
        raise ProblemError(429, "too_many_scans", "Too many scans at once", headers=headers)


def _at_point(db: Db, user: Person, desk: Desk, point: PointRow, reading: Reading) -> Answer:
    if point.ended_at is not None:
        raise ProblemError(422, "point_ended", "The payment point has ended")
    prints = _prints(db, desk, [point.ward_id], reading)
    allowed = {payee.fingerprint for payee in payment_points.payees(db, [point.id])[point.id]}
    found = verdict.at_point(reading, prints, allowed)
    others = [id_ for id_ in payment_points.owners(db, sorted(prints)) if id_ != point.id]
    return Answer(
        scan=_keep(db, user, point.ward_id, point.id, found, reading, prints),
        verdict=found,
        point=_points(db, user, desk, [point.id])[0],
        points=_points(db, user, desk, others),
        payees=_payees(desk, reading, {payee for mark, payee in prints.items() if mark in allowed}),
        may_report=found in verdict.REPORTABLE,
    )


def _alone(db: Db, user: Person, desk: Desk, reading: Reading) -> Answer:
    if not user.wards:
        raise not_found("ward")
    prints = _prints(db, desk, user.wards, reading)
    points = _points(db, user, desk, payment_points.owners(db, sorted(prints)))
    ward = points[0].ward if points else user.wards[0]
    found = verdict.alone(reading, found=bool(points))
    return Answer(
        scan=_keep(db, user, ward, None, found, reading, prints),
        verdict=found,
        point=None,
        points=points,
        payees=_payees(desk, reading, set()),
        may_report=False,
    )


def _prints(db: Db, desk: Desk, wards: Sequence[str], reading: Reading) -> dict[str, Payee]:
    """The fingerprints of whom a code names, as each of these wards would keep them."""
    keys = [desk.key.of(ward) for ward in wards]
    desk.key.require_fit(payment_points.key_ids(db, wards))
    return {payment_code.fingerprint(payee, key.key): payee for key in keys for payee in reading.payees}


def _points(db: Db, user: Person, desk: Desk, ids: Sequence[str]) -> list[Point]:
    """Those of these points that the user sees."""
    rows = payment_points.points(db, user.sees, ids=ids) if ids else []
    payees = payment_points.payees(db, [row.id for row in rows])
    return [point_of(row, payees[row.id], desk.banks, whole=user.role in PROPOSES) for row in rows]


def _payees(desk: Desk, reading: Reading, ours: Collection[Payee]) -> list[ScannedPayee]:
    return [
        ScannedPayee(
            bank=payee.bin, bank_name=name_of(payee.bin, desk.banks), last_four=payee.last_four, ours=payee in ours
        )
        for payee in sorted(reading.payees)
    ]


def _keep(
    db: Db, user: Person, ward: str, point: str | None, found: Verdict, reading: Reading, prints: Collection[str]
) -> UUID:
    """Keep how a scan was judged, and enter it in the audit."""
    scan = new_id()
    new = NewScan(scan, user.username, ward, point, found.value, sorted(prints), codes.bins(reading.payees))
    payment_scans.add(db, new)
    thing = f"payment_point:{point}" if point else f"ward:{ward}"
    audit.note(db, user, "payment.scanned", thing, ward=ward, verdict=found.value, scan=scan)
    return scan


def _call_officers(db: Db, user: Person, scan: ScanRow, point: PointRow, note: str) -> tuple[UUID, bool]:
    """Open an incident at the point's site, or say it in the one that officers work on there; whether it is new."""
    foreign = scan.verdict == Verdict.FOREIGN
    kind = (EventKind.PAYMENT_CODE_FOREIGN if foreign else EventKind.PAYMENT_CODE_MISMATCH).value
    new = NewIncident(new_id(), point.ward_id, point.site_id, f"{kind}/{point.site_id}", kind, Severity.HIGH.value)
    incident, opened = payment_scans.open_or_join(db, new)
    held = incident_steps.hold(db, incident)
    if held is None:
        raise RuntimeError(f"incident {incident} is gone while it is held")
    if opened:
        incident_steps.add_step(db, held, "open", held.state, actor=user.username)
        log.info("incident %s: %s at %s, reported by a patrol", incident, kind, point.site_id)
    place = f"{point.name}, {point.stall}" if point.stall else point.name
    incident_steps.comment(
        db, held, f"{place} ({point.id}): {note}" if note else f"{place} ({point.id})", actor=user.username
    )
    incident_steps.note_change(db, incident, "called")
    incident_steps.tell(db, [incident])
    return incident, opened
