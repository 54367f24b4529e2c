"""Crowding: people stand too close together in a zone, counted against the zone's size rather than one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from edge.rules.command import Command
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import NOBODY, Observation, Presence, begun
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Crowding:
    """The rule. It opens when `at_least` people or more have stood `density` to a unit of `area` for `min_time`, and
    holds while they stand no thinner than the share `hysteresis` below that. `unit` names what `area` is measured in.
    """

    schedule: Schedule
    density: float
    area: float
    unit: Literal["m2", "picture"]
    at_least: int
    hysteresis: float
    min_time: timedelta
    patience: Patience


@dataclass(frozen=True, slots=True)
class CrowdingState:
    """`dense_since` is when they became too dense and stayed so."""

    presence: Presence = NOBODY
    episode: Episode = QUIET
    dense_since: datetime | None = None


def decide(rule: Crowding, state: CrowdingState, observation: Observation) -> tuple[CrowdingState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    at = observation.at
    if not rule.schedule.active(at):
        episode, commands = state.episode.ended("schedule")
        return CrowdingState(episode=episode), commands
    presence = state.presence.after(observation)
    count = len(presence.here(observation).stays)
    limit = rule.density * (1 - rule.hysteresis) if state.episode.peak else rule.density
    dense = count >= rule.at_least and count / rule.area >= limit
    since = begun(state.dense_since, at) if dense or state.episode.peak else at
    found = _finding(rule, count, observation, since) if dense else None
    opens = found if at - since >= rule.min_time and observation.inside else None
    episode, commands = state.episode.after(rule.patience, at, opens=opens, holds=found)
    return CrowdingState(presence, episode, since if dense or episode.peak else None), commands


def _finding(rule: Crowding, count: int, observation: Observation, since: datetime) -> Finding:
    why: dict[str, float | str] = {
        "count": float(count),
        f"density_{rule.unit}": round(count / rule.area, 3),
        f"threshold_{rule.unit}": rule.density,
        "seconds_in_zone": round((observation.at - since).total_seconds(), 1),
        "threshold_s": rule.min_time.total_seconds(),
    }
    return Finding(count, observation.inside, why)
