from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from contracts.settings import SettingsError
from edge.configuration.credentials import Login, bare, beside, load, login_of, put, with_login

LOGIN = Login.model_validate({"user": "xem", "password": "p@ss/word:1"})


def test_without_a_file_there_are_no_logins(tmp_path: Path) -> None:
    assert load(beside(tmp_path / "edge.yaml")) == {}


def test_what_is_put_is_there_again_and_for_this_user_alone(tmp_path: Path) -> None:
    path = beside(tmp_path / "edge.yaml")
    put(path, "mot", LOGIN)
    put(path, "hai", Login.model_validate({"user": "admin", "password": "khác"}))
    assert load(path)["mot"] == LOGIN
    assert load(path)["hai"].password.get_secret_value() == "khác"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_it_belongs_to_whom_the_folder_belongs_since_root_types_what_the_box_reads(tmp_path: Path) -> None:
    owner = 54321 if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path, owner, -1)
    put(beside(tmp_path / "edge.yaml"), "mot", LOGIN)
    assert beside(tmp_path / "edge.yaml").stat().st_uid == owner


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = beside(tmp_path / "edge.yaml")
    path.write_text("mot: {user: xem, password: bi-mat}")
    path.chmod(0o644)
    assert load(path)["mot"].user == "xem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["mot: bi-mat", "mot: {user: xem}", "[1, 2]", "mot: {user: x, password: [", "\x00"])
def test_a_file_that_is_wrong_is_named_without_what_is_in_it(tmp_path: Path, content: str) -> None:
    path = beside(tmp_path / "edge.yaml")
    path.write_text(content)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "bi-mat" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["rtsp://10.0.0.1/1", "rtsps://cam.lan:8554/a?b=c@d", "rtsp://[fe80::1]:554/x", "rtsp://10.0.0.1"]
)
def test_an_address_and_its_login_are_put_together_and_parted_again(url: str) -> None:
    whole = with_login(url, LOGIN)
    assert whole != url
    assert login_of(whole) == LOGIN
    assert bare(whole) == url
    assert login_of(url) is None
    assert with_login(whole, Login.model_validate({"user": "x", "password": "y"})) == whole
