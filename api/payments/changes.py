"""Changes of the registry: one person proposes, another who may decide approves or refuses, and all of it stays.

What is approved takes effect in the same transaction, if it still fits the registry; the boxes hear of it when that is
committed (api.live).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from psycopg import Connection
from psycopg.rows import TupleRow

from api.access.auth import Database
from api.access.permissions import Person
from api.auditing import audit
from api.payments.desk import DECIDES, Decider, Desk, Registrar, TheDesk
from api.payments.models import (
    AddPoint,
    Change,
    Changes,
    Proposal,
    Refusal,
    Remark,
    change_of,
)
from api.payments.proposals import steps_of
from api.payments.registry import Registry, StepError
from api.problems import ProblemError, documented, not_found
from contracts.ids import new_id
from storage import payment_points
from storage.payment_points import ChangeRow, Step

router = APIRouter(prefix="/api/v1/payments/changes", tags=["payments"])

Db = Connection[TupleRow]

SHOWN: Final = 20
"""Steps of each change in a list; one change alone shows ALL_SHOWN."""
ALL_SHOWN: Final = 1_000

_TOLD: Final = ("guid", "bin", "last_four", "service", "label", "key_id")


@router.get("")
def list_changes(
    user: Registrar,
    db: Database,
    desk: TheDesk,
    state: Literal["proposed", "approved", "refused", "withdrawn"] | None = None,
    before: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Changes:
    """Changes of the places that the user sees, newest first, each with its first steps."""
    items = listed(db, user, desk, state=state, before=before, limit=limit + 1)
    return Changes(items=items[:limit], next=items[limit - 1].id if len(items) > limit else None)


@router.get("/{change}")
def one_change(change: UUID, user: Registrar, db: Database, desk: TheDesk) -> Change:
    return shown(db, user, desk, change)


@router.post("", status_code=201, responses=documented(404, 503))
def propose(proposal: Proposal, user: Registrar, db: Database, desk: TheDesk) -> Change:
    """Propose what is to change in a ward. Nothing takes effect before another person approves it."""
    if proposal.ward not in user.wards:
        raise not_found("ward")
    with db.transaction():
        payment_points.hold_ward(db, proposal.ward)
        registry = registry_of(db, proposal.ward, [step.id for step in proposal.steps if isinstance(step, AddPoint)])
        steps = steps_of(proposal, registry, user, desk)
        change = put(db, user, desk, proposal.ward, proposal.source, proposal.reason, steps)
    return shown(db, user, desk, change)


@router.post("/{change}/approve", responses=documented(409, 503))
def approve(change: UUID, remark: Remark, user: Decider, db: Database, desk: TheDesk) -> Change:
    """Let a change that another person proposed take effect. 409 where it no longer fits, or somebody was first."""
    with db.transaction():
        row = _open(db, user, change)
        payment_points.hold_ward(db, row.ward_id)
        whole = payment_points.steps(db, [change], each=2**31 - 1)[change]
        steps = [step.bare for step in whole]
        _require_key(db, desk, row.ward_id, steps)
        registry = registry_of(db, row.ward_id, [step.point_id for step in steps if step.action == "add_point"])
        for step in steps:
            try:
                registry.take(step)
            except StepError as error:
                raise ProblemError(409, "no_longer_fits", "The registry has changed meanwhile", error.code) from None
        _decide(db, user, row, "approved", remark.remark)
        payment_points.perform(db, change, steps)
        payment_points.tell(db, row.ward_id)
        audit.note(db, user, "payment.approved", f"payment_change:{change}", ward=row.ward_id, steps=len(steps))
    return shown(db, user, desk, change)


@router.post("/{change}/refuse", responses=documented(409))
def refuse(change: UUID, refusal: Refusal, user: Decider, db: Database, desk: TheDesk) -> Change:
    """Refuse a change that another person proposed, and say why."""
    with db.transaction():
        row = _open(db, user, change)
        _decide(db, user, row, "refused", refusal.remark)
        audit.note(db, user, "payment.refused", f"payment_change:{change}", ward=row.ward_id, remark=refusal.remark)
    return shown(db, user, desk, change)


@router.post("/{change}/withdraw", responses=documented(409))
def withdraw(change: UUID, user: Registrar, db: Database, desk: TheDesk) -> Change:
    """Take back what oneself proposed and nobody has decided."""
    with db.transaction():
        row = _found(db, user, change)
        if row.proposed_by != user.username:
            raise ProblemError(403, "not_yours", "Who proposed a change withdraws it")
        _decide(db, user, row, "withdrawn", None)
        audit.note(db, user, "payment.withdrawn", f"payment_change:{change}", ward=row.ward_id)
    return shown(db, user, desk, change)


def registry_of(db: Db, ward: str, new: Sequence[str | None]) -> Registry:
    """The ward's registry as it is; of `new` names those that another ward has taken are taken."""
    places = payment_points.places(db, ward)
    mine = {row.point_id for row in places}
    named = [name for name in new if name is not None and name not in mine]
    return Registry.of(places, payment_points.taken(db, named))


def put(db: Db, user: Person, desk: Desk, ward: str, source: str, reason: str, steps: Sequence[Step]) -> UUID:
    """Keep a proposal, and enter it in the audit. Raises ProblemError 503 where its codes could not be compared."""
    _require_key(db, desk, ward, steps)
    change = new_id()
    payment_points.propose(db, change, ward, source, reason, user.username, _named(db, steps))
    audit.note(
        db,
        user,
        "payment.proposed",
        f"payment_change:{change}",
        ward=ward,
        source=source,
        reason=reason,
        steps=len(steps),
    )
    return change


def listed(
    db: Db,
    user: Person,
    desk: Desk,
    *,
    limit: int,
    change: UUID | None = None,
    before: UUID | None = None,
    state: str | None = None,
    point: str | None = None,
    each: int = SHOWN,
) -> list[Change]:
    """Changes that the user sees, newest first, with the first steps of each; of one point only what concerns it."""
    rows = payment_points.changes(db, user.sees, change=change, before=before, state=state, point=point, limit=limit)
    ids = [row.id for row in rows]
    most = each if point is None else 2**31 - 1
    steps = payment_points.steps(db, ids, each=most, point=point)
    counts = payment_points.step_counts(db, ids)
    open_ = [step for row in rows if row.state == "proposed" for step in steps[row.id]]
    marks = [step.fingerprint for step in open_ if step.action == "add_payee" and step.fingerprint]
    shared = payment_points.shared(db, user.sees, marks) if marks else {}
    return [
        change_of(
            row,
            steps[row.id],
            counts.get(row.id, 0),
            desk.banks,
            reader=user.username,
            decides=user.role in DECIDES,
            shared=shared if row.state == "proposed" else {},
        )
        for row in rows
    ]


def shown(db: Db, user: Person, desk: Desk, change: UUID) -> Change:
    """Raises ProblemError 404 for what the user does not see."""
    for found in listed(db, user, desk, change=change, limit=1, each=ALL_SHOWN):
        return found
    raise not_found("change")


def _found(db: Db, user: Person, change: UUID) -> ChangeRow:
    for row in payment_points.changes(db, user.sees, change=change, limit=1):
        return row
    raise not_found("change")


def _open(db: Db, user: Person, change: UUID) -> ChangeRow:
    """A change that the user may decide. Raises ProblemError 404, or 403 for one's own."""
    row = _found(db, user, change)
    if row.proposed_by == user.username:
        raise ProblemError(403, "own_proposal", "Another person must decide what you proposed")
    return row


def _decide(db: Db, user: Person, row: ChangeRow, state: str, remark: str | None) -> None:
    if not payment_points.decide(db, row.id, state, by=user.username, remark=remark or None):
        raise ProblemError(409, "already_decided", "Somebody has decided this change already")


def _require_key(db: Db, desk: Desk, ward: str, steps: Sequence[Step]) -> None:
    """New fingerprints must be comparable with those that are there. What adds none needs no key."""
    made = {(ward, step.key_id) for step in steps if step.action == "add_payee" and step.key_id}
    if made:
        desk.key.require_fit(made | payment_points.key_ids(db, [ward]))


def _named(db: Db, steps: Sequence[Step]) -> list[Step]:
    """The same, where a removed payee bears its bank and last digits too, for who reads the history later."""
    points = {step.point_id for step in steps if step.action == "remove_payee"}
    known = {
        (row.point_id, row.fingerprint): {name: getattr(row, name) for name in _TOLD}
        for rows in payment_points.payees(db, sorted(points)).values()
        for row in rows
    }
    return [
        replace(step, **known.get((step.point_id, step.fingerprint or ""), {}))
        if step.action == "remove_payee"
        else step
        for step in steps
    ]
