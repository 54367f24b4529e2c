"""The audit as an attacker with all rights on the database leaves it, and what `phoan-api audit verify` says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.rows import TupleRow

from api import __main__ as program
from api.auditing import anchors
from storage import audit
from storage.audit import Entry, Note

Connection = psycopg.Connection[TupleRow]
Verify = Callable[..., tuple[int, str]]
ENTRIES = 9


@pytest.fixture
def verify(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    """Runs the command; its exit code and what it says."""
    config = tmp_path / "api.yaml"
    settings = {"database": database, "media_dir": str(tmp_path), "audit_anchors": str(tmp_path / "anchors")}
    config.write_text(yaml.safe_dump(settings))
    (tmp_path / "anchors").touch()

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["phoan-api", "--config", str(config), "audit", "verify", *words])
        code = program.main()
        out, err = capsys.readouterr()
        return code, out + err

    return run


@pytest.fixture
def superuser(connection: Connection) -> Connection:
    """A connection for which no trigger fires, on a log of nine entries."""
    note(connection, ENTRIES)
    connection.execute("SET session_replication_role = replica")
    return connection


def note(connection: Connection, count: int) -> None:
    for number in range(1, count + 1):
        audit.note(connection, Note("lan", "test.noted", f"thing:{number}", "an-luu", "10.0.0.1", {"n": number}))


def drop_anchor(connection: Connection, tmp_path: Path) -> None:
    anchors.write(tmp_path / "anchors", audit.head(connection))


def rewritten(connection: Connection, start: int) -> None:
    """What a careful forger does: every digest from `start` on made anew, and the head with them."""
    previous: bytes | None = None
    entries = list(audit.entries(connection))
    for entry in entries:
        if entry.seq < start:
            previous = entry.digest
            continue
        fields = {name: getattr(entry, name) for name in Entry.__slots__}
        forged = Entry(**{**fields, "previous": previous or entry.previous})
        previous = audit.digest_of_entry(forged)
        connection.execute(
            "UPDATE audit SET previous = %s, digest = %s WHERE seq = %s", (forged.previous, previous, entry.seq)
        )
    connection.execute("UPDATE audit_head SET seq = %s, digest = %s", (entries[-1].seq, previous))


def test_an_untouched_log_is_whole(verify: Verify, connection: Connection, tmp_path: Path) -> None:
    assert verify() == (0, "The audit log is whole: entries 1 to 0; 0 are newer than any anchor.\n")
    note(connection, 4)
    drop_anchor(connection, tmp_path)
    note(connection, 2)
    assert verify() == (0, "The audit log is whole: entries 1 to 6; 2 are newer than any anchor.\n")
    assert verify("--from", "5") == (0, "The audit log is whole: entries 5 to 6; 2 are newer than any anchor.\n")


SWAP = (
    "UPDATE audit SET seq = CASE seq WHEN 4 THEN -5 ELSE -4 END WHERE seq IN (4, 5);"
    " UPDATE audit SET seq = -seq WHERE seq < 0"
)
DIGEST = "digest = sha256(digest)"

TAMPERINGS = {
    "an actor edited": ("UPDATE audit SET actor = 'minh' WHERE seq = 4", "Entry 4 was changed"),
    "a detail edited": ("UPDATE audit SET details = '{\"n\": 5}' WHERE seq = 4", "Entry 4 was changed"),
    "a time edited": ("UPDATE audit SET at = at + INTERVAL '1 microsecond' WHERE seq = 4", "Entry 4 was changed"),
    "a ward removed": ("UPDATE audit SET ward = NULL WHERE seq = 4", "Entry 4 was changed"),
    "a digest edited": (f"UPDATE audit SET {DIGEST} WHERE seq = 4", "Entry 4 was changed"),
    "the first edited": ("UPDATE audit SET action = 'a.b' WHERE seq = 1", "Entry 1 was changed"),
    "the last edited": ("UPDATE audit SET object = '' WHERE seq = 9", "Entry 9 was changed"),
    "one removed": ("DELETE FROM audit WHERE seq = 4", "Entry 4 is missing"),
    "several removed": ("DELETE FROM audit WHERE seq BETWEEN 4 AND 6", "Entries 4 to 6 are missing"),
    "the first removed": ("DELETE FROM audit WHERE seq = 1", "Entry 1 is missing"),
    "one removed, the others moved up": (
        "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = -seq + 1 WHERE seq > 4;"
        " UPDATE audit SET seq = -seq WHERE seq < 0",
        "Entry 4 was changed",
    ),
    "two swapped": (SWAP, "Entry 4 was changed"),
    "the end cut off": ("DELETE FROM audit WHERE seq > 7", "Entries 8 to 9 are missing from the end"),
    "all removed": ("DELETE FROM audit", "Entries 1 to 9 are missing from the end"),
    "one put in at the end": (
        "INSERT INTO audit SELECT 10, at, actor, action, object, ward, client, details, digest, '\\x00' FROM audit"
        " WHERE seq = 9",
        "Entry 10 was changed",
    ),
    "the head set back": ("UPDATE audit_head SET seq = 8", "Entry 9 is not the one that was written last"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "sentence"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_what_an_attacker_changed_is_named_in_one_sentence(
    verify: Verify, superuser: Connection, statement: str, sentence: str
) -> None:
    assert verify()[0] == 0
    superuser.execute(statement.encode())
    code, said = verify()
    assert code == 1
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert said.endswith(".\n")


def test_an_edit_with_its_digest_made_anew_breaks_the_link_after_it(verify: Verify, superuser: Connection) -> None:
    superuser.execute("UPDATE audit SET actor = 'minh' WHERE seq = 4")
    entry = next(audit.entries(superuser, 4))
    superuser.execute("UPDATE audit SET digest = %s WHERE seq = 4", (audit.digest_of_entry(entry),))
    assert verify() == (1, "Entry 5 does not follow entry 4: one of the two was replaced.\n")


def test_a_chain_made_anew_is_found_by_an_anchor_and_by_nothing_else(
    verify: Verify, superuser: Connection, tmp_path: Path
) -> None:
    drop_anchor(superuser, tmp_path)
    superuser.execute("UPDATE audit SET actor = 'minh' WHERE seq = 4")
    rewritten(superuser, 4)
    code, said = verify()
    assert code == 1
    assert said.startswith("Entry 9 is not the one that the anchor of ")
    (tmp_path / "anchors").write_text("")
    assert verify()[0] == 0, "who may write to the database and to the anchors is not found"


def test_an_end_cut_off_together_with_the_head_is_found_by_an_anchor(
    verify: Verify, superuser: Connection, tmp_path: Path
) -> None:
    drop_anchor(superuser, tmp_path)
    superuser.execute("DELETE FROM audit WHERE seq > 6")
    last = list(audit.entries(superuser))[-1]
    superuser.execute("UPDATE audit_head SET seq = 6, digest = %s", (last.digest,))
    code, said = verify()
    assert code == 1
    assert said.startswith("Entries 7 to 9 are missing: the anchor of ")
    (tmp_path / "anchors").write_text("")
    assert verify()[0] == 0


def test_a_log_checked_from_the_middle_is_held_against_the_anchor_before(
    verify: Verify, superuser: Connection, tmp_path: Path
) -> None:
    drop_anchor(superuser, tmp_path)
    superuser.execute("SET session_replication_role = DEFAULT")
    note(superuser, 2)
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE audit SET actor = 'minh' WHERE seq = 9")
    rewritten(superuser, 9)
    assert verify("--from", "11")[0] == 0, "what lies before is taken as it is"
    assert verify("--from", "10") == (1, "Entry 10 does not follow entry 9: one of the two was replaced.\n")


@pytest.mark.parametrize("content", ["{", '{"seq": 1}', '{"seq": 1, "digest": "zz", "at": "now"}', "[]"])
def test_anchors_that_cannot_be_read_end_with_one_sentence(verify: Verify, tmp_path: Path, content: str) -> None:
    (tmp_path / "anchors").write_text(content)
    code, said = verify()
    assert (code, said) == (2, f"{tmp_path / 'anchors'}: line 1 is no anchor.\n")
    assert verify("--anchors", str(tmp_path / "none"))[0] == 2
