"""Counts who crosses a camera's lines, and holds the counts until they are measured, each crossing once.

Who has crossed is decided in edge.rules.crossing. A box that stops loses what it has not yet measured.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from edge.rule_settings import VEHICLES, LineSettings
from edge.rules.crossing import Crossing, CrossingState, Direction, Line, cross
from edge.rules.presence import Observation, Sighting

SUFFIX: Final[Mapping[str, str]] = {"person": "", "vehicle": "_vehicle"}
"""Metrics are line.in and line.out for persons, line.in_vehicle and line.out_vehicle for vehicles."""

GROUP: Final[Mapping[str, str]] = {"person": "person", **dict.fromkeys(VEHICLES, "vehicle")}
"""What a line counts a track as, by its label; the rest it does not count."""


class LineCount:
    """One line. Analysis observes, the thread that measures takes the counts."""

    def __init__(self, settings: LineSettings) -> None:
        self.id = settings.id
        self.settings = settings
        self._line = Line(settings.points, settings.margin)
        self._counted = settings.counts
        self._state = CrossingState()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def observe(self, at: datetime, sightings: Sequence[Sighting]) -> tuple[Crossing, ...]:
        """Take in a frame: who has crossed in it."""
        self._state, crossings = cross(self._line, self._state, Observation(at, tuple(sightings)))
        with self._lock:
            self._counts.update(
                _metric(crossing.direction, GROUP[crossing.sighting.label])
                for crossing in crossings
                if GROUP.get(crossing.sighting.label) in self._counted
            )
        return crossings

    def take(self) -> dict[str, int]:
        """How many have crossed since the last call, by metric; those that nobody crossed for are 0."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return {
            metric: counts[metric]
            for group in self._counted
            for metric in (_metric(direction, group) for direction in Direction)
        }


def _metric(direction: Direction, group: str) -> str:
    return f"line.{direction.value}{SUFFIX[group]}"
