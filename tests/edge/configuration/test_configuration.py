"""What a box runs on, with files that a power cut has left at any byte."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from contracts.configuration import ConfigState, PushedConfiguration, pushed
from edge.config import EdgeSettings
from edge.configuration.configuration import FOLDER, Configuration
from edge.configuration.kept import GOOD, STANDING, TRIAL, Files
from edge.configuration.standing import STOPPED
from tests.support.samples import NOON

NOBODY = frozenset[str]()


def message(revision: int, *cameras: str) -> PushedConfiguration:
    watched = [{"id": name, "site": "cho", "url": "rtsp://10.0.0.1/1"} for name in cameras]
    return pushed(revision, NOON, {"cameras": watched})


def base(folder: Path) -> EdgeSettings:
    own: dict[str, Any] = {"ward": "an-luu", "box": "an-luu-1", "data_dir": folder, "mqtt": {"host": "h"}}
    return EdgeSettings.model_validate(own)


def start(folder: Path, boot: str = "one") -> Configuration:
    return Configuration(base(folder), boot=boot)


def try_out(configuration: Configuration, revision: int, *cameras: str, planned: bool = False) -> None:
    taken = configuration.read(message(revision, *cameras))
    assert taken
    configuration.begin(*taken, worked=NOBODY, linked=True, planned=planned)


def applied(folder: Path, revision: int, *cameras: str) -> None:
    configuration = start(folder)
    try_out(configuration, revision, *cameras)
    configuration.accept()


def runs(configuration: Configuration) -> tuple[str, ...]:
    return tuple(camera.id for camera in configuration.settings.cameras)


def said(configuration: Configuration) -> tuple[int, str, int] | None:
    answer = configuration.answer
    return (answer.revision, answer.state, answer.running) if answer else None


def test_a_fresh_box_runs_on_its_own_file_and_answers_nothing(tmp_path: Path) -> None:
    configuration = start(tmp_path)
    assert (runs(configuration), said(configuration)) == ((), None)
    assert configuration.is_news(message(1))


def test_what_was_applied_runs_after_the_next_start(tmp_path: Path) -> None:
    applied(tmp_path, 3, "mot")
    configuration = start(tmp_path)
    assert (runs(configuration), said(configuration)) == (("mot",), (3, "applied", 3))
    assert not configuration.is_news(message(3))
    assert not configuration.is_news(message(2))
    assert configuration.is_news(message(4))


def test_what_is_refused_changes_nothing_and_is_not_read_again(tmp_path: Path) -> None:
    applied(tmp_path, 1, "mot")
    configuration = start(tmp_path)
    assert configuration.read(message(2, "mot", "mot")) is None
    for found in (configuration, start(tmp_path)):
        assert (runs(found), said(found)) == (("mot",), (2, "refused", 1))
        assert found.answer
        assert found.answer.reason == "field cameras: two cameras have one name."
        assert not found.is_news(message(2))


def test_a_document_that_was_damaged_on_its_way_is_refused(tmp_path: Path) -> None:
    broken = message(1, "mot").model_copy(update={"packed": "AAAA"})
    configuration = start(tmp_path)
    assert configuration.read(broken) is None
    assert said(configuration) == (1, "refused", 0)


def test_a_box_that_ends_during_a_trial_goes_back_at_its_next_start(tmp_path: Path) -> None:
    applied(tmp_path, 1, "mot")
    try_out(start(tmp_path), 2, "hai")
    configuration = start(tmp_path)
    assert (runs(configuration), said(configuration)) == (("mot",), (2, "fallen_back", 1))
    assert configuration.answer
    assert configuration.answer.reason == STOPPED
    assert not configuration.is_news(message(2, "hai"))


def test_a_trial_that_a_power_cut_ended_goes_on_but_not_for_ever(tmp_path: Path) -> None:
    try_out(start(tmp_path, "boot 1"), 1, "mot")
    for boot in ("boot 2", "boot 3"):
        configuration = start(tmp_path, boot)
        assert (runs(configuration), said(configuration)) == (("mot",), (1, "trying", 1))
    assert said(start(tmp_path, "boot 4")) == (1, "fallen_back", 0)


def test_a_planned_start_is_a_part_of_the_trial_and_the_next_one_is_not(tmp_path: Path) -> None:
    try_out(start(tmp_path), 1, "mot", planned=True)
    assert said(start(tmp_path)) == (1, "trying", 1)
    assert said(start(tmp_path)) == (1, "fallen_back", 0)


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of boxes: with a good configuration, with another on trial, and cut off just before it was noted."""
    folder = tmp_path_factory.mktemp("states")
    applied(folder / "good", 1, "mot")
    shutil.copytree(folder / "good", folder / "trial")
    try_out(start(folder / "trial"), 2, "hai")
    shutil.copytree(folder / "trial", folder / "between")
    (folder / "between" / FOLDER / TRIAL).replace(folder / "between" / FOLDER / GOOD)
    return {path.name: path for path in folder.iterdir()}


def test_a_trial_that_was_good_and_not_yet_noted_is_applied(states: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "box"
    shutil.copytree(states["between"], folder)
    assert said(start(folder)) == (2, "applied", 2)


@pytest.mark.parametrize("name", [GOOD, TRIAL, STANDING])
def test_a_file_that_ends_at_any_byte_is_set_aside_as_it_is(
    states: dict[str, Path], tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = (states["trial"] / FOLDER / name).read_bytes()
    folder = tmp_path / FOLDER
    files = Files(folder)
    read = {GOOD: files.good, TRIAL: files.trial, STANDING: files.standing}[name]
    for length in range(len(content)):
        (folder / name).write_bytes(content[:length])
        assert read() is None
        (aside,) = (tmp_path / "broken").iterdir()
        assert (aside / name).read_bytes() == content[:length]
        assert f"configuration was damaged ({name} is damaged)" in caplog.text
        caplog.clear()
        shutil.rmtree(aside)
    (folder / name).write_bytes(content)
    assert read() is not None


@pytest.mark.parametrize("state", ["good", "trial"])
@pytest.mark.parametrize("name", [GOOD, TRIAL, STANDING])
def test_a_box_with_a_damaged_file_starts_and_takes_the_next_configuration(
    states: dict[str, Path], tmp_path: Path, state: str, name: str
) -> None:
    shutil.copytree(states[state], tmp_path, dirs_exist_ok=True)
    (tmp_path / FOLDER / name).write_bytes(b"0123")
    configuration = start(tmp_path, "another boot")
    assert runs(configuration) in ((), ("mot",), ("hai",))
    if name != GOOD:  # the last good one is sound, so a box never runs on less than it
        assert runs(configuration) != ()
    if configuration.trial:
        configuration.accept()
    assert configuration.is_news(message(3, "ba"))
    try_out(configuration, 3, "ba")
    configuration.accept()
    assert runs(start(tmp_path)) == ("ba",)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    applied(tmp_path, 1, "mot")
    path = tmp_path / FOLDER / GOOD
    path.write_bytes(path.read_bytes().replace(b"10.0.0.1", b"10.0.0.2"))
    assert runs(start(tmp_path)) == ()


def test_a_good_configuration_that_does_not_go_with_the_box_s_file_any_more_is_set_aside(tmp_path: Path) -> None:
    applied(tmp_path, 1, "mot")
    changed = base(tmp_path).model_copy(update={"camera_networks": ()})
    narrower = EdgeSettings.model_validate(
        {name: getattr(changed, name) for name in changed.model_fields_set} | {"camera_networks": ["10.9.0.0/16"]}
    )
    configuration = Configuration(narrower, boot="one")
    assert runs(configuration) == ()
    assert len(list((tmp_path / "broken").glob(f"*/{GOOD}"))) == 1
    assert configuration.answer is None or configuration.answer.state == ConfigState.APPLIED
