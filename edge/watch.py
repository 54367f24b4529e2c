"""One rule at work on one zone of one camera: picks who stands in the zone, and keeps the rule's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.inventory import Polygon
from edge.config import AnyRule, IntrusionSettings, OccupancySettings
from edge.geometry import Rect, inside
from edge.rules import intrusion, occupancy
from edge.rules.command import Command
from edge.rules.presence import Observation, Sighting

PEOPLE = "person"


def standing_in(polygon: Polygon, sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """The persons whose feet are in the zone."""
    return tuple(
        sighting for sighting in sightings if sighting.label == PEOPLE and inside(Rect(*sighting.box).foot, polygon)
    )


@dataclass(slots=True)
class IntrusionWatch:
    """An intrusion rule and where it stands."""

    settings: IntrusionSettings
    rule: intrusion.Intrusion
    state: intrusion.IntrusionState

    def observe(self, at: datetime, inside_zone: tuple[Sighting, ...]) -> tuple[Command, ...]:
        self.state, commands = intrusion.decide(self.rule, self.state, Observation(at, inside_zone))
        return commands


@dataclass(slots=True)
class OccupancyWatch:
    """An occupancy rule and where it stands."""

    settings: OccupancySettings
    rule: occupancy.Occupancy
    state: occupancy.OccupancyState

    def observe(self, at: datetime, inside_zone: tuple[Sighting, ...]) -> tuple[Command, ...]:
        self.state, commands = occupancy.decide(self.rule, self.state, Observation(at, inside_zone))
        return commands


RuleWatch = IntrusionWatch | OccupancyWatch


def make_watch(settings: AnyRule, time_zone: str) -> RuleWatch:
    """The rule that `settings` describe, with nothing seen yet."""
    schedule = settings.hours(time_zone)
    clear_after = timedelta(seconds=settings.clear_after_s)
    match settings:
        case IntrusionSettings():
            return IntrusionWatch(
                settings,
                intrusion.Intrusion(schedule, settings.min_seconds, clear_after),
                intrusion.IntrusionState(),
            )
        case OccupancySettings():
            rule = occupancy.Occupancy(
                schedule,
                settings.threshold,
                settings.hysteresis,
                timedelta(seconds=settings.min_seconds),
                clear_after,
            )
            return OccupancyWatch(settings, rule, occupancy.OccupancyState())
