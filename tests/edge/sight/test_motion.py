from __future__ import annotations

import numpy as np
import pytest

from edge.sight.motion import walking


def walked(fps: float, size: float, seconds: float = 4.0) -> float:
    """How far the prediction for the next frame is off, in heights, for somebody of `size` pixels who walks evenly."""
    estimator = None
    for index in range(round(seconds * fps) + 1):
        left = size * 0.8 * index / fps
        box = np.array([left, 0, left + 0.4 * size, size])
        if estimator is None:
            estimator = walking(fps)(box)
            # as the library does with every estimator
            estimator.set_kf_covariances(
                measurement_noise=estimator.kf.measurement_noise * 0.1,
                process_noise=estimator.kf.process_noise * 0.01,
            )
            continue
        estimator.predict()
        off = abs(float(estimator.state_to_bbox()[0]) - left) / size
        estimator.update(box)
    return off


@pytest.mark.parametrize("fps", [2.0, 5.0, 10.0, 25.0])
@pytest.mark.parametrize("size", [30, 100, 800])
def test_an_even_walk_is_predicted_at_any_rate_and_size(fps: float, size: float) -> None:
    assert walked(fps, size) < 0.02


def test_size_and_resolution_make_no_difference() -> None:
    assert walked(5, 50, 0.8) == pytest.approx(walked(5, 500, 0.8), abs=1e-6)
