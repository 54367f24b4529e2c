"""Intrusion: somebody stays in a zone while it is closed. One event a visit, however many take part."""

from __future__ import annotations

from dataclasses import dataclass

from edge.rules.command import Command, Why
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import NOBODY, Observation, Presence
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Intrusion:
    """It opens once a track has stayed `min_seconds` within the schedule, and holds while anybody is there."""

    schedule: Schedule
    min_seconds: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class IntrusionState:
    presence: Presence = NOBODY
    episode: Episode = QUIET


def decide(
    rule: Intrusion, state: IntrusionState, observation: Observation
) -> tuple[IntrusionState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        episode, commands = state.episode.ended("schedule")
        return IntrusionState(episode=episode), commands
    presence = state.presence.after(observation)
    here = presence.here(observation)
    count, longest = len(here.stays), here.longest()
    found = Finding(count, observation.inside, _why(rule, here)) if count else None
    # Somebody must be seen in the very frame that becomes the event's picture.
    enough = longest is not None and longest.seconds() >= rule.min_seconds and observation.inside
    episode, commands = state.episode.after(rule.patience, observation.at, opens=found if enough else None, holds=found)
    return IntrusionState(presence, episode), commands


def _why(rule: Intrusion, presence: Presence) -> Why:
    track, longest = max(presence.stays.items(), key=lambda stay: stay[1].seconds())
    return {
        "track": str(track),
        "seconds_in_zone": round(longest.seconds(), 1),
        "threshold_s": rule.min_seconds,
        "schedule": "always" if rule.schedule.windows is None else "closed_hours",
    }
