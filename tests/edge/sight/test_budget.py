from __future__ import annotations

import pytest

from edge.sight.budget import GONE_S, Budget


def served(
    budget: Budget, wants: dict[int, float], seconds: float, fps: float = 10, start: float = 0
) -> dict[int, float]:
    """Inputs a second that each camera got which wants so many a frame."""
    got = dict.fromkeys(wants, 0.0)
    for frame in range(round(seconds * fps)):
        for camera, wanted in wants.items():
            got[camera] += budget.grant(camera, wanted, start + frame / fps)
    return {camera: total / seconds for camera, total in got.items()}


def test_without_a_bound_everybody_gets_everything() -> None:
    assert Budget(None).grant(1, 123.0, 0.0) == 123.0


def test_all_together_never_get_more_than_the_bound() -> None:
    budget = Budget(20)
    served(budget, {1: 5, 2: 1, 3: 0.1}, 10)
    assert sum(served(budget, {1: 5, 2: 1, 3: 0.1}, 30, start=10).values()) <= 20.1


def test_cameras_that_all_want_too_much_get_the_same() -> None:
    budget = Budget(20)
    served(budget, {1: 9, 2: 3, 3: 5, 4: 2}, 10)
    assert served(budget, {1: 9, 2: 3, 3: 5, 4: 2}, 30, start=10) == pytest.approx(
        dict.fromkeys((1, 2, 3, 4), 5), rel=0.1
    )


def test_a_quiet_camera_gets_all_it_wants_and_leaves_the_rest_to_a_crowded_one() -> None:
    budget = Budget(20)
    served(budget, {1: 5, 2: 0.2}, 10)
    got = served(budget, {1: 5, 2: 0.2}, 30, start=10)
    assert got[2] == pytest.approx(2, rel=0.02)
    assert got[1] == pytest.approx(18, rel=0.05)


def test_a_camera_that_failed_has_no_share() -> None:
    budget = Budget(20)
    served(budget, {1: 5, 2: 5}, 10)
    served(budget, {1: 5}, GONE_S + 1, start=10)
    assert served(budget, {1: 5}, 10, start=10 + GONE_S + 1)[1] == pytest.approx(20, rel=0.1)


def test_a_camera_that_comes_later_is_served_at_once() -> None:
    budget = Budget(20)
    served(budget, {1: 5}, 10)
    assert budget.grant(2, 3, 10.0) == 3
