"""How many such cameras this box carries, from what decoding and detecting cost it: both are measured on this box.

    cameras = cores x USABLE / ((decode + fps x look) x OVERHEAD)

`decode` is what the box's own cameras cost, CPU seconds for a second of video; `look` what the detector takes for
LOOK_PIXELS. That and OVERHEAD are of streets that are never empty, from `make bench-edge` (README: a camera costs 0.24
of a core, 1.13 times what decoding and detecting alone do): a quiet place carries more.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from contracts.report import Finding
from edge.config import EdgeSettings
from edge.detect import Detector, DetectorError
from edge.doctor.cameras.measure import Stream
from edge.doctor.checks import bad, ok, warn
from edge.doctor.machine import cores_of

USABLE: Final = 0.8
"""The rest is for bursts, recording and the system."""

OVERHEAD: Final = 1.13
"""What a camera really costs, against decoding and inference alone."""

LOOK_PIXELS: Final = 110_000
"""What the detector is given for one look, in all its inputs together: (0.24 / 1.13 - 0.020) / 5 CPU seconds a look, of
which an input of 128 x 148 takes 0.0067.
"""

DECODE: Final = 0.06
"""CPU seconds for a second of 1280x720 at 10 pictures a second, where no camera could be measured."""

RUNS_S: Final = 1.5
MOST_RUNS: Final = 40


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU seconds that one input costs, how long it takes, and how many pixels it has."""

    cpu_s: float
    wall_s: float
    pixels: int

    @property
    def look_s(self) -> float:
        """CPU seconds for one look at a busy street."""
        return self.cpu_s * LOOK_PIXELS / self.pixels


def look_at_capacity(settings: EdgeSettings, measured: Collection[Stream]) -> Iterator[Finding]:
    """Load the detector that the settings name, have it work, and reckon."""
    from edge.detect.factory import load  # OpenVINO is slow to import

    try:
        detector = load(settings.detector)
        speed = run_detector(detector)
    except DetectorError as error:
        yield bad("detector_failed", reason=str(error)[:200])
        return
    yield ok("detector_good", name=detector.name[:80], ms=round(1000 * speed.wall_s, 1))
    decodes = [stream.decode for stream in measured if stream.decode > 0]
    most = cameras_carried(
        cores_of(), statistics.median(decodes) if decodes else DECODE, settings.analysis.fps, speed.look_s
    )
    count = len(settings.cameras)
    fits = count <= most
    yield (ok if fits else warn)("capacity_good" if fits else "capacity_tight", most=most, cameras=count)


def cameras_carried(cores: int, decode_s: float, fps: float, look_s: float) -> int:
    """The formula above."""
    return math.floor(cores * USABLE / ((decode_s + fps * look_s) * OVERHEAD))


def run_detector(detector: Detector, runs_s: float = RUNS_S) -> Speed:
    """Have it look at noise of its smallest size, which costs it the same as a street."""
    width, height = detector.inputs[0]
    picture = np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)
    batch = [picture] * detector.batch
    detector.detect(batch)  # the first is slower
    began, spent, runs = time.monotonic(), time.process_time(), 0
    while runs < MOST_RUNS and time.monotonic() - began < runs_s:
        detector.detect(batch)
        runs += 1
    inputs = runs * len(batch)
    return Speed((time.process_time() - spent) / inputs, (time.monotonic() - began) / inputs, width * height)
