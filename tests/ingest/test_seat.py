"""The names of workers that share a folder, between real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contracts.settings import SettingsError
from ingest.config import IngestSettings
from ingest.seat import MOST_SEATS, seated

HOLD = """
import sys
from pathlib import Path
from ingest.config import IngestSettings
from ingest.seat import seated
with seated(IngestSettings(database="", mqtt={"host": "x"}, seats=Path(sys.argv[1]))) as settings:
    print(settings.worker, flush=True)
    sys.stdin.read()
"""


def settings(seats: Path | None) -> IngestSettings:
    return IngestSettings.model_validate({"worker": "mine", "database": "", "mqtt": {"host": "x"}, "seats": seats})


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another worker that holds a seat."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "seats")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        yield process
        process.kill()


def test_without_a_folder_a_worker_is_called_what_its_settings_say() -> None:
    with seated(settings(None)) as mine:
        assert mine.worker == "mine"


def test_two_at_once_have_two_names(other: subprocess.Popen[str], tmp_path: Path) -> None:
    with seated(settings(tmp_path / "seats")) as mine:
        assert mine.worker == "2"


def test_the_name_of_one_that_was_killed_is_taken_next(other: subprocess.Popen[str], tmp_path: Path) -> None:
    other.kill()
    other.wait()
    with seated(settings(tmp_path / "seats")) as mine:
        assert mine.worker == "1"


def test_a_name_is_free_again_when_its_worker_ends(tmp_path: Path) -> None:
    for _ in range(3):
        with seated(settings(tmp_path)) as mine:
            assert mine.worker == "1"


def test_an_error_of_the_worker_is_not_taken_for_one_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError), seated(settings(tmp_path)):
        raise ConnectionError
    with seated(settings(tmp_path)) as mine:
        assert mine.worker == "1"


def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SettingsError, match=r"^field seats: .* cannot be used: .*\.$"),
        seated(settings(tmp_path / "file")),
    ):
        pass


def test_there_are_only_so_many_seats(tmp_path: Path) -> None:
    with ExitStack() as stack:
        names = [stack.enter_context(seated(settings(tmp_path))).worker for _ in range(MOST_SEATS)]
        assert names == [str(number) for number in range(1, MOST_SEATS + 1)]
        with pytest.raises(SettingsError, match="all 64 numbers"):
            stack.enter_context(seated(settings(tmp_path)))
