from __future__ import annotations

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from storage import audit
from storage.audit import Entry, Note

Connection = psycopg.Connection[TupleRow]


def note_some(connection: Connection, count: int, actor: str = "lan") -> None:
    for number in range(count):
        audit.note(connection, Note(actor, "test.noted", f"thing:{number}", "an-luu", "10.0.0.1", {"n": number}))


def test_the_canonical_form_never_changes() -> None:
    entry = Entry(
        seq=7,
        at=datetime(2026, 2, 10, 5, 0, 0, 1200, tzinfo=UTC),
        actor="lan",
        action="grant.made",
        object="user:minh",
        ward=None,
        client="10.0.0.1",
        details={"reason": 'Truy tìm "xe" bị mất', "b": [1, True, None], "a": {"đ": 1, "z": 2}},
        previous=bytes(32),
        digest=b"",
    )
    text = (
        '{"action":"grant.made","actor":"lan","at":"2026-02-10T05:00:00.001200Z","client":"10.0.0.1",'
        '"details":{"a":{"z":2,"đ":1},"b":[1,true,null],"reason":"Truy tìm \\"xe\\" bị mất"},"object":"user:minh",'
        f'"previous":"{"0" * 64}","seq":7,"ward":null}}'
    )
    assert audit.canonical(entry).decode() == text
    assert audit.digest_of_entry(entry) == hashlib.sha256(text.encode()).digest()
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_entries_are_numbered_from_one_and_each_bears_the_digest_before(connection: Connection) -> None:
    note_some(connection, 5)
    entries = list(audit.entries(connection))
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].previous == hashlib.sha256(b"").digest()
    assert all(after.previous == before.digest for before, after in pairwise(entries))
    assert all(audit.digest_of_entry(entry) == entry.digest for entry in entries)
    head = audit.head(connection)
    assert (head.seq, head.digest) == (5, entries[-1].digest)


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(connection: Connection) -> None:
    note_some(connection, 1)
    with connection.transaction(force_rollback=True):
        note_some(connection, 3)
    note_some(connection, 1)
    assert [entry.seq for entry in audit.entries(connection)] == [1, 2]


def test_a_change_whose_entry_cannot_be_written_is_not_made(connection: Connection) -> None:
    connection.execute("DELETE FROM audit_head")
    with suppress(audit.HeadMissingError), connection.transaction():
        connection.execute("UPDATE wards SET name = 'changed'")
        note_some(connection, 1)
    assert connection.execute("SELECT count(*) FROM wards WHERE name = 'changed'").fetchone() == (0,)


def test_many_writers_at_once_make_one_chain_without_gaps(database: str) -> None:
    begin = threading.Barrier(6)

    def write(writer: int) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            begin.wait(30)
            for number in range(25):
                with connection.transaction(force_rollback=number % 5 == 4):
                    note_some(connection, 1, f"writer-{writer}")

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    with psycopg.connect(database, autocommit=True) as connection:
        entries = list(audit.entries(connection))
    assert [entry.seq for entry in entries] == list(range(1, 121))
    assert all(after.previous == before.digest for before, after in pairwise(entries))
    assert all(before.at <= after.at for before, after in pairwise(entries)), "times follow the numbers"


@pytest.mark.parametrize(
    "value",
    [
        "\0 and half a \ud83d",
        2**70,
        0.1,
        1e-07,
        float("nan"),
        datetime(2026, 2, 10, 5, tzinfo=UTC),
        UUID(int=5),
        {"nested": [{"ключ": 1.5, "a": None}]},
        frozenset({"b", "a"}),
        "\u2028 \x7f \x01",
        "𝄞 and \ufb33",
    ],
    ids=range(11),
)
def test_whatever_is_noted_has_the_same_digest_when_it_is_read(connection: Connection, value: object) -> None:
    audit.note(connection, Note("lan", "test.noted", "thing", None, "", {"value": value, "\ufb33": 1, "𝄞": 2}))
    (entry,) = audit.entries(connection)
    assert audit.digest_of_entry(entry) == entry.digest


def test_what_has_no_plain_form_is_refused(connection: Connection) -> None:
    with pytest.raises(TypeError, match="object"):
        audit.note(connection, Note("lan", "test.noted", "thing", details={"value": object()}))
    with pytest.raises(ValueError, match="no code"):
        Note("lan", "Not a code", "thing")


def test_a_page_is_newest_first_and_can_be_narrowed(connection: Connection) -> None:
    note_some(connection, 4)
    note_some(connection, 2, "minh")
    assert [entry.seq for entry in audit.newest(connection, limit=3)] == [6, 5, 4]
    assert [entry.seq for entry in audit.newest(connection, limit=3, before=3)] == [2, 1]
    assert [entry.seq for entry in audit.newest(connection, limit=9, actor="minh")] == [6, 5]
    assert [entry.seq for entry in audit.newest(connection, limit=9, thing="thing:1")] == [6, 2]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_refuses_to_change_entries(connection: Connection, statement: str) -> None:
    note_some(connection, 1)
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
        connection.execute(statement.encode())


def test_more_entries_than_are_read_at_once_come_in_order(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PIECE", 3)
    note_some(connection, 7)
    assert [entry.seq for entry in audit.entries(connection, 2)] == [2, 3, 4, 5, 6, 7]
