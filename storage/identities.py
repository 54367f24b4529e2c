"""Who an account is to an OpenID Connect provider, and sign-ins on their way there and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("identities")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """The account of an identity. `managed`: the provider's claims decide its role and places."""

    username: str
    role: str
    disabled: bool
    has_totp: bool
    managed: bool


@dataclass(frozen=True, slots=True)
class IdentityRow:
    id: UUID
    issuer: str
    subject: str
    managed: bool
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """What only the one who began a sign-in may use to end it."""

    nonce: str
    verifier: str


def linked(connection: Db, issuer: str, subject: str) -> LinkedRow | None:
    with connection.cursor(row_factory=class_row(LinkedRow)) as cursor:
        return cursor.execute(SQL["linked"], {"issuer": issuer, "subject": subject}).fetchone()


def link(connection: Db, issuer: str, subject: str, username: str, *, managed: bool = False) -> UUID | None:
    """Let this identity sign in as `username`; None where it has an account already."""
    parameters = {"issuer": issuer, "subject": subject, "username": username, "managed": managed}
    with connection.cursor(row_factory=scalar_row) as cursor:
        made: UUID | None = cursor.execute(SQL["link"], parameters).fetchone()
    return made


def identities(connection: Db, username: str) -> list[IdentityRow]:
    with connection.cursor(row_factory=class_row(IdentityRow)) as cursor:
        return cursor.execute(SQL["identities"], {"username": username}).fetchall()


def unlink(connection: Db, username: str, identity: UUID) -> bool:
    """False where `username` has no such identity."""
    return connection.execute(SQL["unlink"], {"username": username, "identity": identity}).fetchone() is not None


def unlink_all(connection: Db, username: str) -> int:
    """How many there were."""
    return connection.execute(SQL["unlink_all"], {"username": username}).rowcount


def begin(connection: Db, state: str, browser: str, attempt: AttemptRow, lifetime: timedelta) -> None:
    """Remember a sign-in until its browser comes back with `state`; sweeps out those that never did."""
    connection.execute(SQL["forget_old_attempts"])
    connection.execute(
        SQL["begin"],
        {
            "state_sha256": digest_of_token(state),
            "browser_sha256": digest_of_token(browser),
            "nonce": attempt.nonce,
            "verifier": attempt.verifier,
            "lifetime": lifetime,
        },
    )


def take(connection: Db, state: str, browser: str) -> AttemptRow | None:
    """The sign-in that began with `state` in this browser; it is taken once."""
    parameters = {"state_sha256": digest_of_token(state), "browser_sha256": digest_of_token(browser)}
    with connection.cursor(row_factory=class_row(AttemptRow)) as cursor:
        return cursor.execute(SQL["take"], parameters).fetchone()
