from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
import supervision as sv

from edge.sight.regions import Region
from edge.sight.track import KEEP_S, SEARCH_S, SURE, Kind, Tracker
from tests.support.samples import NOON

FPS = 5.0
WIDTH, HEIGHT = 768, 576
EVERYWHERE = [Region(0, 0, WIDTH, HEIGHT)]


def people(*lefts: float) -> sv.Detections:
    """Persons of 40 x 100 pixels at these columns."""
    count = len(lefts)
    return sv.Detections(
        xyxy=np.array([(left, 200, left + 40, 300) for left in lefts], np.float32).reshape(-1, 4),
        confidence=np.full(count, 0.9, np.float32),
        class_id=np.zeros(count, np.int64),
    )


def follow(tracker: Tracker, seconds: float, detections: sv.Detections) -> list[UUID]:
    seen = tracker.update(detections, EVERYWHERE, WIDTH, HEIGHT, NOON + timedelta(seconds=seconds))
    return [sighting.track for sighting in seen]


def standing(tracker: Tracker, start_s: float, frames: int = 5) -> UUID:
    """The one track of somebody who stands still."""
    ids = [follow(tracker, start_s + index / FPS, people(300)) for index in range(frames)]
    found = {track for frame in ids for track in frame}
    assert len(found) == 1
    assert ids[-1]
    return found.pop()


def test_somebody_is_a_track_from_the_second_frame_on() -> None:
    tracker = Tracker(FPS)
    assert follow(tracker, 0, people(300)) == []
    assert len(follow(tracker, 0.2, people(302))) == 1


def test_a_walking_person_keeps_the_id_and_two_have_two() -> None:
    tracker = Tracker(FPS)
    frames = [follow(tracker, index / FPS, people(100 + 8 * index, 600 - 8 * index)) for index in range(20)]
    assert len({track for frame in frames for track in frame}) == 2
    assert all(len(set(frame)) == 2 for frame in frames[1:])


@pytest.mark.parametrize("gap_s", [0.4, 1.0, KEEP_S - 0.4])
def test_a_track_keeps_its_id_across_a_gap(gap_s: float) -> None:
    tracker = Tracker(FPS)
    before = standing(tracker, 0)
    for index in range(1, round(gap_s * FPS)):
        assert follow(tracker, 0.8 + index / FPS, people()) == []
    assert standing(tracker, 0.8 + gap_s) == before


@pytest.mark.parametrize("seen_between", [True, False], ids=["frames without anybody", "no frames at all"])
def test_after_a_longer_gap_it_is_a_new_track(seen_between: bool) -> None:
    tracker = Tracker(FPS)
    before = standing(tracker, 0)
    if seen_between:
        for index in range(1, round((KEEP_S + 2) * FPS)):
            follow(tracker, 0.8 + index / FPS, people())
    assert standing(tracker, 0.8 + KEEP_S + 2) != before


def test_two_trackers_never_give_the_same_id() -> None:
    assert standing(Tracker(FPS), 0) != standing(Tracker(FPS), 0)


@pytest.mark.parametrize("step_s", [-0.1, -5.0, -86_400.0])
def test_a_clock_that_is_set_back_does_not_blind_the_tracker(step_s: float) -> None:
    tracker = Tracker(FPS)
    before = standing(tracker, 0)
    assert follow(tracker, 0.8 + step_s, people(300)) == [before]
    assert standing(tracker, 1.0 + step_s) == before


def test_boxes_leave_normalised_and_clipped() -> None:
    tracker = Tracker(FPS)
    tracker.update(people(-20), EVERYWHERE, WIDTH, HEIGHT, NOON)
    (sighting,) = tracker.update(people(-20), EVERYWHERE, WIDTH, HEIGHT, NOON + timedelta(seconds=0.2))
    assert sighting.label == "person"
    assert sighting.box == pytest.approx((0.0, 200 / 576, 20 / 768, 300 / 576), abs=0.01)
    assert sighting.confidence == pytest.approx(0.9)


@pytest.mark.parametrize("kind", ["bytetrack", "ocsort"])
@pytest.mark.parametrize("fps", [2.0, 5.0, 10.0])
def test_a_walking_person_keeps_the_id_at_any_rate_with_either_tracker(kind: Kind, fps: float) -> None:
    tracker, speed = Tracker(fps, kind), 80  # pixels a second: 1.4 metres for somebody of 100 pixels
    frames = []
    for index in range(round(8 * fps)):
        at = NOON + timedelta(seconds=index / fps)
        frames.append(tracker.update(people(50 + speed * index / fps), EVERYWHERE, WIDTH, HEIGHT, at))
    assert len({seen.track for frame in frames for seen in frame}) == 1
    assert all(len(frame) == 1 for frame in frames[3:])


def test_where_a_walking_person_is_looked_for_next_runs_ahead() -> None:
    tracker = Tracker(FPS)
    for index in range(10):
        follow(tracker, index / FPS, people(100 + 16 * index))
    (expected,) = tracker.expected(NOON + timedelta(seconds=10 / FPS))
    assert expected.x1 * WIDTH == pytest.approx(100 + 16 * 10, abs=4)
    assert expected.y1 * HEIGHT == pytest.approx(200, abs=2)


def test_what_was_seen_once_is_looked_for_again_and_what_is_unlikely_is_not() -> None:
    tracker = Tracker(FPS)
    follow(tracker, 0, people(300))
    (expected,) = tracker.expected(NOON + timedelta(seconds=0.2))
    assert expected.x1 * WIDTH == pytest.approx(300)
    unlikely = people(300)
    assert unlikely.confidence is not None
    unlikely.confidence[:] = SURE - 0.1
    other = Tracker(FPS)
    follow(other, 0, unlikely)
    assert other.expected(NOON + timedelta(seconds=0.2)) == ()


def test_a_track_that_is_not_found_is_looked_for_a_while_only() -> None:
    tracker = Tracker(FPS)
    standing(tracker, 0)
    lost = [0.8 + index / FPS for index in range(1, round((SEARCH_S + 0.4) * FPS))]
    looked_for = []
    for seconds in lost:
        follow(tracker, seconds, people())
        looked_for.append(len(tracker.expected(NOON + timedelta(seconds=seconds))))
    assert looked_for[0] == 1
    assert looked_for[-1] == 0


def test_a_track_that_nobody_looked_at_is_still_there_for_a_moment_and_one_that_was_missed_is_not() -> None:
    tracker = Tracker(FPS)
    standing(tracker, 0)
    elsewhere = [Region(0, 0, 100, 100)]
    seen = [
        tracker.update(people(), elsewhere, WIDTH, HEIGHT, NOON + timedelta(seconds=0.8 + index / FPS))
        for index in range(1, 6)
    ]
    assert [len(frame) for frame in seen[:2]] == [1, 1]
    assert seen[0][0].box == pytest.approx((300 / WIDTH, 200 / HEIGHT, 340 / WIDTH, 300 / HEIGHT), abs=0.01)
    assert [len(frame) for frame in seen[3:]] == [0, 0]


def test_what_the_library_gave_up_is_forgotten_and_the_living_keep_their_ids() -> None:
    tracker = Tracker(FPS)
    resident = standing(tracker, 0)
    for visit in range(60):
        for index in range(2):
            follow(tracker, 1 + (2 * visit + index) / FPS, people(300, 10 + visit % 5 * 50))
    assert resident in follow(tracker, 1 + 120 / FPS, people(300))
    assert len(tracker._courses) < 10
