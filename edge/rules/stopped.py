"""Stopped: a thing stands in a zone for long. The same machine for a stopped vehicle and for a blocked fire lane.

A stay belongs to a place, not to a track: a tracker that loses a parked car behind a passing bus, and gives it a new id
afterwards, does not begin its time anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge.geometry import Point, foot_of, iou
from edge.rules.command import Command, Why
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import Observation, Sighting, begun
from edge.rules.schedule import Schedule

HIDDEN: Final = timedelta(seconds=10)
"""A thing unseen for so long has gone; until then something that passes may hide it."""

SAME_PLACE: Final = 0.5
"""Two boxes that overlap by this share of their union are one thing."""

MOVED_FOR: Final = timedelta(seconds=1)
"""One box that is off is the detector's; a thing that has really moved is elsewhere for longer."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The rule. It opens once a thing's foot has stayed for `min_seconds` within `radius`, a share of the width and
    height of its box, and holds while such a one stands there.
    """

    schedule: Schedule
    min_seconds: float
    radius: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class Stand:
    """A thing and where it stands. `seen` is its latest sighting; `away_since` is when its foot left the place."""

    place: Point
    since: datetime
    seen: Sighting
    last: datetime
    away_since: datetime | None = None

    def seconds(self) -> float:
        return (self.last - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class StoppedState:
    stands: tuple[Stand, ...] = ()
    episode: Episode = QUIET


def decide(rule: Stopped, state: StoppedState, observation: Observation) -> tuple[StoppedState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        episode, commands = state.episode.ended("schedule")
        return StoppedState(episode=episode), commands
    stands = _after(rule, state.stands, observation)
    found = _finding(rule, stands, observation.at)
    seen = found if found is not None and found.sightings else None
    episode, commands = state.episode.after(rule.patience, observation.at, opens=seen, holds=found)
    return StoppedState(stands, episode), commands


def _after(rule: Stopped, stands: Iterable[Stand], observation: Observation) -> tuple[Stand, ...]:
    at = observation.at
    waiting = [stand for stand in stands if abs(at - stand.last) <= HIDDEN]
    tracks = {stand.seen.track for stand in waiting}
    after = []
    # Who kept its id comes first, so that a newcomer beside it cannot inherit its stay.
    for sighting in sorted(observation.inside, key=lambda sighting: sighting.track not in tracks):
        known = _known(sighting, waiting)
        if known is None:
            after.append(Stand(foot_of(sighting.box), at, sighting, at))
            continue
        waiting.remove(known)
        after.append(_seen_again(rule, known, sighting, at))
    return (*after, *waiting)


def _known(sighting: Sighting, stands: Sequence[Stand]) -> Stand | None:
    """The stand of the same track, else the one of something unseen in the same place."""
    for stand in stands:
        if stand.seen.track == sighting.track:
            return stand
    nearest = max(stands, key=lambda stand: iou(stand.seen.box, sighting.box), default=None)
    return nearest if nearest and iou(nearest.seen.box, sighting.box) >= SAME_PLACE else None


def _seen_again(rule: Stopped, stand: Stand, sighting: Sighting, at: datetime) -> Stand:
    since = begun(stand.since, at)
    if _stays(rule, stand.place, sighting):
        return Stand(stand.place, since, sighting, at)
    away_since = begun(stand.away_since, at)
    if at - away_since >= MOVED_FOR:
        return Stand(foot_of(sighting.box), at, sighting, at)
    return replace(stand, since=since, seen=sighting, last=at, away_since=away_since)


def _stays(rule: Stopped, place: Point, sighting: Sighting) -> bool:
    x1, y1, x2, y2 = sighting.box
    x, y = foot_of(sighting.box)
    return abs(x - place[0]) <= rule.radius * (x2 - x1) and abs(y - place[1]) <= rule.radius * (y2 - y1)


def _finding(rule: Stopped, stands: Iterable[Stand], at: datetime) -> Finding | None:
    long = [stand for stand in stands if stand.seconds() >= rule.min_seconds]
    if not long:
        return None
    longest = max(long, key=Stand.seconds)
    why: Why = {
        "track": str(longest.seen.track),
        "label": longest.seen.label,
        "seconds_stopped": round(longest.seconds(), 1),
        "threshold_s": rule.min_seconds,
        "radius": rule.radius,
    }
    return Finding(len(long), tuple(stand.seen for stand in long if stand.last == at), why)
