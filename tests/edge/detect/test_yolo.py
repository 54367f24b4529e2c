from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edge.config import YoloSettings
from edge.detect import LABELS, DetectorError
from edge.detect.factory import load
from edge.detect.yolo import YoloDetector, labels_of

COCO = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 16: "dog", 24: "backpack", 56: "chair"}
VISDRONE = {0: "pedestrian", 1: "people", 3: "car", 9: "motor"}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (
            COCO,
            {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 16: "dog", 24: "bag"},
        ),
        (VISDRONE, {0: "person", 1: "person", 3: "car"}),
        ({0: "tumour"}, {}),
        ({}, {}),
    ],
)
def test_a_networks_classes_become_ours_or_are_left_out(names: dict[int, str], labels: dict[int, str]) -> None:
    assert {number: LABELS[index] for number, index in labels_of(names).items()} == labels


def test_a_weight_file_that_is_missing_is_named_in_one_sentence(tmp_path: Path) -> None:
    weights = str(tmp_path / "yolo26n.pt")
    with pytest.raises(DetectorError, match=r"^The weight file .*yolo26n\.pt is missing; .*\.$"):
        load(YoloSettings(kind="yolo", weights=weights))


def test_without_ultralytics_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    weights = tmp_path / "yolo26n.pt"
    weights.touch()
    with pytest.raises(DetectorError, match=r"^ultralytics is not installed; install .*yolo`\.$"):
        YoloDetector(str(weights), device="cpu", min_score=0.25)
