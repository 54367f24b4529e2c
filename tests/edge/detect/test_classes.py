from __future__ import annotations

import pytest

from edge.detect import LABELS
from edge.detect.classes import labels_of, words

COCO = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 16: "dog", 24: "backpack", 56: "chair"}
VISDRONE = {0: "pedestrian", 1: "people", 3: "car", 7: "awning-tricycle", 9: "motor"}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (
            COCO,
            {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 16: "dog", 24: "bag"},
        ),
        (VISDRONE, {0: "person", 1: "person", 3: "car", 9: "motorcycle"}),
        ({0: "tumour"}, {}),
        ({}, {}),
    ],
)
def test_a_networks_classes_become_ours_or_are_left_out(names: dict[int, str], labels: dict[int, str]) -> None:
    assert {number: LABELS[index] for number, index in labels_of(names).items()} == labels


def test_a_card_names_each_class_once_in_our_order() -> None:
    assert words(labels_of(COCO | {26: "handbag"}).values()) == (
        "person", "bicycle", "motorcycle", "car", "bus", "dog", "bag",
    )  # fmt: skip
