"""Occupancy: more people in a zone than it should hold, with hysteresis so that one step does not flap it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.rules.command import Close, Command, Open, Update
from edge.rules.presence import NOBODY, Observation, Presence, begun
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The rule. It opens when `threshold` or more have been there for `min_time`, and closes when fewer than
    `threshold - hysteresis` have been there for `clear_after`.
    """

    schedule: Schedule
    threshold: int
    hysteresis: int
    min_time: timedelta
    clear_after: timedelta


@dataclass(frozen=True, slots=True)
class OccupancyState:
    """Nothing open while `peak` is 0. `full_since` and `calm_since` are the start of what may soon open or close it."""

    presence: Presence = NOBODY
    peak: int = 0
    full_since: datetime | None = None
    calm_since: datetime | None = None


def decide(
    rule: Occupancy, state: OccupancyState, observation: Observation
) -> tuple[OccupancyState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        return OccupancyState(), (Close("schedule"),) if state.peak else ()
    presence = state.presence.after(observation)
    if state.peak:
        return _while_open(rule, state, presence, observation)
    return _while_closed(rule, state, presence, observation)


def _while_closed(
    rule: Occupancy, state: OccupancyState, presence: Presence, observation: Observation
) -> tuple[OccupancyState, tuple[Command, ...]]:
    count, now = len(presence.stays), observation.at
    if count < rule.threshold:
        return OccupancyState(presence), ()
    since = begun(state.full_since, now)
    if now - since < rule.min_time:
        return OccupancyState(presence, full_since=since), ()
    why = _why(rule, count, (now - since).total_seconds())
    return OccupancyState(presence, peak=count, full_since=since), (Open(count, observation.inside, why),)


def _while_open(
    rule: Occupancy, state: OccupancyState, presence: Presence, observation: Observation
) -> tuple[OccupancyState, tuple[Command, ...]]:
    count, now = len(presence.stays), observation.at
    full_since = begun(state.full_since, now)
    if count < max(1, rule.threshold - rule.hysteresis):
        calm_since = begun(state.calm_since, now)
        if now - calm_since >= rule.clear_after:
            return OccupancyState(presence), (Close("cleared"),)
        return OccupancyState(presence, state.peak, full_since, calm_since), ()
    if count > state.peak:
        why = _why(rule, count, (now - full_since).total_seconds())
        return OccupancyState(presence, count, full_since), (Update(count, observation.inside, why),)
    return OccupancyState(presence, state.peak, full_since), ()


def _why(rule: Occupancy, count: int, seconds: float) -> dict[str, float | str]:
    return {"count": float(count), "threshold": float(rule.threshold), "seconds_in_zone": round(seconds, 1)}
