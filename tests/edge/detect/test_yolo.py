from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from supervision.detection.utils.iou_and_nms import box_iou_batch

from edge.config import YoloSettings
from edge.detect import LABELS, DetectorError
from edge.detect.card import digest_of
from edge.detect.factory import load
from edge.detect.yolo import YoloDetector
from tests.support import painted

OURS = {0: "person", 2: "car", 24: "bag"}


def test_a_weight_file_that_is_missing_is_named_in_one_sentence(tmp_path: Path) -> None:
    weights = str(tmp_path / "yolo26n.pt")
    with pytest.raises(DetectorError, match=r"^The weight file .*yolo26n\.pt is missing; .*\.$"):
        load(YoloSettings(kind="yolo", weights=weights))


def test_without_ultralytics_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    weights = tmp_path / "yolo26n.pt"
    weights.touch()
    with pytest.raises(DetectorError, match=r"^ultralytics is not installed; install .*yolo`\.$"):
        load(YoloSettings(kind="yolo", weights=str(weights)))


@pytest.mark.parametrize("content", [b"", b"not a network" * 40, b"PK\x03\x04 cut off"])
def test_a_damaged_weight_file_is_named_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    weights = tmp_path / "yolo26n.pt"
    weights.write_bytes(content)
    with pytest.raises(DetectorError, match=r"^The network .*yolo26n\.pt cannot be read: .*\.$"):
        load(YoloSettings(kind="yolo", weights=str(weights)))


def test_a_pt_file_that_brings_code_is_not_run(tmp_path: Path) -> None:
    weights, proof = tmp_path / "evil.pt", tmp_path / "was-here"
    import_module("torch").save({"model": _Evil(proof)}, weights)
    with pytest.raises(DetectorError):
        load(YoloSettings(kind="yolo", weights=str(weights)))
    assert not proof.exists()


class _Evil:
    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.proof,)


def test_painted_things_are_found_with_our_names_for_them(painted_weights: Path) -> None:
    detector = load(YoloSettings(kind="yolo", weights=str(painted_weights), min_score=0.4))
    assert isinstance(detector, YoloDetector)
    random = np.random.default_rng(7)
    things, found = 0, 0
    for _ in range(25):
        picture, painted_things = painted.scene(random)
        (seen,) = detector.detect([picture])
        for thing in painted_things:
            if thing.number not in OURS:
                continue
            same = seen.labels == LABELS.index(OURS[thing.number])
            overlaps = box_iou_batch(np.array([thing.box], np.float32), seen.boxes[same])
            things += 1
            found += bool(overlaps.size and overlaps.max() > 0.5)
    assert things > 20
    assert found / things > 0.7


def test_a_thing_that_is_none_of_ours_is_not_reported(painted_weights: Path) -> None:
    detector = load(YoloSettings(kind="yolo", weights=str(painted_weights), min_score=0.4))
    chair = np.full((128, 128, 3), 110, np.uint8)
    chair[40:90, 40:90] = painted.COLOURS[56]
    assert [len(found.boxes) for found in detector.detect([chair])] == [0]


def test_a_picture_gives_the_same_boxes_alone_and_among_others_of_other_sizes(painted_weights: Path) -> None:
    detector = load(YoloSettings(kind="yolo", weights=str(painted_weights)))
    random = np.random.default_rng(3)
    sizes = [(128, 128), (200, 140), (96, 150), (256, 240)] * 3
    pictures = [painted.scene(random, wide, high, min(wide, high) / 128)[0] for wide, high in sizes]
    together = detector.detect(pictures)
    for picture, found in zip(pictures, together, strict=True):
        (alone,) = detector.detect([picture])
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=0.1)
        np.testing.assert_array_equal(found.labels, alone.labels)
    assert sum(len(found.boxes) for found in together) > len(pictures)


def test_no_pictures_give_no_results(painted_weights: Path) -> None:
    assert load(YoloSettings(kind="yolo", weights=str(painted_weights))).detect([]) == []


def test_the_card_says_whose_the_network_is_and_what_it_finds(painted_weights: Path) -> None:
    card = load(YoloSettings(kind="yolo", weights=str(painted_weights))).card
    assert (card.name, card.licence, card.task) == ("yolo26n-painted", "AGPL-3.0", "detect")
    assert card.digest == digest_of(painted_weights)
    assert (card.input_width, card.input_height) == (painted.SIDE, painted.SIDE)
    assert card.classes == LABELS
    assert card.source.startswith("ultralytics 8.")


def test_a_licence_that_was_bought_goes_onto_the_card(painted_weights: Path) -> None:
    bought = YoloSettings(kind="yolo", weights=str(painted_weights), licence="Ultralytics Enterprise 4711")
    assert load(bought).card.licence == "Ultralytics Enterprise 4711"
