"""Who crosses a line, and in which direction. A track counts once it is clearly on the other side. Pure.

The way between two sightings is tested against the line, not where the sightings lie: at two frames a second a runner
is never seen on it. Crossings add up until the foot is `margin` away from the line, so a track that stands on the line,
and whose box trembles across it, counts once when it leaves to the other side and not at all when it goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from edge.geometry import Point, crossed, distance, foot_of
from edge.rules.presence import GAP, Observation, Sighting


class Direction(StrEnum):
    """Looking along the line from its first point, `in` is from the left to the right."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Line:
    """`margin` is a share of the height of what crosses, so that near and far count alike."""

    points: tuple[Point, ...]
    margin: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A track has crossed."""

    direction: Direction
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a track was last, and how often it has crossed since it was last clear of the line: +1 in, -1 out."""

    foot: Point
    last: datetime
    balance: int = 0


Traces = Mapping[UUID, Trace]


@dataclass(frozen=True, slots=True)
class CrossingState:
    traces: Traces = field(default_factory=lambda: MappingProxyType({}))


def cross(line: Line, state: CrossingState, observation: Observation) -> tuple[CrossingState, tuple[Crossing, ...]]:
    """The state after a frame and who has crossed in it. `observation.inside` is everybody in the picture."""
    at = observation.at
    traces = {track: trace for track, trace in state.traces.items() if abs(at - trace.last) <= GAP}
    crossings = []
    for sighting in observation.inside:
        trace = _moved(line, traces.get(sighting.track), sighting, at)
        if trace.balance and _is_clear(line, sighting):
            crossings.append(Crossing(Direction.IN if trace.balance > 0 else Direction.OUT, sighting))
            trace = Trace(trace.foot, at)
        traces[sighting.track] = trace
    return CrossingState(MappingProxyType(traces)), tuple(crossings)


def _moved(line: Line, trace: Trace | None, sighting: Sighting, at: datetime) -> Trace:
    foot = foot_of(sighting.box)
    if trace is None:
        return Trace(foot, at)
    return Trace(foot, at, trace.balance + crossed(trace.foot, foot, line.points))


def _is_clear(line: Line, sighting: Sighting) -> bool:
    return distance(foot_of(sighting.box), line.points) >= line.margin * (sighting.box[3] - sighting.box[1])
