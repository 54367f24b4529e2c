"""Who may sign in at the broker: the wanted state, which a worker brings into the broker (docs/decisions/017)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from contracts.accounts import AccountKind, login_of
from storage import status
from storage.sealing import Seal
from storage.sql import queries

SQL = queries("broker_accounts")
Db = Connection[TupleRow]

CHANNEL: Final = "phoan_accounts"
"""Where a change of an account is told."""

ITERATIONS: Final = 1000
"""Of a random password of 256 bits, which nobody guesses however quick one guess is; brokers count at every sign-in."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    login: str
    kind: str
    name: str
    ward_id: str
    salt: str
    iterations: int
    password_hash: bytes
    sealed: str
    revoked_at: datetime | None


def put(connection: Db, kind: AccountKind, name: str, ward: str, password: str, seal: Seal) -> None:
    """Let `name` sign in with `password` and with no other; in the caller's transaction, and told when it is over."""
    login, salt = login_of(kind, name), secrets.token_hex(16)
    connection.execute(
        SQL["put"],
        {
            "login": login,
            "kind": kind,
            "name": name,
            "ward": ward,
            "salt": salt,
            "iterations": ITERATIONS,
            "password_hash": hashlib.pbkdf2_hmac("sha512", password.encode(), salt.encode(), ITERATIONS),
            "sealed": seal.close(password),
        },
    )
    connection.execute(SQL["told"], {"login": login})


def revoke(connection: Db, kind: AccountKind, name: str, *, by: str, reason: str) -> bool:
    """Keep `name` out from now on; whether it had an account that was good."""
    login = login_of(kind, name)
    query = SQL["revoke_box" if kind is AccountKind.BOX else "revoke"]
    asked = {"login": login, "name": name, "by": by, "reason": reason}
    revoked = connection.execute(query, asked).fetchone() is not None
    connection.execute(SQL["told"], {"login": login})
    return revoked


def accounts(connection: Db) -> list[AccountRow]:
    """All accounts, those that were revoked too."""
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(SQL["accounts"]).fetchall()


def ward_of_device(connection: Db, device: str) -> str | None:
    """Where a device stands; None for one that is not there."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        ward: str | None = cursor.execute(SQL["place_of_device"], {"device": device}).fetchone()
    return ward


def silence(connection: Db) -> list[str]:
    """Boxes that are shut out are offline, whatever they said last; returns those of which it is news."""
    with connection.transaction(), connection.cursor(row_factory=scalar_row) as cursor:
        silenced: list[str] = cursor.execute(SQL["silence"]).fetchall()
        if silenced:
            connection.execute(status.SQL["notify"], {"boxes": silenced})
    return silenced
