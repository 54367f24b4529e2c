"""Which picture of an event is the best one: how good a sighting shows somebody, and when a better one is worth a
revision. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge.geometry import Rect
from edge.rules.presence import Sighting

MOST_BETTER: Final = 3
"""Better pictures an event at most, after its first."""

WORTH: Final = 1.25
"""A picture must be so much better than what the centre has."""

PAUSE: Final = timedelta(seconds=2)
"""Between two pictures of an event: whoever walks towards the camera is better seen in every frame."""

_RIM: Final = 0.01
_CUT_OFF: Final = 0.4
"""What a box at the picture's rim is worth: part of the person is likely not in it."""

_LARGE: Final = 0.5
"""A box as high as this share of the picture shows all there is to see."""

_SHARP: Final = 300.0
"""The variance of edges (Laplacian) in a box from which on it counts as sharp."""


def showing(sighting: Sighting) -> float:
    """How well a sighting shows somebody, from 0 to 1, as far as its box can tell."""
    box = Rect(*sighting.box)
    size = min(1.0, (box.y2 - box.y1) / _LARGE)
    at_rim = box.x1 < _RIM or box.y1 < _RIM or box.x2 > 1 - _RIM or box.y2 > 1 - _RIM
    return sighting.confidence * math.sqrt(size) * (_CUT_OFF if at_rim else 1.0)


def best_of(sightings: Iterable[Sighting]) -> Sighting | None:
    """Who is shown best."""
    return max(sightings, key=showing, default=None)


def score(sighting: Sighting, edges: float) -> float:
    """How good a picture is, from 0 to 1. `edges` is the variance of the Laplacian within the sighting's box."""
    return showing(sighting) * (0.5 + 0.5 * min(1.0, edges / _SHARP))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the centre has of one event: the score of its picture, when that was sent, how many better ones there were.
    `best` is the score of the best picture since, which may still be sent.
    """

    score: float
    at: datetime
    better: int = 0
    best: float = 0.0

    def wants(self, possible: float) -> bool:
        """Whether a picture that scores `possible` would be worth keeping at hand."""
        return self.better < MOST_BETTER and possible > max(self.best, self.score * WORTH)

    def keeping(self, score: float) -> Shown:
        """After a picture of this score is kept at hand."""
        return replace(self, best=score)

    def due(self, at: datetime) -> bool:
        """Whether the picture at hand is to be sent now."""
        return self.best > 0 and at - self.at >= PAUSE

    def sent(self, at: datetime) -> Shown:
        """After the picture at hand was sent."""
        return Shown(self.best, at, self.better + 1)
