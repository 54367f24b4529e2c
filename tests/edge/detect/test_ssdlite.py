from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import av
import cv2
import numpy as np
import pytest
import supervision as sv

from demo.film import STREET
from edge.detect import LABELS, Picture
from edge.detect.ssdlite import INPUTS, SsdliteDetector
from edge.sight.merge import merge
from edge.sight.regions import grid


@pytest.fixture(scope="module")
def street() -> list[Picture]:
    """Three frames of the film, eight seconds apart; seven people or more are on each."""
    with av.open(str(STREET)) as film:
        frames = list(islice(film.decode(video=0), 80, 241, 80))
    return [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in frames]


def test_most_people_of_the_street_are_found_in_crops(ssdlite: SsdliteDetector, street: list[Picture]) -> None:
    for picture in street:
        regions = [replace(region, scale=1.25) for region in grid(768, 576, 240)]
        cut = [picture[at.y : at.y + 240, at.x : at.x + 240] for at in regions]
        crops = [cv2.resize(crop, at.size).astype(np.uint8) for crop, at in zip(cut, regions, strict=True)]
        found = merge(list(zip(regions, ssdlite.detect(crops), strict=True)), 768, 576)
        assert 6 <= len(found) <= 12


def test_results_come_in_the_order_of_the_pictures_whatever_their_size(
    ssdlite: SsdliteDetector, street: list[Picture]
) -> None:
    pictures = [street[0][100:400, 300:700], street[1], street[2][200:440, 100:340], street[0][0:240, 500:740]] * 2
    batch = ssdlite.detect(pictures)
    for picture, found in zip(pictures, batch, strict=True):
        (alone,) = ssdlite.detect([picture])
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=0.01)
    assert len({len(found.boxes) for found in batch}) > 1


def test_what_is_found_is_well_formed(ssdlite: SsdliteDetector, street: list[Picture]) -> None:
    (found,) = ssdlite.detect([street[0][100:400, 300:700]])
    count = len(found.boxes)
    assert count > 0
    assert (found.boxes.shape, found.scores.shape, found.labels.shape) == ((count, 4), (count,), (count,))
    assert [str(part.dtype) for part in (found.boxes, found.scores, found.labels)] == ["float32", "float32", "int64"]
    assert {LABELS[label] for label in found.labels} == {"person"}
    assert found.scores.min() >= 0.25
    assert found.scores.max() <= 1
    assert (found.boxes[:, :2] < found.boxes[:, 2:]).all()
    assert found.boxes.min() > -20
    assert found.boxes[:, 2].max() < 420
    assert found.boxes[:, 3].max() < 320


@pytest.mark.parametrize("size", INPUTS[:-1], ids=str)
def test_a_smaller_input_shows_the_same_people_as_the_square_that_holds_them(
    ssdlite: SsdliteDetector, street: list[Picture], size: tuple[int, int]
) -> None:
    (wide, high), (left, top) = size, (300, 128)
    whole, strip = street[0][98:402, left : left + 304], street[0][top : top + high, left : left + wide]
    (of_square, of_strip) = ssdlite.detect([whole, strip])
    sure = of_square.boxes[of_square.scores > 0.8] - np.array([0, 30, 0, 30], np.float32)
    sure = sure[(sure[:, 2] < wide) & (sure[:, 3] < high)]
    assert len(sure) >= 1 + (wide > 200)
    overlap = sv.box_iou_batch(sure, of_strip.boxes)
    assert overlap.max(axis=1).min() > 0.75


def test_two_threads_may_ask_at_once(ssdlite: SsdliteDetector, street: list[Picture]) -> None:
    batches = [[street[0][100:400, 300:600], street[1][128:276, 300:556]], [street[2][100:400, 100:400]] * 3] * 4
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(ssdlite.detect, batches))
    for batch, found in zip(batches, together, strict=True):
        for one, alone in zip(found, ssdlite.detect(batch), strict=True):
            np.testing.assert_allclose(one.boxes, alone.boxes, atol=0.01)


def test_no_pictures_give_no_results(ssdlite: SsdliteDetector) -> None:
    assert ssdlite.detect([]) == []
