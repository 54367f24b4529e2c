"""What the routes of payment points take and answer, and how rows of the database become that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.texts import LINE_PATTERN, Reason
from contracts.banks import Banks, name_of
from contracts.ids import Digest, Slug
from storage.payment_points import ChangeRow, PayeeRow, PointRow, StepRow
from storage.payment_scans import ScanRow

Kind = Literal["stall", "shop", "desk"]
Service = Literal["QRIBFTTA", "QRIBFTTC", "QRPUSH", "QRCASH"]
Verdict = Literal["ours", "partly", "not_ours", "foreign", "broken", "found", "unknown"]

EMPTY_OR_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
Shared = Mapping[str, Mapping[str, str]]
NOWHERE: Final[Shared] = MappingProxyType({})
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=EMPTY_OR_LINE)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=LINE_PATTERN)]
CodeText = Annotated[str, Field(min_length=1, max_length=4300, description="what a QR code says; it is not kept")]
Bin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Account = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,19}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPayee(_Strict):
    """Whom codes may name: all payees of the whole text of a `code`, or one account at a bank."""

    code: CodeText | None = None
    bank: Bin | None = None
    account: Account | None = None
    service: Service = "QRIBFTTA"
    label: Short = Field(default="", description="to tell several apart, such as the bank's name; no person's name")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.code is None) == (self.bank is None) or (self.bank is None) != (self.account is None):
            raise ValueError("give either the text of a code, or a bank and an account")
        return self


class AddPoint(_Strict):
    """A new point, with whom it is paid to. Without `id` one is made from the name."""

    action: Literal["add_point"]
    id: Slug | None = None
    name: Name
    site: Slug
    kind: Kind
    stall: Short = ""
    hours: Short = ""
    payees: list[NewPayee] = Field(default=[], max_length=16)


class EndPoint(_Strict):
    """The point is no more; it and its history stay."""

    action: Literal["end_point"]
    point: Slug


class AddPayee(NewPayee):
    action: Literal["add_payee"]
    point: Slug


class RemovePayee(_Strict):
    action: Literal["remove_payee"]
    point: Slug
    fingerprint: Digest


Wanted = Annotated[AddPoint | EndPoint | AddPayee | RemovePayee, Field(discriminator="action")]


class Proposal(_Strict):
    """What is to change in one ward, and why. `scan` says that the codes were read with a phone."""

    ward: Slug
    reason: Reason
    source: Literal["form", "scan"] = "form"
    steps: list[Wanted] = Field(min_length=1, max_length=50)


class Remark(_Strict):
    remark: Short = ""


class Refusal(_Strict):
    remark: Reason


class BankName(BaseModel):
    """A bank whose name is known; others are unknown, which means nothing bad."""

    bin: str
    name: str


class BankNames(BaseModel):
    items: list[BankName]


class Payee(BaseModel):
    """Somebody whom a point is paid to. `bank_name` is none for a bank that is not known, which means nothing bad."""

    fingerprint: str
    bank: str
    bank_name: str | None
    last_four: str
    service: str
    label: str
    since: datetime
    change: UUID


class Point(BaseModel):
    """A payment point. `payees` are left out for who may only patrol; `codes` counts them."""

    id: str
    name: str
    kind: Kind
    stall: str
    hours: str
    ward: str
    site: str
    site_name: str
    since: datetime
    ended_at: datetime | None
    codes: int
    payees: list[Payee]


class Points(BaseModel):
    """`next` is where the next page starts. `key` tells whether codes can be added and judged at all."""

    items: list[Point]
    total: int
    next: int | None
    key: bool


class ChangeStep(BaseModel):
    """One thing that a change does. Of an account there are the bank and the last four digits."""

    action: Literal["add_point", "end_point", "add_payee", "remove_payee"]
    point: str
    point_name: str
    site: str
    site_name: str
    kind: Kind | None
    stall: str | None
    hours: str | None
    bank: str | None
    bank_name: str | None
    last_four: str | None
    service: str | None
    label: str | None
    also: list[str] = Field(default=[], description="other points that accept the same account")


class Change(BaseModel):
    """What somebody proposed and another decided. `steps` are the first of `step_count`."""

    id: UUID
    ward: str
    source: Literal["form", "scan", "import"]
    reason: str
    state: Literal["proposed", "approved", "refused", "withdrawn"]
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    remark: str | None
    mine: bool
    may_decide: bool
    steps: list[ChangeStep]
    step_count: int


class Changes(BaseModel):
    items: list[Change]
    next: UUID | None


class Scan(BaseModel):
    """What somebody scanned at a point."""

    id: UUID
    at: datetime
    by: str
    by_name: str
    verdict: Verdict
    banks: list[str]
    incident: UUID | None


class PointDetail(BaseModel):
    """A point with its changes, newest first, and the newest scans of patrols."""

    point: Point
    changes: list[Change]
    scans: list[Scan]


def point_of(row: PointRow, payees: Sequence[PayeeRow], banks: Banks, *, whole: bool = True) -> Point:
    """A point as it leaves the API; not `whole` is without whom it is paid to."""
    values = {name: getattr(row, name) for name in Point.model_fields if hasattr(row, name)}
    return Point.model_validate(
        {
            **values,
            "ward": row.ward_id,
            "site": row.site_id,
            "codes": len(payees),
            "payees": [payee_of(payee, banks) for payee in payees] if whole else [],
        }
    )


def payee_of(row: PayeeRow, banks: Banks) -> Payee:
    return Payee(
        fingerprint=row.fingerprint,
        bank=row.bin,
        bank_name=name_of(row.bin, banks),
        last_four=row.last_four,
        service=row.service,
        label=row.label,
        since=row.since,
        change=row.change_id,
    )


def step_of(row: StepRow, banks: Banks, shared: Shared) -> ChangeStep:
    """A step as it leaves the API; `shared` are the points that accept each fingerprint."""
    values = {name: getattr(row, name) for name in ChangeStep.model_fields if hasattr(row, name)}
    bank_name = name_of(row.bin, banks) if row.bin else None
    return ChangeStep.model_validate(
        {
            **values,
            "point": row.point_id,
            "site": row.site_id,
            "bank": row.bin,
            "bank_name": bank_name,
            "also": [name for id_, name in shared.get(row.fingerprint or "", {}).items() if id_ != row.point_id],
        }
    )


def change_of(
    row: ChangeRow,
    steps: Iterable[StepRow],
    count: int,
    banks: Banks,
    *,
    reader: str,
    decides: bool,
    shared: Shared = NOWHERE,
) -> Change:
    """A change as `reader` sees it; `decides`: whether they may decide those of others."""
    mine = row.proposed_by == reader
    values = {name: getattr(row, name) for name in Change.model_fields if hasattr(row, name)}
    return Change.model_validate(
        {
            **values,
            "ward": row.ward_id,
            "proposed_by_name": row.proposed_by_name or row.proposed_by,
            "decided_by_name": row.decided_by_name or row.decided_by,
            "mine": mine,
            "may_decide": decides and not mine and row.state == "proposed",
            "steps": [step_of(step, banks, shared) for step in steps],
            "step_count": count,
        }
    )


def scan_of(row: ScanRow, banks: Banks) -> Scan:
    return Scan.model_validate(
        {
            "id": row.id,
            "at": row.at,
            "by": row.username,
            "by_name": row.name or row.username,
            "verdict": row.verdict,
            "banks": [name_of(bank, banks) or bank for bank in row.bins],
            "incident": row.incident_id,
        }
    )
