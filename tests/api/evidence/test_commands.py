"""`phoan-api verify` and `phoan-api evidence-key` as people at a desk use them."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.rows import TupleRow

from api import __main__ as program
from api.evidence import key as evidence_key
from api.evidence.key import KeyFileError
from contracts.evidence import FileKind, Link, contents_digest
from contracts.ids import digest_of
from storage import audit
from storage.audit import Note
from tests.support import evidence
from tests.support.evidence import ANOTHER, FILES, SIGNING, package

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the program here; exit code, stdout and stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["phoan-api", *map(str, words)])
        code = program.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    path.write_bytes(package())
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "ward.pem"
    path.write_bytes(SIGNING.public.pem)
    return path


def test_an_untouched_export_says_what_it_is_and_by_which_key(run: Run, export: Path, key: Path) -> None:
    code, out, err = run("verify", export, "--key", key)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Untouched: 4 files, as Lan (lan) exported them on 2026-02-10 05:00:00 UTC.",
        "Reason: đối chiếu vụ mất xe",
        "Shows: intrusion, Phường An Lưu, Phố Quang Trung, Ngã ba Quang Trung, 2026-02-10 05:00:00 UTC.",
        "thumbnail.jpg: had not reached the centre when this was exported.",
        f"Signed by the key that you named: {SIGNING.public.id}",
    ]
    spaced = " ".join(SIGNING.public.id[at : at + 4] for at in range(0, 64, 4)).upper()
    assert run("verify", export, "--key-id", spaced)[:2] == (0, out)


def test_without_a_named_key_it_says_so_clearly(run: Run, export: Path) -> None:
    code, out, _ = run("verify", export)
    assert code == 0
    assert f"Signed, but by a key that you have not named: {SIGNING.public.id}" in out


def test_an_export_by_another_key_is_not_accepted(run: Run, export: Path, key: Path) -> None:
    export.write_bytes(package(ANOTHER))
    code, out, err = run("verify", export, "--key", key)
    assert (code, out) == (1, "")
    assert err == "export.zip is touched.\nSigned, but by a key that you have not named.\n"


def test_a_touched_file_is_named(run: Run, export: Path) -> None:
    data = export.read_bytes()
    at = data.index(FILES["snapshot.jpg"][1]) + 40
    export.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    assert run("verify", export) == (1, "", "export.zip is touched.\nsnapshot.jpg: was changed.\n")
    code, out, _ = run("verify", export, "--json")
    said = json.loads(out)
    assert (code, said["state"]) == (1, "touched")
    assert said["faults"] == [
        {"code": "file_changed", "path": "snapshot.jpg", "sentence": "snapshot.jpg: was changed."}
    ]


def test_as_json_an_untouched_export_comes_with_its_manifest(run: Run, export: Path) -> None:
    code, out, _ = run("verify", export, "--json")
    said = json.loads(out)
    assert (code, said["state"], said["faults"], said["key"]) == (0, "untouched", [], "unnamed")
    assert said["manifest"]["export"]["reason"] == "đối chiếu vụ mất xe"


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x7fELF" + bytes(5000)])
def test_what_is_no_export_cannot_be_read(run: Run, export: Path, content: bytes) -> None:
    export.write_bytes(content)
    code, _, err = run("verify", export)
    assert code == 2
    assert err == "export.zip is unreadable.\nIt is no export of evidence.\n"


def test_a_callers_mistakes_end_with_one_sentence(run: Run, export: Path, tmp_path: Path) -> None:
    for words in (
        ("verify", tmp_path / "none.zip"),
        ("verify", tmp_path),
        ("verify", export, "--key", tmp_path / "none.pem"),
        ("verify", export, "--key", export),
        ("verify", export, "--key-id", "abc"),
        ("evidence-key", "show", export),
        ("evidence-key", "show", tmp_path / "none.pem"),
        ("evidence-key", "new", tmp_path / "no" / "folder.pem"),
    ):
        code, out, err = run(*words)
        assert (code, out, err.count("\n")) == (2, "", 1), words
        assert err.endswith(".\n")


def test_a_new_key_is_for_its_owner_alone_and_never_written_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    code, out, _ = run("evidence-key", "new", path)
    assert code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("evidence-key", "show", path)[1].startswith(f"{out.strip()}\n-----BEGIN PUBLIC KEY-----\n")
    before = path.read_bytes()
    assert run("evidence-key", "new", path)[0] == 2
    assert path.read_bytes() == before


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    evidence_key.make(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="others may read it"):
        evidence_key.read_signing(path)


def test_the_api_does_not_start_with_a_key_that_is_none(run: Run, database: str, tmp_path: Path, key: Path) -> None:
    config = write_config(tmp_path, database, evidence_key=str(key))
    key.chmod(0o600)
    code, _, err = run("--config", config, "run")
    assert code == 2
    assert err.startswith("field evidence_key: ")
    assert err.count("\n") == 1


def write_config(tmp_path: Path, database: str, **more: str) -> Path:
    config = tmp_path / "api.yaml"
    config.write_text(yaml.safe_dump({"database": database, "media_dir": str(tmp_path / "media"), **more}))
    return config


Entered = Callable[..., bytes]


@pytest.fixture
def entered(connection: psycopg.Connection[TupleRow], monkeypatch: pytest.MonkeyPatch) -> Entered:
    """Makes an export of which the audit log tells, with changes to what it tells."""
    plain = evidence.manifest

    def enter(**changes: object) -> bytes:
        made = plain()
        thing = f"event:{made.subject.id}"
        about = {"export": made.export.id, "contents": contents_digest(made.files), **changes}
        audit.note(connection, Note("lan", "evidence.asked", thing, "an-luu", "", about))
        head = audit.head(connection)
        link = Link(seq=head.seq, digest=head.digest.hex())
        monkeypatch.setattr(evidence, "manifest", lambda *of: plain(*of).model_copy(update={"chain": link}))
        data = package()
        done = {"export": made.export.id, "sha256": changes.get("sha256", digest_of(data))}
        audit.note(connection, Note("lan", "evidence.exported", thing, "an-luu", "", done))
        return data

    return enter


def against(run: Run, tmp_path: Path, database: str, data: bytes) -> tuple[int, str]:
    export = tmp_path / "export.zip"
    export.write_bytes(data)
    config = write_config(tmp_path, database)
    code, out, err = run("--config", config, "verify", export, "--against-audit")
    return code, (out + err).splitlines()[-1]


def test_an_export_is_found_in_the_audit_log(run: Run, entered: Entered, tmp_path: Path, database: str) -> None:
    said = against(run, tmp_path, database, entered())
    assert said == (0, "The audit log has this export: entry 1, and its digest in entry 2.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"contents": "ab" * 32}, "Entry 1 of the audit log tells of another export."),
        ({"export": "another"}, "Entry 1 of the audit log tells of another export."),
        ({"sha256": "ab" * 32}, "The audit log has no entry of a finished export with the digest of this file."),
    ],
)
def test_a_log_that_tells_of_something_else_does_not_have_it(
    run: Run, entered: Entered, tmp_path: Path, database: str, changes: dict[str, str], sentence: str
) -> None:
    assert against(run, tmp_path, database, entered(**changes)) == (1, sentence)


def test_a_log_that_was_changed_or_is_another_does_not_have_it(
    run: Run, entered: Entered, tmp_path: Path, database: str, connection: psycopg.Connection[TupleRow]
) -> None:
    data = entered()
    assert against(run, tmp_path, database, package())[0] == 0, "the same bytes"
    forged = package(files={**FILES, "event.json": (FileKind.RECORD, b"{}")})
    assert against(run, tmp_path, database, forged) == (1, "Entry 1 of the audit log tells of another export.")
    connection.execute("SET session_replication_role = replica")
    connection.execute("UPDATE audit SET actor = 'minh' WHERE seq = 1")
    assert against(run, tmp_path, database, data) == (
        1, "Entry 1 of the audit log was changed after it was written.",
    )  # fmt: skip
    connection.execute("DELETE FROM audit WHERE seq = 1")
    assert against(run, tmp_path, database, data) == (1, "The audit log has no entry 1.")
