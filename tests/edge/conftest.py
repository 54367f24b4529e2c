from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support import painted


@pytest.fixture(scope="session", autouse=True)
def _ultralytics_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """ultralytics writes its settings into a folder of the tests, not of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOLO_CONFIG_DIR", str(tmp_path_factory.mktemp("ultralytics")))
        yield


@pytest.fixture(scope="session")
def painted_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .pt network that finds painted rectangles; half a minute of one core, once."""
    return painted.weights(tmp_path_factory.mktemp("weights") / "yolo26n-painted.pt")


@pytest.fixture(scope="session")
def painted_folder(painted_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network as a box has it."""
    from edge.detect.export import export

    out = tmp_path_factory.mktemp("exported") / "painted_openvino_model"
    export(painted_weights, out, side=None, crops=[])
    return out


@pytest.fixture(scope="session")
def painted_int8(
    painted_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The same network in INT8, made as a technician makes it, and what the command said."""
    scratch = tmp_path_factory.mktemp("int8")
    pictures, out, random = scratch / "pictures", scratch / "painted-int8", np.random.default_rng(19)
    pictures.mkdir()
    for index in range(32):
        cv2.imwrite(str(pictures / f"{index}.png"), painted.scene(random)[0])
    options = ["--out", str(out), "--int8", "--calibrate", str(pictures), "--crop", str(painted.SIDE)]
    command = [sys.executable, "-m", "edge", "model", "export", str(painted_weights), *options]
    return out, subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
