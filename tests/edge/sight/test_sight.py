from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from contracts.model import ModelCard
from demo.film import STREET
from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings
from edge.detect import NOTHING, Detections, Picture
from edge.detect.ssdlite import SsdliteDetector
from edge.rules.presence import Sighting
from edge.sight.sight import Eye, Sight
from tests.support.samples import NOON


class Counting:
    """A detector that sees nobody and counts what it is given."""

    name = "counting"
    batch = 2
    inputs = ((300, 300),)
    card = ModelCard(name=name, digest="0" * 64, licence="Apache-2.0", source="this test", classes=("person",))

    def __init__(self) -> None:
        self.taken = 0

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        assert all(picture.shape == (300, 300, 3) for picture in pictures)
        self.taken += len(pictures)
        return [NOTHING] * len(pictures)


def film(first: int, count: int, every: int = 2) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(STREET)) as container:
        for frame in islice(container.decode(video=0), first, first + count * every, every):
            yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)


def captured(picture: NDArray[np.uint8], seconds: float) -> CapturedFrame:
    return CapturedFrame(VideoFrame.from_ndarray(picture, format="bgr24"), NOON + timedelta(seconds=seconds))


def look(sight: Sight, eye: Eye, pictures: Sequence[NDArray[np.uint8]], fps: float) -> list[tuple[Sighting, ...]]:
    return [sight.see([sight.glance(eye, captured(picture, index / fps))])[0] for index, picture in enumerate(pictures)]


def test_a_walking_crowd_that_was_there_from_the_first_frame_is_seen_within_two_seconds(
    ssdlite: SsdliteDetector,
) -> None:
    few = list(film(80, 11))
    crowded = [np.tile(picture, (2, 2, 1)) for picture in few]  # 1536 x 1152, four times the same people
    alone, together = (
        len(look(Sight(AnalysisSettings(fps=5), ssdlite), Eye(5), pictures, 5)[-1]) for pictures in (few, crowded)
    )
    assert alone >= 4
    assert together >= 0.8 * 4 * alone


def test_a_crowd_that_never_moves_is_seen_within_four_seconds(ssdlite: SsdliteDetector) -> None:
    noise = np.random.default_rng(1)
    ground = np.tile(next(film(80, 1)), (2, 2, 1)).astype(np.int16)
    still = [np.clip(ground + noise.integers(-3, 4, ground.shape), 0, 255).astype(np.uint8) for _ in range(20)]
    sight, eye = Sight(AnalysisSettings(fps=5), ssdlite), Eye(5)
    assert len(look(sight, eye, still, 5)[-1]) >= 4 * 4


def test_cameras_share_inputs_and_each_gets_its_own_people(ssdlite: SsdliteDetector) -> None:
    settings = AnalysisSettings(fps=5)
    films = [list(film(first, 10)) for first in (80, 240)]
    alone = [look(Sight(settings, ssdlite), Eye(5), pictures, 5)[-1] for pictures in films]
    sight, eyes = Sight(settings, ssdlite), [Eye(5), Eye(5)]
    for index, pictures in enumerate(zip(*films, strict=True)):
        together = sight.see(
            [sight.glance(eye, captured(picture, index / 5)) for eye, picture in zip(eyes, pictures, strict=True)]
        )
    for seen, expected in zip(together, alone, strict=True):
        assert abs(len(seen) - len(expected)) <= 1
        places = np.array([sighting.box for sighting in seen])
        for sighting in expected:
            assert np.abs(places - np.array(sighting.box)).max(axis=1).min() < 0.05


def test_the_budget_bounds_what_the_detector_gets_and_what_was_skipped_is_counted() -> None:
    clock = [0.0]
    settings = AnalysisSettings.model_validate({"fps": 10, "inputs_per_s": 4})
    detector = Counting()
    sight, eyes = Sight(settings, detector, lambda: clock[0]), [Eye(10), Eye(10)]
    pictures = list(film(80, 40, every=1))
    for index, picture in enumerate(pictures):
        clock[0] = index / 10
        sight.see([sight.glance(eye, captured(picture, clock[0])) for eye in eyes])
    assert 4 * 4 * 0.6 <= detector.taken <= 4 * 4 + 8  # of 4 seconds, and what was saved up before
    assert all(eye.skipped > 0 for eye in eyes)


def test_a_batch_that_is_begun_before_another_has_ended_shows_the_same_people(ssdlite: SsdliteDetector) -> None:
    films = [list(film(first, 6)) for first in (80, 240)]
    one_by_one, at_once = ((Sight(AnalysisSettings(fps=5), ssdlite), [Eye(5), Eye(5)]) for _ in range(2))
    for index, pictures in enumerate(zip(*films, strict=True)):
        frames = [captured(picture, index / 5) for picture in pictures]
        sight, eyes = one_by_one
        expected = [sight.see([sight.glance(eye, frame)])[0] for eye, frame in zip(eyes, frames, strict=True)]
        sight, eyes = at_once
        begun = [sight.begin([sight.glance(eye, frame)]) for eye, frame in zip(eyes, frames, strict=True)]
        found = [sight.end(looking)[0] for looking in begun]
    assert all(len(people) >= 3 for people in expected)
    assert [[one.box for one in people] for people in found] == [[one.box for one in people] for people in expected]


def test_the_caller_goes_on_while_the_detector_is_at_work_and_hears_of_its_failure() -> None:
    class Waiting(Counting):
        def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
            assert go_on.wait(10)
            raise RuntimeError("out of memory")

    go_on = threading.Event()
    sight = Sight(AnalysisSettings(fps=5), Waiting())
    looking = sight.begin([sight.glance(Eye(5), captured(next(film(80, 1)), 0))])
    go_on.set()
    with pytest.raises(RuntimeError, match="out of memory"):
        sight.end(looking)
