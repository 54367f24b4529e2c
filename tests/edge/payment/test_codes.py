"""The command as a technician runs it, with a real camera."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import yaml

from demo.camera import url
from demo.processes import Processes, free_port, wait_for_port
from edge.payment.allowed import AllowSets
from tests.edge.payment.stalls import POINT, REGION, TEXT, said
from tests.edge.payment.test_box import film
from tests.support.commands import edge


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The settings of a box with a camera that shows a board, and one that is switched off."""
    folder = tmp_path_factory.mktemp("codes")
    (folder / "films").mkdir()
    film(folder / "films" / "sap.mp4", ours_s=8, theirs_s=0)
    AllowSets(folder).hear(said(TEXT))
    processes, port = Processes(folder / "logs"), free_port()
    cameras = [
        {
            "id": "cho-1",
            "site": "cho",
            "url": url(port, "sap.mp4"),
            "payment_points": [{"id": POINT, "region": REGION}],
        },
        {"id": "cho-2", "site": "cho", "url": url(free_port(), "sap.mp4")},
    ]
    settings = {
        "ward": "an-luu", "box": "an-luu-1", "data_dir": str(folder), "mqtt": {"host": "127.0.0.1"}, "cameras": cameras
    }  # fmt: skip
    (folder / "edge.yaml").write_text(yaml.safe_dump(settings))
    try:
        wait_for_port(port, processes.start("camera", ["demo.camera", str(folder / "films"), str(port)]), "the camera")
        yield folder / "edge.yaml"
    finally:
        processes.stop_all()


def run(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return edge("--config", config, "codes", *words)


def test_a_technician_reads_what_the_camera_can_read_and_sees_it_drawn(config: Path, tmp_path: Path) -> None:
    typed = ["--config", str(config), "codes", "cho-1", "--picture", f"{tmp_path}/anh.jpg"]
    command = [sys.executable, "-m", "edge", *typed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "đúng mã của điểm (Vietcombank …8086)" in done.stdout
    assert "Tốt" in done.stdout
    picture = cv2.imread(str(tmp_path / "anh.jpg"))
    assert picture is not None
    assert picture.shape == (360, 640, 3)


def test_a_program_reads_the_same_as_json(config: Path) -> None:
    (code,) = json.loads(run(config, "cho-1", "--json").stdout)["codes"]
    assert (code["point"], code["nature"], code["fitness"]) == (POINT, "ours", "good")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cho-9"], "there is no camera cho-9; there are: cho-1, cho-2."),
        (["cho-2"], "Camera cho-2 brings no picture: refused."),
        (["cho-1", "--picture", "/nowhere/anh.jpg"], "cannot be written"),
        (["cho-1", "--picture", "anh"], "written as .jpg or .png"),
    ],
)
def test_a_mistake_is_one_sentence(config: Path, arguments: list[str], sentence: str) -> None:
    done = run(config, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
