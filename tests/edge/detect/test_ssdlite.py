from __future__ import annotations

from itertools import islice

import av
import numpy as np
import pytest

from demo.film import STREET
from edge.config import SsdliteSettings
from edge.detect import LABELS, Picture
from edge.detect.factory import load
from edge.detect.ssdlite import SsdliteDetector
from edge.merge import merge
from edge.regions import grid


@pytest.fixture(scope="module")
def detector() -> SsdliteDetector:
    detector = load(SsdliteSettings(threads=2))
    assert isinstance(detector, SsdliteDetector)
    return detector


@pytest.fixture(scope="module")
def street() -> list[Picture]:
    """Three frames of the film, eight seconds apart; seven people or more are on each."""
    with av.open(str(STREET)) as film:
        frames = list(islice(film.decode(video=0), 80, 241, 80))
    return [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in frames]


def test_most_people_of_the_street_are_found_in_crops(detector: SsdliteDetector, street: list[Picture]) -> None:
    for picture in street:
        regions = grid(768, 576, 240)
        crops = [picture[region.y : region.y + 240, region.x : region.x + 240] for region in regions]
        found = merge(list(zip(regions, detector.detect(crops), strict=True)), 768, 576)
        assert 6 <= len(found) <= 12


def test_results_come_in_the_order_of_the_pictures_whatever_their_size(
    detector: SsdliteDetector, street: list[Picture]
) -> None:
    pictures = [street[0][100:400, 300:700], street[1], street[2][200:440, 100:340], street[0][0:240, 500:740]] * 2
    batch = detector.detect(pictures)
    for picture, found in zip(pictures, batch, strict=True):
        (alone,) = detector.detect([picture])
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=0.01)
    assert len({len(found.boxes) for found in batch}) > 1


def test_what_is_found_is_well_formed(detector: SsdliteDetector, street: list[Picture]) -> None:
    (found,) = detector.detect([street[0][100:400, 300:700]])
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


def test_no_pictures_give_no_results(detector: SsdliteDetector) -> None:
    assert detector.detect([]) == []
