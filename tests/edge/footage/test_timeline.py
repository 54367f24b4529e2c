from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.packets import VideoPacket
from edge.footage.timeline import Timeline
from tests.support.samples import NOON

MS = Fraction(1, 1000)


def place(*packets: tuple[int | None, int | None, float]) -> list[tuple[float, float]]:
    """(pts, dts, arrival in seconds) in, (shown, decoded) in seconds out; the camera counts milliseconds."""
    timeline = Timeline()
    placed = []
    for pts, dts, arrival in packets:
        at = NOON + timedelta(seconds=arrival)
        shown, decoded = timeline.place(VideoPacket(b"", pts, dts, True, at), MS)
        placed.append((shown / 90_000, decoded / 90_000))
    return placed


def shown(*packets: tuple[int | None, float]) -> list[float]:
    return [round(time, 2) for time, _ in place(*((pts, pts, arrival) for pts, arrival in packets))]


def test_the_cameras_own_steps_are_kept_while_arrivals_tremble() -> None:
    assert shown((5000, 0), (5100, 0.17), (5200, 0.18), (5300, 0.33)) == [0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        ([None, None, None, None], [0, 0.1, 0.2, 0.3]),
        ([100, 100, 100, 100], [0, 0.1, 0.2, 0.3]),
        ([100, 200, 10_000_000, 10_000_100], [0, 0.1, 0.2, 0.3]),
        ([10_000_000, 10_000_100, 0, 100], [0, 0.1, 0.2, 0.3]),
        ([100, None, 300, 400], [0, 0.1, 0.2, 0.3]),
        ([100, 90, 80, 70], [0, 0.1, 0.2, 0.3]),
    ],
    ids=["absent", "repeat", "jump ahead", "begin again", "one lacks", "backwards"],
)
def test_where_they_cannot_be_true_the_arrival_counts(stamps: list[int | None], times: list[float]) -> None:
    assert shown(*((stamp, index / 10) for index, stamp in enumerate(stamps))) == times


def test_a_camera_whose_clock_runs_at_a_wrong_speed_is_held_to_what_really_passed() -> None:
    for speed in (0.2, 0.9, 1.2, 3.0):
        times = [time for time, _ in place(*((int(n * 100 * speed),) * 2 + (n / 10,) for n in range(600)))]
        assert times[-1] == pytest.approx(59.9, abs=1.2)


def test_a_pause_of_the_camera_is_a_pause_of_the_film() -> None:
    assert shown((0, 0), (100, 0.1), (0, 30.1), (100, 30.2)) == [0, 0.1, 30.1, 30.2]


def test_a_clock_of_the_box_that_is_set_back_stops_nothing() -> None:
    assert shown((0, 100), (100, 100.1), (200, 40.0), (300, 40.1), (400, 40.2)) == [0, 0.1, 0.2, 0.3, 0.4]


def test_pictures_that_are_decoded_before_others_keep_their_order() -> None:
    placed = place((100, 0, 0.0), (400, 100, 0.1), (200, 200, 0.2), (300, 300, 0.3), (500, 400, 0.4))
    assert [time for time, _ in placed] == pytest.approx([0.1, 0.4, 0.2, 0.3, 0.5])
    assert [time for _, time in placed] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


stamp = st.one_of(st.none(), st.integers(-(2**40), 2**40))


@given(st.lists(st.tuples(stamp, stamp, st.floats(-1e6, 1e6)), min_size=2, max_size=60))
def test_whatever_a_camera_says_times_rise_and_nothing_is_shown_before_it_is_decoded(
    packets: list[tuple[int | None, int | None, float]],
) -> None:
    placed = place(*packets)
    assert all(later > earlier for (_, earlier), (_, later) in pairwise(placed))
    assert all(shown_at >= decoded_at for shown_at, decoded_at in placed)
