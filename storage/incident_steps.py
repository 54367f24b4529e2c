"""The steps of the work on incidents, whoever takes them: taken here or not at all.

`move` and `undo` return None where somebody was first. The step, what notifiers must hear and the notice to the walls
are written in the caller's transaction; who must be asked for permission is decided by the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from contracts.incident import (
    ACTIONS,
    RECOVERED,
    Assign,
    Dismiss,
    Escalate,
    Happening,
    IncidentState,
    LastStep,
    Recover,
    Relapse,
    Resolve,
    advance,
    may_undo,
    sources,
)
from storage.sql import queries

SQL = queries("incidents")
CHANNEL = "phoan_incidents"
_IDS_PER_NOTICE = 150  # a notice holds 8,000 bytes, an id some 39
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class Held:
    """An incident's own columns while its row is held."""

    id: UUID
    ward_id: str
    site_id: str | None
    state: str
    version: int
    assignee: str | None
    reason: str | None
    acknowledged_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class First:
    """Who took the step that came before somebody else's; no actor is the centre itself."""

    actor: str | None
    actor_name: str | None
    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Last:
    id: int
    action: str
    actor: str | None
    at: datetime
    state_before: str
    assignee_before: str | None
    reason_before: str | None
    acknowledged_before: datetime | None
    ended_before: datetime | None


def hold(connection: Db, incident: UUID) -> Held | None:
    """The incident, which nobody else changes until the transaction ends."""
    with connection.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(SQL["hold"], {"id": incident}).fetchone()


def first(connection: Db, incident: UUID) -> First | None:
    """Who took the newest step."""
    with connection.cursor(row_factory=class_row(First)) as cursor:
        return cursor.execute(SQL["last_actor"], {"id": incident}).fetchone()


def move(
    connection: Db, held: Held, what: Happening, *, actor: str | None = None, version: int | None = None
) -> int | None:
    """Let `what` happen; the new version. None where it cannot happen (any more), or not to that `version`."""
    state = advance(IncidentState(held.state), what)
    if state is None:
        return None
    assignee, reason = _assignee(held, what), _reason(what)
    row = connection.execute(
        SQL["move"],
        {
            "id": held.id,
            "to": state.value,
            "from": [source.value for source in sources(what)],
            "version": version,
            "assignee": assignee,
            "reason": reason,
            "escalated": isinstance(what, Escalate),
            "acknowledges": actor is not None,
        },
    ).fetchone()
    if row is None:
        return None
    add_step(
        connection, held, ACTIONS[type(what)], state.value, actor=actor, assignee=assignee, reason=reason, moves=True
    )
    change = _change(what)
    if change:
        note_change(connection, held.id, change)
    return int(row[0])


def undo(connection: Db, held: Held, *, actor: str, version: int, now: datetime) -> int | None:
    """Take `actor`'s last step back; None where that cannot be done (any more)."""
    with connection.cursor(row_factory=class_row(_Last)) as cursor:
        last = cursor.execute(SQL["last_step"], {"id": held.id}).fetchone()
    if last is None or not may_undo(LastStep(last.action, last.actor, last.at), actor, now):
        return None
    row = connection.execute(
        SQL["restore"],
        {
            "id": held.id,
            "version": version,
            "state": last.state_before,
            "assignee": last.assignee_before,
            "reason": last.reason_before,
            "acknowledged_at": last.acknowledged_before,
            "ended_at": last.ended_before,
        },
    ).fetchone()
    if row is None:
        return None
    connection.execute(SQL["mark_undone"], {"step": last.id})
    add_step(connection, held, "undo", last.state_before, actor=actor, assignee=last.assignee_before, moves=True)
    if last.state_before == IncidentState.NEW:
        note_change(connection, held.id, "called")
    return int(row[0])


def comment(connection: Db, held: Held, text: str, *, actor: str) -> None:
    add_step(connection, held, "comment", held.state, actor=actor, comment=text)


def add_step(
    connection: Db,
    held: Held,
    action: str,
    state: str,
    *,
    actor: str | None = None,
    assignee: str | None = None,
    reason: str | None = None,
    comment: str | None = None,
    moves: bool = False,
) -> None:
    """Write down what was done. With `moves` also what was before, so that it can be taken back."""
    connection.execute(
        SQL["add_step"],
        {
            "id": held.id,
            "actor": actor,
            "action": action,
            "state": state,
            "assignee": assignee,
            "reason": reason,
            "comment": comment,
            "state_before": held.state if moves else None,
            "assignee_before": held.assignee if moves else None,
            "reason_before": held.reason if moves else None,
            "acknowledged_before": held.acknowledged_at if moves else None,
            "ended_before": held.ended_at if moves else None,
        },
    )


def note_change(connection: Db, incident: UUID, what: str) -> None:
    """Let the notifiers hear of it: somebody is needed (called), or more people are (escalated)."""
    connection.execute(SQL["note_change"], {"id": incident, "what": what})


def tell(connection: Db, ids: Iterable[UUID]) -> None:
    """Let the walls hear which incidents changed, once this transaction is committed."""
    names = sorted({str(id_) for id_ in ids})
    for start in range(0, len(names), _IDS_PER_NOTICE):
        payload = json.dumps(names[start : start + _IDS_PER_NOTICE], separators=(",", ":"))
        connection.execute(SQL["notify"], {"ids": payload})


def _assignee(held: Held, what: Happening) -> str | None:
    return what.to if isinstance(what, Assign) else held.assignee


def _reason(what: Happening) -> str | None:
    match what:
        case Resolve(reason) | Dismiss(reason):
            return reason.value
        case Recover():
            return RECOVERED
    return None


def _change(what: Happening) -> str | None:
    match what:
        case Escalate():
            return "escalated"
        case Relapse():
            return "called"
    return None
