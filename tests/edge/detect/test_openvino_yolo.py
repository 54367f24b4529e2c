from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from edge.config import YoloSettings
from edge.detect import Detector, DetectorError, Picture
from edge.detect.factory import load
from edge.detect.openvino_yolo import OpenvinoYoloDetector
from edge.detect.yolo import network
from tests.support import painted
from tests.support.boxes import shared

MIN_SCORE = 0.25


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    random = np.random.default_rng(11)
    sizes = [(128, 128), (240, 240), (200, 140), (96, 150)] * 4
    return [painted.scene(random, wide, high, min(wide, high) / 128)[0] for wide, high in sizes]


def detector(weights: Path) -> Detector:
    return load(YoloSettings(kind="yolo", weights=str(weights), min_score=MIN_SCORE))


def assert_same(one: Detector, other: Detector, pictures: list[Picture]) -> None:
    """Every box of one is the other's, to within a twentieth and a hundredth of score."""
    boxes = 0
    for mine, theirs in zip(one.detect(pictures), other.detect(pictures), strict=True):
        assert shared(mine, theirs, iou=0.95) == 1.0
        np.testing.assert_allclose(np.sort(mine.scores), np.sort(theirs.scores), atol=0.01)
        boxes += len(mine.boxes)
    assert boxes > len(pictures)


def test_the_exported_network_gives_the_same_boxes_as_the_pt(
    painted_weights: Path, painted_folder: Path, pictures: list[Picture]
) -> None:
    exported = detector(painted_folder)
    assert isinstance(exported, OpenvinoYoloDetector)
    assert_same(exported, detector(painted_weights), pictures)


def test_ultralytics_own_runtime_sees_the_same_in_the_exported_folder(
    painted_folder: Path, pictures: list[Picture]
) -> None:
    from edge.detect.yolo import YoloDetector

    theirs = YoloDetector(painted_folder, device="cpu", threads=1, min_score=MIN_SCORE, licence=None)
    assert_same(detector(painted_folder), theirs, pictures)


@pytest.mark.parametrize("kind", ["onnx", "openvino"])
def test_a_network_that_gives_candidates_is_cleared_of_overlaps_as_ultralytics_does(
    painted_weights: Path, tmp_path: Path, pictures: list[Picture], kind: str
) -> None:
    weights = exported_by_ultralytics(painted_weights, tmp_path, kind, nms=None)
    ours = detector(weights)
    reference = network(painted_weights)
    boxes = 0
    for picture, mine in zip(pictures, ours.detect(pictures), strict=True):
        (result,) = reference.predict([picture], conf=MIN_SCORE, classes=[0, 2, 24], rect=False, verbose=False)
        theirs = result.boxes.xyxy.numpy()
        assert len(mine.boxes) == len(theirs)
        np.testing.assert_allclose(np.sort(mine.scores), np.sort(result.boxes.conf.numpy()), atol=0.01)
        boxes += len(mine.boxes)
    assert boxes > len(pictures)


def test_an_onnx_file_gives_the_same_boxes_and_knows_its_classes(
    painted_weights: Path, tmp_path: Path, pictures: list[Picture]
) -> None:
    onnx = detector(exported_by_ultralytics(painted_weights, tmp_path, "onnx", nms=False))
    assert_same(onnx, detector(painted_weights), pictures)
    assert (onnx.card.licence, onnx.card.input_width) == ("AGPL-3.0", painted.SIDE)
    assert onnx.card.classes == detector(painted_weights).card.classes


def exported_by_ultralytics(weights: Path, folder: Path, kind: str, nms: bool | None) -> Path:
    copy = Path(shutil.copy(weights, folder / "painted.pt"))
    plain = {"simplify": False} if kind == "onnx" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Path(network(copy).export(format=kind, nms=nms, verbose=False, **plain))


def test_a_box_runs_the_folder_without_ultralytics_and_torch(painted_folder: Path) -> None:
    program = (
        "import sys; sys.modules['ultralytics'] = sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from edge.config import YoloSettings; from edge.detect.factory import load\n"
        f"detector = load(YoloSettings(kind='yolo', weights={str(painted_folder)!r}))\n"
        "picture = np.full((128, 128, 3), 110, np.uint8); picture[40:90, 40:80] = (255, 0, 255)\n"
        "(found,) = detector.detect([picture]); print(0 in found.labels)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.stderr, done.stdout) == ("", "True\n")


def test_more_pictures_than_threads_come_back_in_order(painted_folder: Path, pictures: list[Picture]) -> None:
    two = detector(painted_folder)
    assert two.batch == 2
    for picture, found in zip(pictures, two.detect(pictures), strict=True):
        (alone,) = two.detect([picture])
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=0.01)
    assert two.detect([]) == []


def broken_xml(folder: Path) -> None:
    file = next(folder.glob("*.xml"))
    file.write_bytes(file.read_bytes()[:2000])


def no_metadata(folder: Path) -> None:
    (folder / "metadata.yaml").unlink()


def no_names(folder: Path) -> None:
    (folder / "metadata.yaml").write_text("stride: 32\n")


def no_network(folder: Path) -> None:
    next(folder.glob("*.xml")).unlink()


def other_classes(folder: Path) -> None:
    (folder / "metadata.yaml").write_text("names: {0: tumour}\n")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (broken_xml, r"^The network .*\.xml cannot be read: copy or export it again\.$"),
        (no_metadata, r"^The file .*metadata\.yaml is missing or damaged; .*\.$"),
        (no_names, r"^The network .* does not say what its classes are; .*\.$"),
        (no_network, r"^The folder .* must hold one network \(\.xml\) and holds 0; .*\.$"),
        (other_classes, r"^The network .* knows no class that Phố An uses \(person, .*\)\.$"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_damaged_folder_is_named_in_one_sentence(
    painted_folder: Path, tmp_path: Path, damage: object, sentence: str
) -> None:
    folder = Path(shutil.copytree(painted_folder, tmp_path / "net"))
    assert callable(damage)
    damage(folder)
    with pytest.raises(DetectorError, match=sentence):
        detector(folder)


def test_a_device_that_the_box_does_not_have_is_named_in_one_sentence(painted_folder: Path) -> None:
    settings = YoloSettings(kind="yolo", weights=str(painted_folder), device="cuda:0")
    with pytest.raises(DetectorError, match=r"^OpenVINO finds no device cuda:0 here, only cpu"):
        load(settings)
