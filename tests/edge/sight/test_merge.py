from __future__ import annotations

import numpy as np
import pytest

from edge.detect import NOTHING, Detections
from edge.sight.merge import merge
from edge.sight.regions import Region

WIDTH, HEIGHT = 400, 300
LEFT, RIGHT = Region(0, 0, 200, 200), Region(150, 0, 200, 200)
MIDDLE = Region(100, 50, 200, 200)


def found(*boxes: tuple[float, float, float, float], score: float = 0.9, label: int = 0) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.full(count, score, np.float32), np.full(count, label, np.int64)
    )


def boxes_of(*crops: tuple[Region, Detections]) -> list[tuple[float, ...]]:
    merged = merge(crops, WIDTH, HEIGHT)
    return [tuple(float(value) for value in box) for box in merged.xyxy]


def test_boxes_of_a_crop_are_placed_in_the_frame() -> None:
    assert boxes_of((MIDDLE, found((10, 20, 50, 120)))) == [(110, 70, 150, 170)]


def test_boxes_of_an_enlarged_crop_are_placed_where_they_are_in_the_frame() -> None:
    assert boxes_of((Region(100, 50, 200, 100, 1.5), found((15, 30, 75, 120)))) == [(110, 70, 150, 130)]


@pytest.mark.parametrize(
    "cut", [(0, 50, 40, 150), (50, 1, 90, 100), (150, 50, 199, 150), (50, 100, 90, 200)], ids=["l", "t", "r", "b"]
)
def test_a_box_cut_by_a_crops_inner_rim_is_dropped(cut: tuple[float, float, float, float]) -> None:
    assert boxes_of((MIDDLE, found(cut))) == []


@pytest.mark.parametrize(
    ("corner", "box"),
    [(Region(0, 0, 200, 200), (0, 0, 40, 100)), (Region(200, 100, 200, 200), (160, 100, 200, 200))],
    ids=["top left", "bottom right"],
)
def test_a_box_at_the_pictures_own_rim_is_kept(corner: Region, box: tuple[float, float, float, float]) -> None:
    assert len(boxes_of((corner, found(box)))) == 1


def test_one_person_in_two_crops_is_one_box() -> None:
    assert boxes_of((LEFT, found((160, 50, 195, 150))), (RIGHT, found((10, 50, 45, 150), score=0.8))) == [
        (160, 50, 195, 150)
    ]


def test_half_a_person_in_one_crop_goes_with_the_whole_in_another() -> None:
    whole, half = found((10, 50, 50, 150), score=0.9), found((160, 50, 197, 100), score=0.6)
    assert boxes_of((LEFT, half), (RIGHT, whole)) == [(160, 50, 200, 150)]


def test_two_people_side_by_side_stay_two() -> None:
    assert len(boxes_of((LEFT, found((50, 50, 90, 150), (80, 50, 120, 150))))) == 2


def test_a_person_on_a_motorcycle_stays_two_things() -> None:
    rider, motorcycle = found((50, 50, 90, 150)), found((50, 60, 90, 150), label=2)
    assert len(boxes_of((LEFT, rider), (RIGHT, NOTHING), (LEFT, motorcycle))) == 2


@pytest.mark.parametrize("crops", [[], [(LEFT, NOTHING)], [(LEFT, NOTHING), (RIGHT, NOTHING)]])
def test_nothing_found_is_no_boxes(crops: list[tuple[Region, Detections]]) -> None:
    assert len(merge(crops, WIDTH, HEIGHT)) == 0
