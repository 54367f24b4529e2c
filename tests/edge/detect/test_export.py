from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import yaml

from edge.config import YoloSettings
from edge.detect import DetectorError
from edge.detect.export import export
from edge.detect.factory import load
from tests.support import painted
from tests.support.boxes import shared


def test_the_folder_holds_the_network_and_its_card(painted_folder: Path) -> None:
    assert sorted(file.suffix for file in painted_folder.iterdir()) == [".bin", ".xml", ".yaml"]
    card = load(YoloSettings(kind="yolo", weights=str(painted_folder))).card
    assert (card.name, card.licence, card.input_width) == ("painted", "AGPL-3.0", painted.SIDE)


def test_int8_is_smaller_and_sees_nearly_the_same(painted_folder: Path, painted_int8: tuple[Path, str]) -> None:
    out, _ = painted_int8
    assert size(out) < size(painted_folder) * 0.4
    model = ov.Core().read_model(next(out.glob("*.xml")))
    assert sum(operation.get_type_name() == "FakeQuantize" for operation in model.get_ops()) > 50
    about = yaml.safe_load((out / "metadata.yaml").read_text())
    assert (about["int8"], about["calibrated_on"]) == (True, 32)
    whole = load(YoloSettings(kind="yolo", weights=str(painted_folder)))
    rounded = load(YoloSettings(kind="yolo", weights=str(out)))
    random = np.random.default_rng(23)
    pictures = [painted.scene(random)[0] for _ in range(20)]
    pairs = zip(whole.detect(pictures), rounded.detect(pictures), strict=True)
    assert float(np.mean([shared(one, other, iou=0.7) for one, other in pairs])) > 0.7


def test_another_side_gives_a_network_for_inputs_of_that_side(painted_weights: Path, tmp_path: Path) -> None:
    card = export(painted_weights, tmp_path / "wide", side=160, crops=[])
    assert (card.input_width, card.input_height) == (160, 160)


def test_nothing_is_left_beside_the_weights(painted_weights: Path, painted_folder: Path) -> None:
    assert painted_folder.exists()
    assert [file.name for file in painted_weights.parent.iterdir()] == [painted_weights.name]


@pytest.mark.parametrize(
    ("weights", "out", "side", "sentence"),
    [
        ("none.pt", "out", None, r"^The weight file .*none\.pt is missing\.$"),
        ("net.onnx", "out", None, r"^Only \.pt weights are exported; net\.onnx is not one\.$"),
        ("net.pt", "there", None, r"^The folder .*there exists already: .*\.$"),
        ("net.pt", "out", 100, r"^The input's side must be a multiple of 32, .*; 100 is not\.$"),
        ("net.pt", "out", None, r"^The network .*net\.pt cannot be read: .*\.$"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, weights: str, out: str, side: int | None, sentence: str
) -> None:
    (tmp_path / "there").mkdir()
    for name in ("net.onnx", "net.pt"):
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(DetectorError, match=sentence):
        export(tmp_path / weights, tmp_path / out, side=side, crops=[])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["net.onnx", "net.pt", "there"]


def test_without_nncf_the_sentence_says_what_to_install(
    painted_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    with pytest.raises(DetectorError, match=r"^nncf is not installed; install .*yolo`\.$"):
        export(painted_weights, tmp_path / "out", side=None, crops=[np.zeros((64, 64, 3), np.uint8)])
    assert not (tmp_path / "out").exists()


def size(folder: Path) -> int:
    return next(folder.glob("*.bin")).stat().st_size
