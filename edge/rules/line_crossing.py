"""Line crossing: so many cross a line within a short time. With a threshold of 1 the line is a trip wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from edge.rules.command import Command, Why
from edge.rules.crossing import Crossing, Direction
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class LineCrossing:
    """It opens with the crossing that makes `threshold` within `window`, and holds with every further one that still
    makes as many.
    """

    schedule: Schedule
    direction: Literal["in", "out", "both"]
    labels: frozenset[str]
    threshold: int
    window: timedelta
    patience: Patience


@dataclass(frozen=True, slots=True)
class Crossed:
    """What one analysed frame shows at the line."""

    at: datetime
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class LineCrossingState:
    """`recent` are the times of the crossings within the window."""

    recent: tuple[datetime, ...] = ()
    episode: Episode = QUIET


def decide(
    rule: LineCrossing, state: LineCrossingState, observation: Crossed
) -> tuple[LineCrossingState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    at = observation.at
    if not rule.schedule.active(at):
        episode, commands = state.episode.ended("schedule")
        return LineCrossingState(episode=episode), commands
    now = tuple(crossing for crossing in observation.crossings if _counts(rule, crossing))
    recent = (*(time for time in state.recent if timedelta(0) <= at - time < rule.window), *(at for _ in now))
    found = None
    if now and len(recent) >= rule.threshold:
        found = Finding(len(recent), tuple(crossing.sighting for crossing in now), _why(rule, len(recent), now[-1]))
    episode, commands = state.episode.after(rule.patience, at, opens=found, holds=found)
    return LineCrossingState(recent, episode), commands


def _counts(rule: LineCrossing, crossing: Crossing) -> bool:
    return crossing.sighting.label in rule.labels and rule.direction in ("both", crossing.direction)


def _why(rule: LineCrossing, count: int, latest: Crossing) -> Why:
    return {
        "track": str(latest.sighting.track),
        "label": latest.sighting.label,
        "direction": Direction(latest.direction).value,
        "crossings": float(count),
        "threshold_crossings": float(rule.threshold),
        "window_s": rule.window.total_seconds(),
    }
