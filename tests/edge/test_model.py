from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from contracts.model import ModelCard
from edge.detect.card import digest_of
from edge.detect.ssdlite import model_path
from tests.support.commands import edge


def settings(folder: Path, detector: dict[str, object]) -> Path:
    file = folder / "edge.yaml"
    camera = {"id": "quang-trung-1", "site": "quang-trung", "url": "rtsp://127.0.0.1/1"}
    whole = {
        "ward": "an-luu", "box": "an-luu-1", "data_dir": str(folder / "data"), "mqtt": {"host": "127.0.0.1"},
        "detector": detector, "cameras": [camera],
    }  # fmt: skip
    file.write_text(yaml.safe_dump(whole))
    return file


def test_the_default_networks_card_is_shown(tmp_path: Path) -> None:
    config = settings(tmp_path, {"kind": "ssdlite"})
    command = [sys.executable, "-m", "edge", "--config", str(config), "model", "show"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    card = ModelCard.model_validate_json(done.stdout)
    assert (card.name, card.licence, card.classes) == ("ssdlite-mobilenet-person", "MIT", ("person",))
    assert card.digest == digest_of(model_path())


def test_weights_become_an_int8_folder_that_the_settings_can_name(
    painted_int8: tuple[Path, str], tmp_path: Path
) -> None:
    out, said = painted_int8
    assert said.startswith(f"{out} is ready: painted-int8, 128 x 128 pixels,\n")
    shown = edge("--config", settings(tmp_path, {"kind": "yolo", "weights": str(out)}), "model", "show")
    assert shown.returncode == 0, shown.stderr
    card = json.loads(shown.stdout)
    assert card["digest"] == digest_of(out)
    assert card["digest"] in said
    assert (card["input_width"], card["licence"]) == (128, "AGPL-3.0")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--int8"], "INT8 needs pictures to calibrate with: name videos or pictures of your cameras: --calibrate."),
        (["--calibrate", "a.mp4"], "Only INT8 is calibrated: write --int8 too, or leave --calibrate out."),
        (["--int8", "--calibrate", "none.mp4"], "The calibration file none.mp4 is missing."),
        (["--crop", "5"], "A crop must have at least 32 pixels a side; 5 is too small."),
        ([], "The weight file none.pt is missing."),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = edge("model", "export", "none.pt", "--out", tmp_path / "out", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence + "\n")
