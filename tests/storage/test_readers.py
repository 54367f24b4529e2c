"""What a role that only looks may read: everything that is named, and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from contracts.settings import SettingsError
from storage import readers

Connection = psycopg.Connection[TupleRow]
ROLE = "looks_only"
SECRET = re.compile(r"password|secret|token|hash|sealed|key_sha256|payload")


@pytest.fixture
def reader(connection: Connection, database: str) -> Iterator[Connection]:
    """A connection of a role that was let read."""
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
    try:
        readers.allow(connection, [ROLE])
        with psycopg.connect(make_conninfo(database, options=f"-c role={ROLE}"), autocommit=True) as reading:
            yield reading
    finally:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(ROLE)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(ROLE)))


def relations(connection: Connection) -> set[str]:
    rows = connection.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'v', 'm', 'p')"
    )
    return {name for (name,) in rows}


def open_columns(connection: Connection) -> set[tuple[str, str]]:
    rows = connection.execute(
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND a.attnum > 0"
        " AND NOT a.attisdropped AND has_column_privilege(%s, c.oid, a.attnum, 'SELECT')",
        (ROLE,),
    )
    return set(rows.fetchall())


def test_what_is_named_can_be_read_and_nothing_else(reader: Connection, connection: Connection) -> None:
    assert {relation for relation, _ in open_columns(connection)} == relations(connection) & set(readers.READABLE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT username FROM users")
    assert reader.execute("SELECT count(*) FROM boxes").fetchone() == (2,)
    assert reader.execute("SELECT count(*) FROM counts_1h").fetchone() == (0,)


def test_no_column_that_is_named_like_a_secret_is_open(reader: Connection, connection: Connection) -> None:
    assert not [(relation, column) for relation, column in open_columns(connection) if SECRET.search(column)]


def test_nothing_can_be_written(reader: Connection) -> None:
    for statement in ("DELETE FROM events", "INSERT INTO wards DEFAULT VALUES", "CREATE TABLE mine (id int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


def test_what_was_open_by_mistake_is_closed_again(reader: Connection, connection: Connection) -> None:
    connection.execute(sql.SQL("GRANT ALL ON users TO {}").format(sql.Identifier(ROLE)))
    readers.allow(connection, [ROLE])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT username FROM users")


def test_a_role_that_is_not_there_is_told_in_a_sentence(connection: Connection) -> None:
    with pytest.raises(SettingsError, match=r"^field readers: the database has no role nobody_here; .*\.$"):
        readers.allow(connection, ["nobody_here"])
