from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from edge.capture.decode import BEHIND_S, LONGEST_QUIET_GAP_S, Economy, Effort, Pace, decide, decoded

FULL = Economy(period_s=0.2)
SPARING = Economy(period_s=0.2, quiet_keyframes=True)


def watch(
    economy: Economy,
    *,
    fps: float = 25.0,
    gop: int = 50,
    seconds: float = 20.0,
    cost_s: Callable[[float], float] = lambda at: 0.002,
    quiet: Callable[[float], bool] = lambda at: False,
    references: int = 1,
    alone_works: bool = True,
) -> Iterator[tuple[float, bool, Effort]]:
    """What becomes of a camera's packets, of which every one in `references` is referred to.

    One thread reads and decodes, so a packet is read when the one before it is decoded.
    """
    pace, free_at = Pace(), 0.0
    for number in range(int(seconds * fps)):
        at = max(number / fps, free_at)
        keyframe = number % gop == 0
        pace, effort = decide(economy, pace, keyframe=keyframe, at=at, quiet=quiet(at))
        skipped = effort is Effort.NOTHING or (effort is Effort.REFERENCES and number % references)
        took = 0.0 if skipped else cost_s(at)
        pictures = 0 if skipped or (effort is Effort.ALONE and not alone_works) else 1
        if effort is not Effort.NOTHING:
            pace = decoded(pace, effort, pictures=pictures, took_s=took, at=at)
        free_at = at + took
        yield at - number / fps, keyframe, effort


def test_a_camera_that_is_easy_to_decode_has_every_reference_decoded() -> None:
    efforts = {effort for _, _, effort in watch(FULL)}
    assert efforts == {Effort.EVERYTHING, Effort.REFERENCES}


def test_a_picture_nobody_refers_to_is_left_out_only_while_a_fresh_one_is_at_hand() -> None:
    pace = Pace(picture_at=10.0)
    fresh = decide(FULL, pace, keyframe=False, at=10.04, quiet=False)[1]
    stale = decide(FULL, pace, keyframe=False, at=10.11, quiet=False)[1]
    assert (fresh, stale) == (Effort.REFERENCES, Effort.EVERYTHING)


def test_a_camera_slower_than_analysis_has_everything_decoded() -> None:
    assert {effort for _, _, effort in watch(Economy(period_s=1.0), fps=1.0)} == {Effort.EVERYTHING}


def test_while_quiet_only_key_frames_are_decoded_if_the_settings_say_so() -> None:
    for economy, expected in (
        (SPARING, {Effort.ALONE, Effort.NOTHING}),
        (FULL, {Effort.EVERYTHING, Effort.REFERENCES}),
    ):
        efforts = [effort for _, _, effort in watch(economy, quiet=lambda at: True)]
        assert set(efforts[100:]) == expected


def test_what_stirs_is_decoded_again_from_the_next_key_frame_on() -> None:
    seen = list(watch(SPARING, quiet=lambda at: at < 9.0, seconds=14, gop=50))
    told = [effort for _, _, effort in seen]
    assert set(told[100:225]) == {Effort.ALONE, Effort.NOTHING}
    assert set(told[225:250]) == {Effort.NOTHING}  # their references are gone
    assert told[250] is Effort.EVERYTHING
    assert Effort.NOTHING not in told[250:]


def test_nothing_is_decoded_after_a_gap_before_the_next_key_frame() -> None:
    chain = True
    for _, keyframe, effort in watch(SPARING, quiet=lambda at: int(at) % 3 == 0, seconds=30, gop=25):
        chain = effort is not Effort.ALONE if keyframe else chain and effort is not Effort.NOTHING
        assert chain or effort in (Effort.NOTHING, Effort.ALONE)


def test_a_camera_with_rare_key_frames_is_decoded_in_full_though_quiet() -> None:
    gop = int(25 * (LONGEST_QUIET_GAP_S + 1))
    assert Effort.NOTHING not in {effort for _, _, effort in watch(SPARING, quiet=lambda at: True, gop=gop)}


def test_a_camera_whose_key_frames_give_no_picture_alone_is_decoded_in_full() -> None:
    told = [effort for _, _, effort in watch(SPARING, quiet=lambda at: True, alone_works=False)]
    assert told.count(Effort.ALONE) == 1
    assert set(told[-200:]) == {Effort.EVERYTHING, Effort.REFERENCES}


@pytest.mark.parametrize("cost_s", [0.041, 0.08, 0.3])
def test_a_camera_too_heavy_for_the_box_never_falls_far_behind(cost_s: float) -> None:
    late = [late for late, _, _ in watch(FULL, seconds=60, cost_s=lambda at: cost_s)]
    assert max(late) < BEHIND_S + 2.5
    assert max(late[len(late) // 2 :]) < cost_s + 0.1


def test_a_camera_that_was_too_heavy_for_a_while_is_decoded_in_full_again() -> None:
    told = [effort for _, _, effort in watch(FULL, seconds=60, cost_s=lambda at: 0.08 if at < 10 else 0.002)]
    assert Effort.NOTHING in told
    assert Effort.NOTHING not in told[-500:]


def test_a_burst_that_the_network_held_back_is_not_too_much() -> None:
    pace, told = Pace(), []
    arrivals = [number / 25 for number in range(50)] + [5.0 + number / 1000 for number in range(75)]
    arrivals += [5.1 + number / 25 for number in range(100)]
    assert all(before <= after for before, after in pairwise(arrivals))
    for number, at in enumerate(arrivals):
        pace, effort = decide(FULL, pace, keyframe=number % 50 == 0, at=at, quiet=False)
        told.append(effort)
        pace = decoded(pace, effort, pictures=1, took_s=0.005, at=at)
    assert Effort.NOTHING not in told
