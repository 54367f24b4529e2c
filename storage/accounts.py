"""Users, their sessions and failed sign-ins, and the boxes' tokens. Passwords are hashed by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("accounts")


@dataclass(frozen=True, slots=True)
class UserRow:
    username: str
    display_name: str
    password_hash: str
    role: str
    wards: list[str]
    disabled: bool


def put_user(connection: Connection[TupleRow], user: UserRow) -> None:
    """Create the user or replace everything but `disabled`; whoever was signed in under the old password is not now."""
    with connection.transaction():
        connection.execute(
            SQL["put_user"],
            {
                "username": user.username,
                "display_name": user.display_name,
                "password_hash": user.password_hash,
                "role": user.role,
                "wards": user.wards,
            },
        )
        connection.execute(SQL["close_sessions"], {"username": user.username})


def user(connection: Connection[TupleRow], username: str) -> UserRow | None:
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(SQL["user"], {"username": username}).fetchone()


def open_session(connection: Connection[TupleRow], username: str, token: str, lifetime: timedelta) -> None:
    """Remember that whoever shows `token` is `username`, for `lifetime`; sweeps out expired sessions."""
    connection.execute(SQL["forget_expired"])
    connection.execute(
        SQL["open_session"],
        {"token_sha256": digest_of_token(token), "username": username, "lifetime": lifetime},
    )


def session_user(connection: Connection[TupleRow], token: str) -> UserRow | None:
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(SQL["session_user"], {"token_sha256": digest_of_token(token)}).fetchone()


def close_session(connection: Connection[TupleRow], token: str) -> None:
    connection.execute(SQL["close_session"], {"token_sha256": digest_of_token(token)})


def note_failure(connection: Connection[TupleRow], username: str) -> None:
    connection.execute(SQL["note_failure"], {"username": username})


def recent_failures(connection: Connection[TupleRow], username: str, window: timedelta) -> int:
    with connection.cursor(row_factory=scalar_row) as cursor:
        row = cursor.execute(SQL["recent_failures"], {"username": username, "window": window}).fetchone()
    return int(row or 0)


def forget_failures(connection: Connection[TupleRow], username: str) -> None:
    connection.execute(SQL["forget_failures"], {"username": username})


def box_of_token(connection: Connection[TupleRow], token: str) -> str | None:
    """The box that holds `token`; None for a stranger."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        box: str | None = cursor.execute(SQL["box_of_token"], {"token_sha256": digest_of_token(token)}).fetchone()
    return box


def cameras_of_box(connection: Connection[TupleRow], box: str) -> frozenset[str]:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return frozenset(cursor.execute(SQL["cameras_of_box"], {"box": box}).fetchall())
