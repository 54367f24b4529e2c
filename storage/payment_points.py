"""The registry of payment points: whom each is paid to, and the changes that one person proposes and another decides.

Full account numbers are not stored at all, not even sealed: of an account there are the keyed fingerprint, the bank's
BIN and the last four digits. What is proposed and decided is kept for ever; the database itself refuses to change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.scope import Scope
from storage.sql import queries

SQL = queries("payment_points")
CHANNEL = "phoan_payments"
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class PointRow:
    id: str
    name: str
    kind: str
    stall: str
    hours: str
    since: datetime
    ended_at: datetime | None
    site_id: str
    site_name: str
    ward_id: str


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """Somebody whom a point is paid to. `key_id` names the key with which the fingerprint was made."""

    point_id: str
    fingerprint: str
    guid: str
    bin: str
    last_four: str
    service: str
    label: str
    key_id: str
    since: datetime
    change_id: UUID


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A point of a ward, or a site without any: then the point's columns are None and empty."""

    site_id: str
    site_name: str
    point_id: str | None
    point_name: str | None
    ended: bool
    fingerprints: list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a change does. Who is paid stands in the columns from `fingerprint` on, a new point before."""

    action: str
    point_id: str
    site_id: str
    name: str | None = None
    kind: str | None = None
    stall: str | None = None
    hours: str | None = None
    fingerprint: str | None = None
    guid: str | None = None
    bin: str | None = None
    last_four: str | None = None
    service: str | None = None
    label: str | None = None
    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as it is kept, with the names that people know."""

    change_id: UUID
    n: int
    action: str
    point_id: str
    point_name: str
    site_id: str
    site_name: str
    name: str | None
    kind: str | None
    stall: str | None
    hours: str | None
    fingerprint: str | None
    guid: str | None
    bin: str | None
    last_four: str | None
    service: str | None
    label: str | None
    key_id: str | None

    @property
    def bare(self) -> Step:
        """The step itself."""
        return Step(**{field.name: getattr(self, field.name) for field in fields(Step)})


@dataclass(frozen=True, slots=True)
class ChangeRow:
    id: UUID
    ward_id: str
    source: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None
    proposed_by_name: str | None
    decided_by_name: str | None


@dataclass(frozen=True, slots=True)
class BoxPoints:
    """The points at the sites of a box, each with the fingerprints of whom it is paid to."""

    ward: str
    points: list[tuple[str, list[str]]]


def points(
    connection: Db,
    scope: Scope,
    *,
    ids: Sequence[str] | None = None,
    ward: str | None = None,
    site: str | None = None,
    ended: bool | None = None,
) -> list[PointRow]:
    """The points that `scope` covers, by site and name; `ended` None asks for those in use and the ended ones."""
    asked = {"ids": None if ids is None else list(ids), "ward": ward, "site": site, "ended": ended}
    with connection.cursor(row_factory=class_row(PointRow)) as cursor:
        return cursor.execute(SQL["page"], {**scope.parameters(), **asked}).fetchall()


def payees(connection: Db, of: Sequence[str]) -> dict[str, list[PayeeRow]]:
    """The allow-set of each of these points."""
    found: dict[str, list[PayeeRow]] = {point: [] for point in of}
    with connection.cursor(row_factory=class_row(PayeeRow)) as cursor:
        for row in cursor.execute(SQL["payees"], {"points": list(of)}):
            found[row.point_id].append(row)
    return found


def owners(connection: Db, fingerprints: Sequence[str]) -> list[str]:
    """The points in use to which one of `fingerprints` belongs."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["owners"], {"fingerprints": list(fingerprints)}).fetchall()


def shared(connection: Db, scope: Scope, fingerprints: Sequence[str]) -> dict[str, dict[str, str]]:
    """The names by id of the points in `scope` that accept each of `fingerprints`."""
    asked = {**scope.parameters(), "fingerprints": list(fingerprints)}
    rows = connection.execute(SQL["shared"], asked)
    return {str(mark): dict(zip(ids, names, strict=True)) for mark, names, ids in rows}


def key_ids(connection: Db, wards: Sequence[str]) -> set[tuple[str, str]]:
    """With which keys the wards' fingerprints were made."""
    return {(str(ward), str(key)) for ward, key in connection.execute(SQL["key_ids"], {"wards": list(wards)})}


def places(connection: Db, ward: str) -> list[PlaceRow]:
    with connection.cursor(row_factory=class_row(PlaceRow)) as cursor:
        return cursor.execute(SQL["places"], {"ward": ward}).fetchall()


def taken(connection: Db, ids: Sequence[str]) -> set[str]:
    """Which of these are names of points already, in whatever ward."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return set(cursor.execute(SQL["taken"], {"ids": list(ids)}).fetchall())


def hold_ward(connection: Db, ward: str) -> None:
    """Nobody else changes the ward's registry until the transaction ends."""
    connection.execute(SQL["hold_ward"], {"ward": ward})


def propose(connection: Db, change: UUID, ward: str, source: str, reason: str, by: str, steps: Sequence[Step]) -> None:
    """Keep what is proposed; nothing takes effect yet."""
    about = {"id": change, "ward": ward, "source": source, "reason": reason, "by": by}
    connection.execute(SQL["propose"], about)
    rows = [{"change_id": change, "n": n, **_columns(step)} for n, step in enumerate(steps)]
    with connection.cursor() as cursor:
        cursor.executemany(SQL["add_steps"], rows)


def decide(connection: Db, change: UUID, state: str, *, by: str, remark: str | None) -> bool:
    """Decide a change; False where somebody was first."""
    row = connection.execute(SQL["decide"], {"id": change, "state": state, "by": by, "remark": remark}).fetchone()
    return row is not None


def perform(connection: Db, change: UUID, steps: Sequence[Step]) -> None:
    """Let the steps of an approved change take effect. The caller has checked that they fit the registry as it is."""
    for step in steps:
        connection.execute(SQL[step.action], {**_columns(step), "change_id": change})


def tell(connection: Db, ward: str) -> None:
    """Let the boxes hear of it, once this transaction is committed."""
    connection.execute(SQL["notify"], {"ward": ward})


def changes(
    connection: Db,
    scope: Scope,
    *,
    limit: int,
    change: UUID | None = None,
    before: UUID | None = None,
    state: str | None = None,
    point: str | None = None,
) -> list[ChangeRow]:
    """Changes of which `scope` covers every step, newest first."""
    asked = {"id": change, "before": before, "state": state, "point": point, "limit": limit}
    with connection.cursor(row_factory=class_row(ChangeRow)) as cursor:
        return cursor.execute(SQL["changes"], {**scope.parameters(), **asked}).fetchall()


def steps(connection: Db, of: Sequence[UUID], *, each: int, point: str | None = None) -> dict[UUID, list[StepRow]]:
    """The first `each` steps of these changes; of one point, or all."""
    found: dict[UUID, list[StepRow]] = {change: [] for change in of}
    with connection.cursor(row_factory=class_row(StepRow)) as cursor:
        for row in cursor.execute(SQL["steps"], {"changes": list(of), "each": each, "point": point}):
            found[row.change_id].append(row)
    return found


def step_counts(connection: Db, of: Sequence[UUID]) -> dict[UUID, int]:
    return dict(connection.execute(SQL["counts"], {"changes": list(of)}).fetchall())


def of_box(connection: Db, box: str) -> BoxPoints | None:
    """What a box must know of the registry; None for a box that is not there."""
    rows = connection.execute(SQL["of_box"], {"box": box}).fetchall()
    if not rows:
        return None
    return BoxPoints(str(rows[0][0]), [(str(point), list(prints)) for _, point, prints in rows if point is not None])


def _columns(step: Step) -> dict[str, object]:
    return {field.name: getattr(step, field.name) for field in fields(Step)}
