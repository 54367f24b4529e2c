"""The box's files: all of them or none, wherever a power cut falls."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from edge.enrol import files

OLD = {name: f"old {name}".encode() for name in files.IN_ORDER}
NEW = {name: f"new {name}".encode() for name in files.IN_ORDER}


def content(etc: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in etc.iterdir() if path.is_file()}


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    for name, text in OLD.items():
        (folder / name).write_bytes(text)
    return folder


def test_before_they_are_ready_nothing_changes(etc: Path) -> None:
    files.secrets_for(etc, "code")
    files.stage(etc, NEW)
    assert content(etc) == OLD
    assert files.finish(etc) is False
    assert content(etc) == OLD


def test_a_power_cut_after_they_are_ready_is_made_good_wherever_it_falls(etc: Path, tmp_path: Path) -> None:
    files.secrets_for(etc, "code")
    files.stage(etc, NEW)
    (etc / ".enrolling" / "files").rename(etc / ".enrolled")
    for moved in range(len(files.IN_ORDER) + 1):
        cut = tmp_path / f"cut-{moved}"
        shutil.copytree(etc, cut)
        for name in files.IN_ORDER[:moved]:
            (cut / ".enrolled" / name).replace(cut / name)
        assert files.finish(cut) is True
        assert content(cut) == NEW
        assert files.finish(cut) is False


def test_the_boxs_own_account_makes_good_what_root_had_named_ready(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert os.geteuid() == 0, "another account is taken on: run the tests as root, or in a container as CI does"
    os.chown(etc, 54321, 54321)
    files.secrets_for(etc, "code")
    files.stage(etc, NEW)
    (etc / ".enrolling" / "files").rename(etc / ".enrolled")
    monkeypatch.chdir(etc)  # the folders above are root's alone
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setgid(54321)
            os.setuid(54321)
            code = 0 if files.finish(Path()) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert content(etc) == NEW


def test_another_boxs_data_is_left_when_the_files_are_ready_and_not_before(etc: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "media").mkdir(parents=True)
    for name in ("outbox.db", "outbox.db-wal", "media/picture"):
        (data / name).write_text(name)
    leaving = json.dumps({"data": str(data), "aside": "former-hop-1-2026"}).encode()
    files.secrets_for(etc, "code")
    files.stage(etc, {**NEW, files.LEAVING: leaving})
    assert sorted(path.name for path in data.iterdir()) == ["media", "outbox.db", "outbox.db-wal"]
    (etc / ".enrolling" / "files").rename(etc / ".enrolled")
    (data / "former-hop-1-2026").mkdir()  # the power is cut after the first of them
    (data / "outbox.db").rename(data / "former-hop-1-2026" / "outbox.db")
    assert files.finish(etc)
    assert [path.name for path in data.iterdir()] == ["former-hop-1-2026"]
    assert (data / "former-hop-1-2026" / "media" / "picture").read_text() == "media/picture"
    assert len(list((data / "former-hop-1-2026").iterdir())) == 3
    assert content(etc) == NEW
    assert not (etc / ".enrolled").exists()


def test_the_settings_come_last_since_they_name_the_others() -> None:
    assert files.IN_ORDER[-1] == files.SETTINGS


def test_all_is_in_place_and_nothing_else_is_left(etc: Path) -> None:
    files.secrets_for(etc, "code")
    files.stage(etc, NEW)
    files.commit(etc)
    assert content(etc) == NEW
    assert sorted(path.name for path in etc.iterdir()) == sorted(files.IN_ORDER)


def test_what_an_aborted_try_left_is_used_for_the_same_code_only(tmp_path: Path) -> None:
    first = files.secrets_for(tmp_path, "code")
    assert files.secrets_for(tmp_path, "code").password == first.password
    assert files.secrets_for(tmp_path, "another code").password != first.password


@pytest.mark.parametrize(
    "broken", [b"", b"{", b'{"code": 1}', b'{"code": "x", "key": "no key", "password": "y"}', b"[]"]
)
def test_a_try_that_was_cut_off_is_begun_anew(tmp_path: Path, broken: bytes) -> None:
    files.secrets_for(tmp_path, "code")
    (tmp_path / ".enrolling" / "try.json").write_bytes(broken)
    assert len(files.secrets_for(tmp_path, "code").password) == 43
