from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge import broken
from edge.broken import Telling, part_of, set_aside, untold
from tests.support.samples import NOON


def test_a_damaged_file_is_out_of_the_way_and_kept_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    file.write_text("{")
    folder = set_aside(tmp_path, "devices", [file, tmp_path / "not-there"], "it ends too early")
    assert folder
    assert not file.exists()
    assert (folder / "devices.json").read_text() == "{"
    assert (folder / broken.WHY).read_text() == "it ends too early\n"
    assert part_of(folder) == "devices"


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken, "MOST_BYTES", 1000)
    monkeypatch.setattr(broken, "MOST_FOLDERS", 4)
    for number in range(6):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(bytes(100))
        set_aside(tmp_path, "media", [file], "x")
    assert [path.name for folder in untold(tmp_path) for path in folder.glob("*.bin")] == [
        "2.bin",
        "3.bin",
        "4.bin",
        "5.bin",
    ]
    (tmp_path / "large").write_bytes(bytes(2000))
    set_aside(tmp_path, "media", [tmp_path / "large"], "x")
    assert untold(tmp_path) == []
    assert not (tmp_path / "large").exists()


def test_several_threads_set_aside_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken, "MOST_FOLDERS", 2)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: set_aside(tmp_path, "media", [], "x"), range(200)))
    assert all(made)
    assert len(untold(tmp_path)) <= 2


def test_on_a_disk_that_takes_no_folder_the_file_goes(tmp_path: Path) -> None:
    (tmp_path / broken.FOLDER).write_text("in the way")
    file = tmp_path / "journal"
    file.write_text("x")
    assert set_aside(tmp_path, "announcements", [file], "x") is None
    assert not file.exists()


def test_what_was_set_aside_is_told_once_also_after_a_restart(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def telling() -> Telling:
        return Telling(
            tmp_path, "an-luu-1", lambda samples: told.extend((one.zone or "", one.value) for one in samples)
        )

    telling().tell(NOON)
    assert told == []
    for part in ("media", "media", "payment-points"):
        set_aside(tmp_path, part, [], "x")
    telling().tell(NOON)
    telling().tell(NOON)
    assert sorted(told) == [("media", 2.0), ("payment-points", 1.0)]


def test_what_was_set_aside_is_for_the_boxs_account_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = set_aside(tmp_path, "payment-points", [], "x")
    finally:
        os.umask(before)
    assert folder
    assert folder.stat().st_mode & 0o077 == 0
