"""How people move and how well a detector measures them: the Kalman filter that the tracking library predicts with.

The library's own noise is a number of pixels a frame, so that it follows worse the fewer frames and the more pixels
there are. Here it is told in heights of the tracked box and in seconds, the same for every camera.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from trackers.utils.state_representations import XCYCWHStateEstimator

MEASURED: Final = 0.04
"""How far a detector's box is off, as a share of the box's height: 3 pixels for a person of 80."""

SIZED: Final = 0.06
"""The same for its width and height."""

TURNS: Final = 1.2
"""How fast a walk changes, in heights a second, each second: who walks stops within one to two steps."""

STARTS: Final = 0.8
"""How fast somebody may walk who is new, in heights a second: 1.4 metres."""

GROWS: Final = 0.15
"""How much a box changes its size within a second, by gait, turning and distance, as a share of its height."""

LEAST_PX: Final = 8.0
"""Smaller boxes are as uncertain as one of this height."""

_LIBRARY_MEASUREMENT, _LIBRARY_PROCESS = 0.1, 0.01
"""What ByteTrack's tracks multiply an estimator's noise with."""


def walking(fps: float) -> type[XCYCWHStateEstimator]:
    """The estimator for a camera of `fps` analysed frames a second. The library makes one for each track."""
    step = 1.0 / fps

    class Walking(XCYCWHStateEstimator):
        """State: middle x and y, width, height, and how each changes within a frame."""

        def __init__(self, bbox: NDArray[np.float64]) -> None:
            super().__init__(bbox)
            height = max(LEAST_PX, float(bbox[3] - bbox[1]))
            self.set_kf_covariances(
                measurement_noise=_measurement(height) / _LIBRARY_MEASUREMENT,
                process_noise=_process(height, step) / _LIBRARY_PROCESS,
                state_covariance=_beginning(height, step),
            )

    return Walking


def _measurement(height: float) -> NDArray[np.float64]:
    return np.diag([(MEASURED * height) ** 2] * 2 + [(SIZED * height) ** 2] * 2)


def _process(height: float, step: float) -> NDArray[np.float64]:
    """What a frame of `step` seconds adds: white acceleration of the middle, a random walk of the size."""
    turn = (TURNS * height * step**2) ** 2
    noise = np.diag([turn / 4] * 2 + [(GROWS * height) ** 2 * step] * 2 + [turn] * 2 + [1e-6] * 2)
    for middle, speed in ((0, 4), (1, 5)):
        noise[middle, speed] = noise[speed, middle] = turn / 2
    return noise


def _beginning(height: float, step: float) -> NDArray[np.float64]:
    return np.diag(
        [(MEASURED * height) ** 2] * 2 + [(SIZED * height) ** 2] * 2 + [(STARTS * height * step) ** 2] * 2 + [1e-6] * 2
    )
