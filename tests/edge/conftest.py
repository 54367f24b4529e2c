from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.config import SsdliteSettings
from edge.detect.factory import load
from edge.detect.ssdlite import SsdliteDetector
from tests.support import painted
from tests.support.once import made_once


@pytest.fixture(scope="session", autouse=True)
def _ultralytics_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """ultralytics writes its settings into a folder of the tests, not of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOLO_CONFIG_DIR", str(tmp_path_factory.mktemp("ultralytics")))
        yield


@pytest.fixture(scope="session")
def ssdlite() -> SsdliteDetector:
    """The box's own detector on two threads; seconds to prepare, and no test changes it."""
    detector = load(SsdliteSettings(threads=2, min_score=0.25))
    assert isinstance(detector, SsdliteDetector)
    return detector


@pytest.fixture(scope="session")
def painted_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .pt network that finds painted rectangles; half a minute of one core, once."""
    name = "yolo26n-painted.pt"
    return made_once(tmp_path_factory, "weights", lambda folder: painted.weights(folder / name)) / name


@pytest.fixture(scope="session")
def painted_folder(painted_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network as a box has it."""
    from edge.detect.export import export

    name = "painted_openvino_model"
    folder = made_once(
        tmp_path_factory, "exported", lambda folder: export(painted_weights, folder / name, side=None, crops=[])
    )
    return folder / name


@pytest.fixture(scope="session")
def painted_int8(painted_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same network in INT8, made as a technician makes it, and what the command said."""
    folder = made_once(tmp_path_factory, "int8", lambda folder: _export_int8(painted_weights, folder))
    return folder / "painted-int8", (folder / "said").read_text()


def _export_int8(weights: Path, folder: Path) -> None:
    pictures, random = folder / "pictures", np.random.default_rng(19)
    pictures.mkdir()
    for index in range(32):
        cv2.imwrite(str(pictures / f"{index}.png"), painted.scene(random)[0])
    options = [
        "--out",
        str(folder / "painted-int8"),
        "--int8",
        "--calibrate",
        str(pictures),
        "--crop",
        str(painted.SIDE),
    ]
    command = [sys.executable, "-m", "edge", "model", "export", str(weights), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    (folder / "said").write_text(done.stdout)
