"""What the real pipeline makes of the beginning of the sample film, once for all scene tests."""

from __future__ import annotations

from itertools import islice

import av
import pytest

from demo.film import STREET
from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings
from edge.detect.ssdlite import SsdliteDetector
from edge.sight.sight import Eye, Sight
from tests.edge.rules.frames import at
from tests.edge.rules.street import EVERY, SECONDS, Street


@pytest.fixture(scope="session")
def street(ssdlite: SsdliteDetector) -> Street:
    """The tracks of the film's first seconds, as a box with the default detector has them."""
    settings = AnalysisSettings(fps=10 / EVERY)
    sight, eye = Sight(settings, ssdlite), Eye(settings.fps)
    frames = []
    with av.open(str(STREET)) as film:
        for picture in islice(film.decode(video=0), 0, SECONDS * 10, EVERY):
            moment = at(float(picture.time or 0))
            frames.append((moment, sight.see([sight.glance(eye, CapturedFrame(picture, moment))])[0]))
    return Street(tuple(frames))
