"""Occupancy: more people in a zone than it should hold, with hysteresis so that one step does not flap it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.rules.command import Command
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import NOBODY, Observation, Presence, begun
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The rule. It opens when `threshold` or more have been there for `min_time`, and holds while there are
    `threshold - hysteresis`, but somebody.
    """

    schedule: Schedule
    threshold: int
    hysteresis: int
    min_time: timedelta
    patience: Patience


@dataclass(frozen=True, slots=True)
class OccupancyState:
    """`full_since` is when the people there became too many and stayed so."""

    presence: Presence = NOBODY
    episode: Episode = QUIET
    full_since: datetime | None = None


def decide(
    rule: Occupancy, state: OccupancyState, observation: Observation
) -> tuple[OccupancyState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    at = observation.at
    if not rule.schedule.active(at):
        episode, commands = state.episode.ended("schedule")
        return OccupancyState(episode=episode), commands
    presence = state.presence.after(observation)
    count = len(presence.here(observation).stays)
    still_full = max(1, rule.threshold - rule.hysteresis) if state.episode.peak else rule.threshold
    full = count >= still_full
    since = begun(state.full_since, at) if full or state.episode.peak else at
    seconds = (at - since).total_seconds()
    why = {"count": float(count), "threshold": float(rule.threshold), "seconds_in_zone": round(seconds, 1)}
    found = Finding(count, observation.inside, why) if full else None
    opens = found if at - since >= rule.min_time and observation.inside else None
    episode, commands = state.episode.after(rule.patience, at, opens=opens, holds=found)
    return OccupancyState(presence, episode, since if full or episode.peak else None), commands
