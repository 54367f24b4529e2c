from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from demo.film import STREET
from edge.detect import DetectorError
from edge.detect.calibration import MOST_CROPS, crops


def test_a_video_gives_crops_of_all_its_parts_and_not_too_many() -> None:
    cut = crops([STREET], 240)
    assert MOST_CROPS / 2 < len(cut) <= MOST_CROPS
    assert {crop.shape for crop in cut} == {(240, 240, 3)}
    assert len({crop.tobytes() for crop in cut}) > len(cut) * 0.9


def test_a_folder_gives_its_pictures_and_a_small_picture_a_small_crop(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((300, 240, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "b.PNG"), np.full((100, 80, 3), 200, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    assert [crop.shape for crop in crops([tmp_path], 240)] == [(240, 240, 3), (240, 240, 3), (80, 80, 3), (80, 80, 3)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing.mp4", r"^The calibration file .*missing\.mp4 is missing\.$"),
        ("broken.mp4", r"^The calibration file .*broken\.mp4 is no video that can be read\.$"),
        ("broken.jpg", r"^The calibration file .*broken\.jpg is no picture that can be read\.$"),
        ("empty", r"^No picture was found to calibrate with: .*\.$"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    for broken in ("broken.mp4", "broken.jpg"):
        (tmp_path / broken).write_bytes(b"this is neither" * 50)
    with pytest.raises(DetectorError, match=sentence):
        crops([tmp_path / name], 240)
