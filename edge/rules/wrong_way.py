"""Wrong way: a track moves through a zone against the direction that the zone has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import hypot
from types import MappingProxyType
from uuid import UUID

from edge.geometry import Point, foot_of
from edge.rules.command import Command, Why
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import GAP, Observation, Sighting
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class WrongWay:
    """It opens once a track has come `min_distance` against `direction`, a vector of length 1, no further sideways than
    an angle of cosine `min_cosine` allows, within no less than `min_seconds`; it holds while such a one is there.
    """

    schedule: Schedule
    direction: Point
    min_distance: float
    min_seconds: float
    min_cosine: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class Way:
    """Where a track had come furthest in the right direction, and where and when it was last seen. What it has moved
    since then is what counts against it, so a vehicle that turns round is judged from its turn.
    """

    turn: Point
    since: datetime
    foot: Point
    last: datetime

    def against(self, direction: Point) -> float:
        """How far it has come against the direction."""
        return _along(self.turn, direction) - _along(self.foot, direction)

    def cosine(self, direction: Point) -> float:
        """1 straight against the direction, 0 across it."""
        length = hypot(self.foot[0] - self.turn[0], self.foot[1] - self.turn[1])
        return self.against(direction) / length if length else 0.0

    def seconds(self) -> float:
        return (self.last - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class WrongWayState:
    ways: Mapping[UUID, Way] = field(default_factory=lambda: MappingProxyType({}))
    episode: Episode = QUIET


def decide(rule: WrongWay, state: WrongWayState, observation: Observation) -> tuple[WrongWayState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        episode, commands = state.episode.ended("schedule")
        return WrongWayState(episode=episode), commands
    ways = _after(rule, state.ways, observation)
    found = _finding(rule, ways, observation)
    seen = found if found is not None and found.sightings else None
    episode, commands = state.episode.after(rule.patience, observation.at, opens=seen, holds=found)
    return WrongWayState(ways, episode), commands


def _after(rule: WrongWay, before: Mapping[UUID, Way], observation: Observation) -> Mapping[UUID, Way]:
    ways = {track: way for track, way in before.items() if abs(observation.at - way.last) <= GAP}
    for sighting in observation.inside:
        ways[sighting.track] = _moved(rule, ways.get(sighting.track), sighting, observation.at)
    return MappingProxyType(ways)


def _moved(rule: WrongWay, way: Way | None, sighting: Sighting, at: datetime) -> Way:
    foot = foot_of(sighting.box)
    if way is None or at < way.last or _along(foot, rule.direction) >= _along(way.turn, rule.direction):
        return Way(foot, at, foot, at)
    return Way(way.turn, way.since, foot, at)


def _finding(rule: WrongWay, ways: Mapping[UUID, Way], observation: Observation) -> Finding | None:
    wrong = {track: way for track, way in ways.items() if _is_wrong(rule, way)}
    if not wrong:
        return None
    furthest = max(wrong, key=lambda track: wrong[track].against(rule.direction))
    labels = {sighting.track: sighting.label for sighting in observation.inside}
    return Finding(
        len(wrong),
        tuple(sighting for sighting in observation.inside if sighting.track in wrong),
        _why(rule, furthest, wrong[furthest], labels.get(furthest)),
    )


def _is_wrong(rule: WrongWay, way: Way) -> bool:
    return (
        way.against(rule.direction) >= rule.min_distance
        and way.seconds() >= rule.min_seconds
        and way.cosine(rule.direction) >= rule.min_cosine
    )


def _why(rule: WrongWay, track: UUID, way: Way, label: str | None) -> Why:
    why: dict[str, float | str] = {
        "track": str(track),
        "distance": round(way.against(rule.direction), 3),
        "threshold_distance": rule.min_distance,
        "seconds_against": round(way.seconds(), 1),
        "threshold_s": rule.min_seconds,
    }
    return why | {"label": label} if label else why


def _along(point: Point, direction: Point) -> float:
    return point[0] * direction[0] + point[1] * direction[1]
