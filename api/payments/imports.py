"""A table of payment points becomes one proposed change: first tried without any effect, then proposed as a whole.

A table with a single fault is not proposed at all. A second person approves it as every change.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Field

from api.access.auth import Database
from api.access.permissions import Person
from api.payments import codes, sheet
from api.payments.changes import put, registry_of, shown
from api.payments.desk import Desk, Registrar, TheDesk
from api.payments.models import Change
from api.payments.registry import MOST_STEPS, Registry, StepError
from api.payments.sheet import MOST_CHARACTERS, MOST_FAULTS, Fault, Row, Sheet
from api.problems import ProblemDocument, ProblemError, documented, not_found
from api.texts import Reason
from contracts.banks import name_of
from contracts.ids import Slug
from contracts.payment_code import Payee
from storage import payment_points
from storage.payment_points import Step

PREFIX: Final = "/api/v1/payments/imports"
MOST_BYTES: Final = 4 * MOST_CHARACTERS
"""Of a request: UTF-8, and what JSON adds to it."""

router = APIRouter(prefix=PREFIX, tags=["payments"])

Content = Annotated[str, Field(max_length=MOST_CHARACTERS, description="the table as CSV")]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ward: Slug
    content: Content


class ProposedTable(Table):
    reason: Reason


class LineFault(BaseModel):
    """What is wrong in a line of the table; `said` is the word that is not understood, never an account."""

    line: int
    column: str
    code: str
    said: str


class Line(BaseModel):
    """What a line of the table would do; `same` is there already."""

    line: int
    point: str
    name: str
    site: str
    new_point: bool
    does: Literal["add_payee", "add_point", "same"]
    bank_name: str | None
    bank: str | None
    last_four: str | None
    label: str


class Tried(BaseModel):
    """What a table would do, or what is wrong with it. Nothing was changed."""

    lines: list[Line]
    faults: list[LineFault]
    new_points: int
    new_payees: int


class FaultyDocument(ProblemDocument):
    """The table has faults; trying it tells them too."""

    faults: list[LineFault]


class FaultyError(ProblemError):
    def __init__(self, faults: list[LineFault]) -> None:
        super().__init__(422, "table_has_faults", "The table has faults")
        self.document = FaultyDocument(**self.document.model_dump(), faults=faults)


@router.post("/check", responses=documented(404, 503))
def check(table: Table, user: Registrar, db: Database, desk: TheDesk) -> Tried:
    """Try a table, line by line, without any effect."""
    with db.transaction():
        return _Import(db, user, desk, table).tried()


@router.post("", status_code=201, responses=documented(404, 503))
def propose(table: ProposedTable, user: Registrar, db: Database, desk: TheDesk) -> Change:
    """Propose all that a table says as one change. 422 `table_has_faults` where anything in it is wrong."""
    with db.transaction():
        payment_points.hold_ward(db, table.ward)
        work = _Import(db, user, desk, table)
        tried = work.tried()
        if tried.faults:
            raise FaultyError(tried.faults)
        if not work.steps:
            raise ProblemError(422, "nothing_new", "All that the table says is in the registry already")
        change = put(db, user, desk, table.ward, "import", table.reason, work.steps)
    return shown(db, user, desk, change)


class _Import:
    """Works through one table. Raises ProblemError 404 for a ward that the user does not see, 503 without a key."""

    def __init__(self, db: Connection[TupleRow], user: Person, desk: Desk, table: Table) -> None:
        if table.ward not in user.wards:
            raise not_found("ward")
        self._desk = desk
        self._key = desk.key.of(table.ward)
        desk.key.require_fit(payment_points.key_ids(db, [table.ward]))
        places = payment_points.places(db, table.ward)
        sites = {row.site_id: row.site_name for row in places if user.sees.covers(table.ward, row.site_id)}
        self._sheet: Sheet = sheet.read(table.content, sites, desk.banks)
        self._sites = sites
        self._registry: Registry = registry_of(db, table.ward, [row.id for row in self._sheet.rows])
        self._lines: list[Line] = []
        self._new: set[str] = set()
        self.steps: list[Step] = []

    def tried(self) -> Tried:
        for row in self._sheet.rows:
            self._take(row)
        faults = sorted(self._sheet.faults, key=lambda fault: fault.line)[:MOST_FAULTS]
        return Tried(
            lines=self._lines,
            faults=[
                LineFault(line=fault.line, column=fault.column, code=fault.code, said=fault.said) for fault in faults
            ],
            new_points=len(self._new),
            new_payees=sum(step.action == "add_payee" for step in self.steps),
        )

    def _take(self, row: Row) -> None:
        """Turn a line into steps; a line that names no payee makes its point, if it is new."""
        if not self._placed(row):
            return
        site = self._registry.points[row.id].site
        if not row.payees:
            self._lines.append(self._line(row, None, "add_point" if row.id in self._new else "same"))
        for payee in row.payees:
            self._pay(row, payee, site)

    def _placed(self, row: Row) -> bool:
        """Whether the line's point is there, or has been added; what contradicts the registry is a fault."""
        known = self._registry.points.get(row.id)
        if known is None:
            return self._added(row)
        if known.site not in self._sites:
            return self._blame(row, "id", "point_exists")
        if row.site is not None and row.site != known.site:
            return self._blame(row, "site", "other_site")
        if row.name is not None and row.name != known.name:
            return self._blame(row, "name", "other_name")
        return True

    def _added(self, row: Row) -> bool:
        for column, value in (("name", row.name), ("site", row.site), ("kind", row.kind)):
            if not value:
                return self._blame(row, column, "empty_cell")
        step = Step("add_point", row.id, row.site or "", row.name, row.kind, row.stall, "")
        if not self._step(row, step, "id"):
            return False
        self._new.add(row.id)
        return True

    def _pay(self, row: Row, payee: Payee, site: str) -> None:
        step = Step("add_payee", row.id, site, **codes.columns(payee, self._key, row.label))
        point = self._registry.points[row.id]
        if step.fingerprint in point.payees and not point.ended:
            self._lines.append(self._line(row, payee, "same"))
        elif self._step(row, step, "account"):
            self._lines.append(self._line(row, payee, "add_payee"))

    def _step(self, row: Row, step: Step, column: str) -> bool:
        if len(self.steps) >= MOST_STEPS:
            return self._blame(row, "", "too_many_lines")
        try:
            self._registry.take(step)
        except StepError as error:
            return self._blame(row, column, error.code)
        self.steps.append(step)
        return True

    def _blame(self, row: Row, column: str, code: str) -> bool:
        said = row.id if column == "id" else ""
        self._sheet.faults.append(Fault(row.line, column, code, said))
        return False

    def _line(self, row: Row, payee: Payee | None, does: Literal["add_payee", "add_point", "same"]) -> Line:
        point = self._registry.points[row.id]
        return Line(
            line=row.line,
            point=row.id,
            name=point.name,
            site=self._sites[point.site],
            new_point=row.id in self._new,
            does=does,
            bank=payee and payee.bin,
            bank_name=name_of(payee.bin, self._desk.banks) if payee else None,
            last_four=payee and payee.last_four,
            label=row.label,
        )
