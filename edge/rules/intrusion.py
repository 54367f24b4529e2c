"""Intrusion: somebody stays in a zone while it is closed. One event a visit, however many take part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.rules.command import Close, Command, Open, Update
from edge.rules.presence import NOBODY, Observation, Presence, begun
from edge.rules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Intrusion:
    """The rule. It opens once a track has stayed `min_seconds` within the schedule, and closes when nobody has been
    there for `clear_after`.
    """

    schedule: Schedule
    min_seconds: float
    clear_after: timedelta


@dataclass(frozen=True, slots=True)
class IntrusionState:
    """Nothing open while `peak` is 0. `empty_since` is when the last one left an open intrusion."""

    presence: Presence = NOBODY
    peak: int = 0
    empty_since: datetime | None = None


def decide(
    rule: Intrusion, state: IntrusionState, observation: Observation
) -> tuple[IntrusionState, tuple[Command, ...]]:
    """The state after a frame and what follows from it."""
    if not rule.schedule.active(observation.at):
        return IntrusionState(), (Close("schedule"),) if state.peak else ()
    presence = state.presence.after(observation)
    count = len(presence.stays)
    if not state.peak:
        return _while_closed(rule, presence, observation)
    if not count:
        return _while_empty(rule, state, presence, observation.at)
    if count > state.peak:
        return IntrusionState(presence, count), (Update(count, observation.inside, _why(rule, presence)),)
    return IntrusionState(presence, state.peak), ()


def _while_closed(
    rule: Intrusion, presence: Presence, observation: Observation
) -> tuple[IntrusionState, tuple[Command, ...]]:
    longest = presence.longest()
    # Somebody must be seen in the very frame that becomes the event's picture.
    if longest is None or longest.seconds() < rule.min_seconds or not observation.inside:
        return IntrusionState(presence), ()
    count = len(presence.stays)
    return IntrusionState(presence, count), (Open(count, observation.inside, _why(rule, presence)),)


def _while_empty(
    rule: Intrusion, state: IntrusionState, presence: Presence, now: datetime
) -> tuple[IntrusionState, tuple[Command, ...]]:
    since = begun(state.empty_since, now)
    if now - since >= rule.clear_after:
        return IntrusionState(presence), (Close("cleared"),)
    return IntrusionState(presence, state.peak, since), ()


def _why(rule: Intrusion, presence: Presence) -> dict[str, float | str]:
    longest = presence.longest()
    return {
        "seconds_in_zone": round(longest.seconds(), 1) if longest else 0.0,
        "threshold_s": rule.min_seconds,
        "schedule": "always" if rule.schedule.windows is None else "closed_hours",
    }
