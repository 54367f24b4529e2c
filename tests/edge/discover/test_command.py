"""`phoan-edge discover` and `phoan-edge password` as a technician runs them: real processes, a real camera."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from contracts.settings import load
from demo.processes import free_port
from edge.config import EdgeSettings
from tests.support.cameras import VIDEO, Line, playing
from tests.support.commands import edge
from tests.support.locked_cameras import Lock
from tests.support.onvif_cameras import OnvifCamera

WORD = "bi-mat-cua-cho"


def nothing(_connection: object) -> None:
    pass


class Place:
    """A box's folder and a camera of another clock beside it."""

    def __init__(self, folder: Path, lock: Lock, rtsp: int, onvif: int) -> None:
        self.config, self.lock, self.rtsp, self.onvif = folder / "edge.yaml", lock, rtsp, onvif
        self.config.write_text(
            f"# hộp của chợ\nward: an-luu\nbox: hop-1\ndata_dir: {folder / 'data'}\n"
            "mqtt: {host: 127.0.0.1, port: 1}\n"
        )
        self.said = ""

    def run(self, *words: str, password: str | None = WORD) -> tuple[int, str, str]:
        return self._heard(edge(*self._typed(words), **self._environment(password)))

    def start(self, *words: str, password: str | None = WORD) -> tuple[int, str, str]:
        """The same as a process of its own."""
        environment = {**os.environ, **self._environment(password)}
        command = [sys.executable, "-m", "edge", *self._typed(words)]
        nobody = subprocess.DEVNULL
        return self._heard(
            subprocess.run(
                command, capture_output=True, text=True, env=environment, timeout=90, stdin=nobody, check=False
            )
        )

    def _typed(self, words: Sequence[str]) -> list[str]:
        typed = ["--config", str(self.config), *words]
        if words[0] == "discover":
            typed += ["--hosts", "127.0.0.1", "--no-multicast"]
            typed += ["--onvif-ports", str(self.onvif), "--rtsp-ports", str(self.rtsp)]
        return typed

    def _environment(self, password: str | None) -> dict[str, str]:
        known = {"PHOAN_CAMERA_PASSWORD": password} if password is not None else {}
        return {"LANG": "vi_VN.UTF-8", "LC_ALL": "", **known}

    def _heard(self, done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
        self.said += done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    lock = Lock(playing(VIDEO, nothing), "admin", WORD)
    with closing(Line(lock)) as line:
        camera = OnvifCamera(line.port, user="admin", password=WORD, ahead_s=7200, manufacturer="Hikvision")
        try:
            yield Place(tmp_path_factory.mktemp("box"), lock, line.port, camera.port)
        finally:
            camera.stop()


def test_a_visit_finds_adds_and_corrects_a_camera_and_no_password_is_ever_shown(place: Place) -> None:
    """One test for the whole visit: each step goes on from the one before."""
    code, out, err = place.start("discover", "--user", "admin")
    assert (code, err) == (0, "")
    assert "Hikvision" in out
    assert "H264 1920x1080" in out
    assert "nhanh 2 giờ" in out
    assert "cameras" not in yaml.safe_load(place.config.read_text())

    code, out, err = place.run("discover", "--user", "admin", "--write")
    assert code == 2
    assert "--site" in err

    code, out, err = place.run("discover", "--user", "admin", "--write", "--site", "cho", "--json")
    assert code == 0
    assert json.loads(out)["cameras"][0]["choice"]["main"]["width"] == 1920
    (camera,) = load(EdgeSettings, place.config).cameras
    assert (camera.id, camera.site) == ("cho-1", "cho")
    assert camera.url.get_secret_value() == f"rtsp://127.0.0.1:{place.rtsp}/video_main"
    assert camera.sub_url
    secrets = place.config.with_name("credentials.yaml")
    assert yaml.safe_load(secrets.read_text()) == {"cho-1": {"user": "admin", "password": WORD}}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert place.config.read_text().startswith("# hộp của chợ\n")
    assert WORD not in place.config.read_text()

    code, out, _ = place.run("discover", "--user", "admin", "--write", "--lang", "en")
    assert code == 0
    assert "no new camera" in out
    assert "cho-1" in out

    wrong = "mat-khau-sai"
    code, _, err = place.run("password", "cho-1", password=wrong)
    assert code == 2
    assert "từ chối" in err
    assert wrong not in secrets.read_text()
    assert place.lock.wrong == 1
    code, out, _ = place.start("password", "cho-1")
    assert code == 0
    assert "Đã lưu" in out

    assert WORD not in place.said
    assert wrong not in place.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("discover", "--user", "admin"), "nobody to ask"),
        (("discover", "--hosts", "8.8.8.8"), "camera_networks"),
        (("discover", "--rtsp-ports", "x"), "no list of ports"),
        (("password", "cho-9"), "cho-9 is none of"),
    ],
)
def test_a_mistake_is_one_sentence(place: Place, words: tuple[str, ...], said: str) -> None:
    if "--hosts" in words or "--rtsp-ports" in words:
        done = edge("--config", place.config, *words)
        code, err = done.returncode, done.stderr
    else:
        code, _, err = place.run(*words, password=None)
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_password_in_an_address_moves_to_the_file_of_passwords(tmp_path: Path) -> None:
    place = Place(tmp_path, Lock(nothing, "", ""), 0, 0)
    gone = free_port()
    text = place.config.read_text()
    place.config.write_text(f"{text}cameras:\n- {{id: a, site: cho, url: 'rtsp://gác:cu-cu@127.0.0.1:{gone}/x'}}\n")
    code, out, err = place.run("password", "a", password="moi-moi")
    assert (code, err) == (0, "")
    assert "chưa thử được" in out
    assert "cu-cu" not in place.config.read_text()
    kept = yaml.safe_load(place.config.with_name("credentials.yaml").read_text())
    assert kept == {"a": {"user": "gác", "password": "moi-moi"}}
