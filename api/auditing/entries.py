"""The audit log as an administrator reads it: pages of entries, and whether the chain is whole. A look is entered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field, StringConstraints

from api.access.auth import Admin, Database, settings_of
from api.auditing import anchors, audit
from api.auditing.anchors import Anchor, AnchorError
from api.auditing.verify import Verdict, verify
from api.config import ApiSettings
from api.moments import Moment
from api.problems import ProblemError, documented
from api.texts import LINE_PATTERN, Username
from contracts.ids import Slug
from storage import audit as chain

router = APIRouter(prefix="/api/v1/audit", tags=["accounts"])

MOST_CHECKED = 20_000
"""So many entries are walked within a second; `phoan-api audit verify` walks them all."""

Action = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]


class Entry(BaseModel):
    """One entry of the audit log; `digest` covers all the others and the entry before."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    ward: str | None
    client: str
    details: dict[str, Any]
    digest: str


class Entries(BaseModel):
    items: list[Entry]


class Check(BaseModel):
    """What a walk along the chain found. `fault` is one sentence for an engineer, null where all is well."""

    first: int
    last: int
    fault: str | None
    anchored: bool = Field(description="whether there are digests outside of the database to compare with")
    unanchored: int = Field(description="entries that are newer than any of these")


@router.get("")
def read_audit(
    admin: Admin,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    actor: Username | None = None,
    thing: Annotated[str | None, Query(alias="object", max_length=200, pattern=LINE_PATTERN)] = None,
    action: Annotated[Action | None, Query(description="a code, or the words with which it begins: `session`")] = None,
    ward: Slug | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
) -> Entries:
    """The audit log, newest first, older than number `before`, from `start` to before `end`."""
    rows = chain.newest(
        db, limit=limit, before=before, actor=actor, thing=thing, action=action, ward=ward, start=start, end=end
    )
    asked = {"actor": actor, "object": thing, "action": action, "ward": ward, "start": start, "end": end}
    narrowed = {name: value for name, value in asked.items() if value is not None}
    audit.note(db, admin, "audit.read", "audit", before=before, asked=narrowed)
    return Entries(items=[_entry(row) for row in rows])


@router.get("/check", responses=documented(503))
def check(admin: Admin, request: Request, db: Database) -> Check:
    """Walk the newest part of the chain, and compare it with the anchors where there are any."""
    try:
        known = _anchors(settings_of(request))
    except AnchorError as error:
        raise ProblemError(503, "anchors_unreadable", "The anchors cannot be read", str(error)) from None
    first, verdict = _walk(db, known)
    found = "broken" if verdict.fault else "whole"
    audit.note(db, admin, "audit.checked", "audit", first=first, last=verdict.last, found=found)
    return Check(
        first=first,
        last=verdict.last,
        fault=verdict.fault,
        anchored=bool(known),
        unanchored=verdict.unanchored,
    )


def _anchors(settings: ApiSettings) -> list[Anchor]:
    path = settings.audit_anchors
    return anchors.read(path) if path is not None and path.exists() else []


def _walk(db: Connection[TupleRow], known: list[Anchor]) -> tuple[int, Verdict]:
    """From which number on the chain was walked, and what was found; entries and head are of one moment."""
    usual, db.isolation_level = db.isolation_level, IsolationLevel.REPEATABLE_READ
    try:
        with db.transaction():
            head = chain.head(db)
            first = max(1, head.seq - MOST_CHECKED + 1)
            return first, verify(chain.entries(db, first), known, head, start=first)
    finally:
        db.isolation_level = usual


def _entry(row: chain.Entry) -> Entry:
    fields = {name: getattr(row, name) for name in Entry.model_fields}
    return Entry.model_validate({**fields, "digest": row.digest.hex()})
