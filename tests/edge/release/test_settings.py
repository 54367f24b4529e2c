from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.settings import load
from edge.release.settings import UpdaterView, UpdateSettings, may_now

KEY = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="


@pytest.mark.parametrize(
    ("settings", "clock", "may"),
    [
        ({}, "18:30", True),  # half past one in Vietnam
        ({}, "17:59", False),
        ({}, "21:00", False),
        ({"from": "23:00", "to": "02:00"}, "18:59", True),
        ({"from": "23:00", "to": "02:00"}, "12:00", False),
        ({"from": "00:00", "to": "00:00"}, "05:00", True),
        ({"automatic": False}, "18:30", False),
    ],
)
def test_a_box_changes_over_by_itself_in_its_hours_only(settings: dict[str, object], clock: str, may: bool) -> None:
    now = datetime.fromisoformat(f"2026-02-10T{clock}").replace(tzinfo=UTC)
    assert may_now(UpdateSettings.model_validate(settings), "Asia/Ho_Chi_Minh", now) is may


def test_the_updater_reads_its_parts_of_a_file_that_is_no_good_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(
        "ward: an-luu\nbox: an-luu-1\ndata_dir: /d\ncameras: {all: wrong}\nof_a_later_version: 1\n"
        f"update: {{release_key: {KEY}}}\ncentre: {{url: 'https://c', token: t, news: 1}}\n"
    )
    assert load(UpdaterView, path).update.release_key == KEY


@pytest.mark.parametrize("key", ["", "abc", KEY[:-2], "ä" * 44])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="44 characters"):
        UpdateSettings.model_validate({"release_key": key})
