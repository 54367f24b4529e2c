"""The sample film as rules see it: recorded tracks, and the zones and lines that the scene tests draw on its street."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import av
import numpy as np

from contracts.inventory import Polygon
from demo.film import STREET
from edge.config import CameraSettings
from edge.detect import Picture
from edge.lookout import Lookout
from edge.rules.calendar import Calendar
from edge.rules.command import Command
from edge.rules.presence import Sighting
from tests.edge.rules.frames import short

EVERY: Final = 2
SECONDS: Final = 16
"""The film has ten pictures a second; every second one of so many seconds is analysed."""

ROAD: Final = [[0, 0.33], [0.56, 0.34], [0.8, 0.21], [0.95, 0.3], [1, 0.85], [0.84, 0.78], [0.45, 0.56], [0, 0.46]]
JUNCTION: Final = [[0.62, 0.34], [0.84, 0.24], [0.95, 0.44], [1, 0.5], [1, 0.85], [0.86, 0.76], [0.6, 0.6]]
LAWN: Polygon = ((0.0, 0.5), (0.4, 0.58), (0.8, 0.8), (0.8, 1.0), (0.0, 1.0))
ACROSS: Final = [[0.8, 0.2], [0.8, 0.8]]
"""Across the road; `in` is to the left."""


@dataclass(frozen=True, slots=True)
class Street:
    """Who was seen in each analysed picture."""

    frames: tuple[tuple[datetime, tuple[Sighting, ...]], ...]

    def replay(self, lookout: Lookout, pictures: Iterable[Picture] | None = None) -> list[tuple[str, Command]]:
        """What the rules ask for, by rule. Without pictures, nothing but tracks is seen."""
        said: list[tuple[str, Command]] = []
        shown = pictures or (np.zeros((8, 8, 3), np.uint8) for _ in self.frames)
        for (at, sightings), picture in zip(self.frames, shown, strict=False):
            scene = lookout.scene(picture, at, sightings)
            for watch in lookout.watches:
                said += [(watch.settings.id, command) for command in watch.observe(scene)]
        return said


def camera(*rules: dict[str, Any], lines: Iterable[dict[str, Any]] = ()) -> Lookout:
    """The film's camera with these rules."""
    settings = CameraSettings.model_validate(
        {
            "id": "nga-ba",
            "site": "quang-trung",
            "url": "rtsp://127.0.0.1/x",
            "zones": [
                {"id": "long-duong", "polygon": ROAD},
                {"id": "nga-ba", "polygon": JUNCTION, "area_m2": 120},
                {"id": "bai-co", "polygon": LAWN},
            ],
            "lines": [{"id": "ngang-duong", "points": ACROSS}, *lines],
            "rules": rules,
        }
    )
    return Lookout(settings, "UTC", Calendar())


def pictures(seconds: int = SECONDS) -> Iterable[Picture]:
    """The pictures that belong to the recorded frames."""
    with av.open(str(STREET)) as film:
        for frame in islice(film.decode(video=0), 0, seconds * 10, EVERY):
            yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)


def told(said: Iterable[tuple[str, Command]]) -> list[str]:
    """The commands in words."""
    return [f"{rule}: {short(command)}" for rule, command in said]
