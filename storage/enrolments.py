"""Codes that let boxes in, the certificates that boxes got, and how a box is shut out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from contracts.accounts import AccountKind
from contracts.ids import new_id
from storage import broker_accounts
from storage.scope import Scope
from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("enrolments")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that is to be made, for a new box or for one that is there."""

    secret: str
    box: str
    name: str
    ward: str
    site: str | None
    made_by: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class CodeRow:
    id: UUID
    box_id: str
    box_name: str
    ward_id: str
    ward_name: str
    site_id: str | None
    site_name: str | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    withdrawn_at: datetime | None
    box_state: str | None
    expired: bool


@dataclass(frozen=True, slots=True)
class UsedRow:
    """What a code that was just used is for; `again` where the same key came before."""

    id: UUID
    box_id: str
    box_name: str
    ward_id: str
    site_id: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class BoxPlace:
    ward_id: str
    site_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    ward: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A site where a box may be put, or a ward without any; `whole`: also at no site of the ward."""

    ward_id: str
    ward_name: str
    site_id: str | None
    site_name: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that a box got."""

    serial: str
    box: str
    key_sha256: bytes
    not_before: datetime
    not_after: datetime


def make(connection: Db, new: NewCode) -> UUID:
    """Keep a new code; older ones for the box that nobody used are good no more."""
    made = new_id()
    connection.execute(SQL["withdraw_of_box"], {"box": new.box})
    connection.execute(
        SQL["make"],
        {
            "id": made,
            "secret_sha256": digest_of_secret(new.secret),
            "box": new.box,
            "name": new.name,
            "ward": new.ward,
            "site": new.site,
            "made_by": new.made_by,
            "lifetime": new.lifetime,
        },
    )
    return made


def codes(connection: Db, scope: Scope) -> list[CodeRow]:
    """The codes of the last day at places within `scope`, newest first."""
    with connection.cursor(row_factory=class_row(CodeRow)) as cursor:
        return cursor.execute(SQL["codes"], scope.parameters()).fetchall()


def withdraw(connection: Db, code: UUID) -> bool:
    """Make a code that waits good for nothing; whether it was one."""
    return connection.execute(SQL["withdraw"], {"id": code}).fetchone() is not None


def use(connection: Db, secret: str, key_sha256: bytes, client: str) -> UsedRow | None:
    """Use a code for a box with this public key; None where it lets that box in no more, or never did."""
    with connection.cursor(row_factory=class_row(UsedRow)) as cursor:
        asked = {"secret_sha256": digest_of_secret(secret), "key_sha256": key_sha256, "client": client}
        return cursor.execute(SQL["use"], asked).fetchone()


def why_not(connection: Db, secret: str) -> str | None:
    """`used`, `expired` or `withdrawn`; None for a code that was never made."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        reason: str | None = cursor.execute(SQL["why_not"], {"secret_sha256": digest_of_secret(secret)}).fetchone()
    return reason


def box_place(connection: Db, box: str) -> BoxPlace | None:
    """Where a box stands; None for one that is not there."""
    with connection.cursor(row_factory=class_row(BoxPlace)) as cursor:
        return cursor.execute(SQL["box"], {"box": box}).fetchone()


def awaited(connection: Db, box: str) -> BoxPlace | None:
    """Where a box is to stand that a code waits for; None where none does."""
    with connection.cursor(row_factory=class_row(BoxPlace)) as cursor:
        return cursor.execute(SQL["awaited"], {"box": box}).fetchone()


def place(connection: Db, ward: str, site: str | None) -> Place | None:
    """The place that is meant; None for a ward that is not there or a site that is not in it."""
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        return cursor.execute(SQL["place"], {"ward": ward, "site": site}).fetchone()


def places(connection: Db, scope: Scope) -> list[PlaceRow]:
    """Where boxes may be put within `scope`."""
    with connection.cursor(row_factory=class_row(PlaceRow)) as cursor:
        return cursor.execute(SQL["places"], scope.parameters()).fetchall()


def taken(connection: Db, start: str) -> frozenset[str]:
    """Names that begin with `start` and that a box has or is to get."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return frozenset(cursor.execute(SQL["taken"], {"start": start}).fetchall())


def let_in(connection: Db, box: UsedRow, token: str) -> bool:
    """Make the box known to the API by `token` alone; whether it stands in the ward that the code is for."""
    row = {"box": box.box_id, "ward": box.ward_id, "site": box.site_id, "name": box.box_name}
    found = connection.execute(SQL["let_in"], {**row, "token_sha256": digest_of_token(token)}).fetchone()
    return found is not None


def certified(connection: Db, given: Certified) -> None:
    """Keep what certificate a box got; of other keys it may use none any more."""
    connection.execute(SQL["revoke_certificates"], {"box": given.box, "keep": given.key_sha256})
    row = {name: getattr(given, name) for name in Certified.__slots__}
    connection.execute(SQL["certified"], row)


def key_of_box(connection: Db, box: str) -> bytes | None:
    """The digest of the public key that the box has; None for one that has no certificate."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        key: bytes | None = cursor.execute(SQL["key_of_box"], {"box": box}).fetchone()
    return key


def shut_out(connection: Db, box: str, *, by: str, reason: str) -> None:
    """The box is refused everywhere from now on: its token, its account, its certificates, and codes for it.

    Codes come first, as where a code is used: a box that comes in at this moment is waited for, and is out then.
    """
    connection.execute(SQL["withdraw_of_box"], {"box": box})
    connection.execute(SQL["forget_token"], {"box": box})
    connection.execute(SQL["revoke_certificates"], {"box": box, "keep": None})
    broker_accounts.revoke(connection, AccountKind.BOX, box, by=by, reason=reason)


def digest_of_secret(secret: str) -> bytes:
    """What the database keeps of a code's secret."""
    return hashlib.sha256(secret.encode()).digest()
