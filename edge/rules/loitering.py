"""Loitering: one and the same track stays in a zone for long. Who leaves for longer than a moment begins anew."""

from __future__ import annotations

from dataclasses import dataclass

from edge.rules.command import Command, Why
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import NOBODY, Observation, Presence
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Loitering:
    """It opens once a track has stayed `min_seconds` within the schedule, and holds while such a one is there. Only
    those who have stayed so long are counted.
    """

    schedule: Schedule
    min_seconds: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class LoiteringState:
    presence: Presence = NOBODY
    episode: Episode = QUIET


def decide(
    rule: Loitering, state: LoiteringState, observation: Observation
) -> tuple[LoiteringState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        episode, commands = state.episode.ended("schedule")
        return LoiteringState(episode=episode), commands
    presence = state.presence.after(observation)
    found = _finding(rule, presence.here(observation), observation)
    seen = found if found is not None and found.sightings else None
    episode, commands = state.episode.after(rule.patience, observation.at, opens=seen, holds=found)
    return LoiteringState(presence, episode), commands


def _finding(rule: Loitering, presence: Presence, observation: Observation) -> Finding | None:
    """Those who have stayed too long, hidden for a moment or not."""
    long = {track: stay.seconds() for track, stay in presence.stays.items() if stay.seconds() >= rule.min_seconds}
    if not long:
        return None
    longest = max(long, key=lambda track: long[track])
    why: Why = {"track": str(longest), "seconds_in_zone": round(long[longest], 1), "threshold_s": rule.min_seconds}
    return Finding(len(long), tuple(seen for seen in observation.inside if seen.track in long), why)
