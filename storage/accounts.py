"""Users, their second factors, sessions, failed sign-ins, and the boxes' tokens. Passwords are hashed by the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("accounts")
Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class UserRow:
    """`sites` limits the wards to these sites; empty means all. A second factor counts from `totp_since` on."""

    username: str
    display_name: str
    password_hash: str
    role: str
    wards: list[str]
    disabled: bool
    sites: list[str] = field(default_factory=list)
    totp_secret: str | None = None
    totp_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedInRow:
    """Who holds a session. `stale`: its last use was noted so long ago that this one must be. `has_second_factor`: of
    our own, or of the provider through which the session began.
    """

    session: UUID
    stale: bool
    username: str
    display_name: str
    role: str
    wards: list[str]
    sites: list[str]
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    client: str
    agent: str


def put_user(connection: Db, user: UserRow) -> None:
    """Create the user or replace name, password, role and places; who was signed in before is not any more."""
    with connection.transaction():
        connection.execute(
            SQL["put_user"],
            {
                "username": user.username,
                "display_name": user.display_name,
                "password_hash": user.password_hash,
                "role": user.role,
                "wards": user.wards,
                "sites": user.sites,
            },
        )
        close_sessions(connection, user.username)


def add_user(connection: Db, user: UserRow) -> bool:
    """Create the user; False where there is one of this name."""
    parameters = {
        "username": user.username,
        "display_name": user.display_name,
        "password_hash": user.password_hash,
        "role": user.role,
        "wards": user.wards,
        "sites": user.sites,
        "disabled": user.disabled,
    }
    return connection.execute(SQL["add_user"], parameters).fetchone() is not None


def change_user(connection: Db, user: UserRow) -> bool:
    """Replace all but the password and the second factor; False for a user who is not there."""
    row = connection.execute(
        SQL["change_user"],
        {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role,
            "wards": user.wards,
            "sites": user.sites,
            "disabled": user.disabled,
        },
    ).fetchone()
    return row is not None


def set_password(connection: Db, username: str, password_hash: str) -> None:
    connection.execute(SQL["set_password"], {"username": username, "password_hash": password_hash})


def user(connection: Db, username: str) -> UserRow | None:
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(SQL["user"], {"username": username}).fetchone()


def users(connection: Db) -> list[UserRow]:
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(SQL["users"]).fetchall()


def set_totp(connection: Db, username: str, secret: str | None) -> None:
    """Keep a new secret, which counts from `confirm_totp` on, or none; the recovery codes of the old one are gone."""
    with connection.transaction():
        connection.execute(SQL["set_totp"], {"username": username, "secret": secret})
        connection.execute(SQL["forget_recovery_codes"], {"username": username})


def confirm_totp(connection: Db, username: str, recovery_digests: Iterable[bytes]) -> None:
    """From now on the second factor is asked for."""
    with connection.transaction():
        connection.execute(SQL["confirm_totp"], {"username": username})
        connection.execute(SQL["forget_recovery_codes"], {"username": username})
        for digest in recovery_digests:
            connection.execute(SQL["add_recovery_code"], {"username": username, "digest": digest})


def open_secrets(connection: Db) -> int:
    """Of how many users the second factor's secret lies in the database unsealed."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(SQL["open_secrets"]).fetchone() or 0)


def use_totp_step(connection: Db, username: str, step: int) -> bool:
    """Whether a code of this half minute is the first one shown of it, and of any later one."""
    return connection.execute(SQL["use_totp_step"], {"username": username, "step": step}).fetchone() is not None


def use_recovery_code(connection: Db, username: str, digest: bytes) -> bool:
    """Whether the code was there; it is not any more."""
    parameters = {"username": username, "digest": digest}
    return connection.execute(SQL["use_recovery_code"], parameters).fetchone() is not None


def recovery_codes_left(connection: Db, username: str) -> int:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(SQL["recovery_codes_left"], {"username": username}).fetchone() or 0)


def open_session(
    connection: Db,
    username: str,
    token: str,
    lifetime: timedelta,
    *,
    client: str = "",
    agent: str = "",
    strong: bool = False,
) -> UUID:
    """Remember that whoever shows `token` is `username`, for `lifetime`; sweeps out expired sessions. `strong`: who let
    them in asked for a second factor that is not ours.
    """
    connection.execute(SQL["forget_expired"])
    with connection.cursor(row_factory=scalar_row) as cursor:
        session: UUID | None = cursor.execute(
            SQL["open_session"],
            {
                "token_sha256": digest_of_token(token),
                "username": username,
                "lifetime": lifetime,
                "client": client,
                "agent": agent[:200],
                "strong": strong,
            },
        ).fetchone()
    assert session
    return session


def session_user(connection: Db, token: str, idle: timedelta | None = None) -> SignedInRow | None:
    """Who holds `token`, and that they were here; a session that lay unused for `idle` is over."""
    with connection.cursor(row_factory=class_row(SignedInRow)) as cursor:
        row = cursor.execute(SQL["session_user"], {"token_sha256": digest_of_token(token), "idle": idle}).fetchone()
    if row and row.stale:
        connection.execute(SQL["session_seen"], {"session": row.session})
    return row


def sessions(connection: Db, username: str) -> list[SessionRow]:
    with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        return cursor.execute(SQL["sessions"], {"username": username}).fetchall()


def close_session(connection: Db, token: str) -> None:
    connection.execute(SQL["close_session"], {"token_sha256": digest_of_token(token)})


def close_session_of(connection: Db, username: str, session: UUID) -> bool:
    """End one session of `username`; False when there is none with this id."""
    parameters = {"username": username, "session": session}
    return connection.execute(SQL["close_session_of"], parameters).fetchone() is not None


def close_sessions(connection: Db, username: str, *, keep: UUID | None = None) -> int:
    """End all sessions of `username` but `keep`; returns how many."""
    return connection.execute(SQL["close_sessions"], {"username": username, "keep": keep}).rowcount


def note_failure(connection: Db, username: str) -> datetime:
    """Count a failed sign-in; returns its moment, by which it can be taken back."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        at: datetime | None = cursor.execute(SQL["note_failure"], {"username": username}).fetchone()
    assert at
    return at


def forget_failure(connection: Db, username: str, at: datetime) -> None:
    connection.execute(SQL["forget_failure"], {"username": username, "at": at})


def recent_failures(connection: Db, username: str, window: timedelta) -> int:
    with connection.cursor(row_factory=scalar_row) as cursor:
        row = cursor.execute(SQL["recent_failures"], {"username": username, "window": window}).fetchone()
    return int(row or 0)


def forget_failures(connection: Db, username: str) -> None:
    connection.execute(SQL["forget_failures"], {"username": username})


def box_of_token(connection: Db, token: str) -> str | None:
    """The box that holds `token`; None for a stranger."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        box: str | None = cursor.execute(SQL["box_of_token"], {"token_sha256": digest_of_token(token)}).fetchone()
    return box


def cameras_of_box(connection: Db, box: str) -> frozenset[str]:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return frozenset(cursor.execute(SQL["cameras_of_box"], {"box": box}).fetchall())
