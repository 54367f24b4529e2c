"""The rules of one camera at work: each picks from a frame what it decides on, and keeps its state.

`make_watch` is the table of which settings make which rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import cos, hypot, radians
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from contracts.inventory import Polygon
from edge.geometry import Point, Rect, area, inside
from edge.rule_settings import (
    AnyRule,
    BlockedFireLaneSettings,
    CrowdingSettings,
    IntrusionSettings,
    LeftObjectSettings,
    LineCrossingSettings,
    LoiteringSettings,
    OccupancySettings,
    StoppedVehicleSettings,
    WrongWaySettings,
    ZoneSettings,
)
from edge.rules import crowding, intrusion, left_object, line_crossing, loitering, occupancy, stopped, wrong_way
from edge.rules.command import Command
from edge.rules.crossing import Crossing
from edge.rules.episode import Patience
from edge.rules.presence import Observation, Sighting
from edge.rules.schedule import Schedule

PEOPLE = ("person",)
BAG = "bag"

R = TypeVar("R")
S = TypeVar("S")
O = TypeVar("O")  # noqa: E741 (what a rule decides on)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one analysed frame shows: tracks, things of no name that are still (edge.still), and, by line, who has
    crossed in this frame.
    """

    at: datetime
    sightings: tuple[Sighting, ...]
    objects: tuple[Sighting, ...] = ()
    crossings: Mapping[str, tuple[Crossing, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class RuleWatch(Generic[R, S, O]):
    """A rule and where it stands. `look` picks from a scene what `decide` decides on."""

    settings: AnyRule
    rule: R
    state: S
    decide: Callable[[R, S, O], tuple[S, tuple[Command, ...]]]
    look: Callable[[Scene], O]

    def observe(self, scene: Scene) -> tuple[Command, ...]:
        self.state, commands = self.decide(self.rule, self.state, self.look(scene))
        return commands


AnyWatch = RuleWatch[Any, Any, Any]


def standing_in(
    polygon: Polygon, sightings: Iterable[Sighting], labels: Collection[str] = PEOPLE
) -> tuple[Sighting, ...]:
    """Those with such a label whose feet are in the zone."""
    return tuple(
        sighting for sighting in sightings if sighting.label in labels and inside(Rect(*sighting.box).foot, polygon)
    )


def make_watch(settings: AnyRule, zones: Mapping[str, ZoneSettings], hours: Schedule) -> AnyWatch:
    """The rule that `settings` describe, with nothing seen yet."""
    patience = Patience(timedelta(seconds=settings.clear_after_s), timedelta(seconds=settings.cool_down_s))
    if isinstance(settings, LineCrossingSettings):
        return _line_crossing(settings, hours, patience)
    zone = zones[settings.zone]
    match settings:
        case IntrusionSettings():
            return RuleWatch(
                settings,
                intrusion.Intrusion(hours, settings.min_seconds, patience),
                intrusion.IntrusionState(),
                intrusion.decide,
                partial(_in_zone, zone.polygon, PEOPLE),
            )
        case OccupancySettings():
            return _occupancy(settings, zone, hours, patience)
        case CrowdingSettings():
            return _crowding(settings, zone, hours, patience)
        case LoiteringSettings():
            return RuleWatch(
                settings,
                loitering.Loitering(hours, settings.min_seconds, patience),
                loitering.LoiteringState(),
                loitering.decide,
                partial(_in_zone, zone.polygon, PEOPLE),
            )
        case WrongWaySettings():
            return _wrong_way(settings, zone, hours, patience)
        case StoppedVehicleSettings() | BlockedFireLaneSettings():
            return _stopped(settings, zone, hours, patience)
        case LeftObjectSettings():
            return RuleWatch(
                settings,
                left_object.LeftObject(hours, settings.min_seconds, settings.near, patience),
                left_object.LeftObjectState(),
                left_object.decide,
                partial(_things, zone.polygon),
            )


def needs_objects(settings: AnyRule) -> bool:
    """Whether the rule looks at things of no name: finding them costs time."""
    match settings:
        case LeftObjectSettings():
            return True
        case BlockedFireLaneSettings(any_object=any_object):
            return any_object
    return False


def _in_zone(polygon: Polygon, labels: Collection[str], scene: Scene) -> Observation:
    inside_zone = standing_in(polygon, scene.sightings, labels)
    elsewhere = {sighting.track for sighting in scene.sightings} - {sighting.track for sighting in inside_zone}
    return Observation(scene.at, inside_zone, frozenset(elsewhere))


def _with_objects(polygon: Polygon, labels: Collection[str], scene: Scene) -> Observation:
    inside_zone = standing_in(polygon, scene.sightings, labels)
    return Observation(scene.at, inside_zone + _objects_in(polygon, scene))


def _things(polygon: Polygon, scene: Scene) -> left_object.Things:
    things = standing_in(polygon, scene.sightings, (BAG,)) + _objects_in(polygon, scene)
    people = tuple(sighting for sighting in scene.sightings if sighting.label in PEOPLE)
    return left_object.Things(scene.at, things, people)


def _objects_in(polygon: Polygon, scene: Scene) -> tuple[Sighting, ...]:
    return tuple(thing for thing in scene.objects if inside(Rect(*thing.box).foot, polygon))


def _at_line(line: str, scene: Scene) -> line_crossing.Crossed:
    return line_crossing.Crossed(scene.at, scene.crossings.get(line, ()))


def _occupancy(settings: OccupancySettings, zone: ZoneSettings, hours: Schedule, patience: Patience) -> AnyWatch:
    rule = occupancy.Occupancy(
        hours, settings.threshold, settings.hysteresis, timedelta(seconds=settings.min_seconds), patience
    )
    look = partial(_in_zone, zone.polygon, PEOPLE)
    return RuleWatch(settings, rule, occupancy.OccupancyState(), occupancy.decide, look)


def _crowding(settings: CrowdingSettings, zone: ZoneSettings, hours: Schedule, patience: Patience) -> AnyWatch:
    rule = crowding.Crowding(
        hours,
        density=settings.density,
        area=zone.area_m2 or area(zone.polygon),
        unit="m2" if zone.area_m2 else "picture",
        at_least=settings.at_least,
        hysteresis=settings.hysteresis,
        min_time=timedelta(seconds=settings.min_seconds),
        patience=patience,
    )
    look = partial(_in_zone, zone.polygon, PEOPLE)
    return RuleWatch(settings, rule, crowding.CrowdingState(), crowding.decide, look)


def _wrong_way(settings: WrongWaySettings, zone: ZoneSettings, hours: Schedule, patience: Patience) -> AnyWatch:
    rule = wrong_way.WrongWay(
        hours,
        direction=_direction(*settings.direction),
        min_distance=settings.min_distance,
        min_seconds=settings.min_seconds,
        min_cosine=cos(radians(settings.max_angle_deg)),
        patience=patience,
    )
    look = partial(_in_zone, zone.polygon, settings.labels)
    return RuleWatch(settings, rule, wrong_way.WrongWayState(), wrong_way.decide, look)


def _stopped(
    settings: StoppedVehicleSettings | BlockedFireLaneSettings, zone: ZoneSettings, hours: Schedule, patience: Patience
) -> AnyWatch:
    rule = stopped.Stopped(hours, settings.min_seconds, settings.radius, patience)
    pick = _with_objects if needs_objects(settings) else _in_zone
    look = partial(pick, zone.polygon, settings.labels)
    return RuleWatch(settings, rule, stopped.StoppedState(), stopped.decide, look)


def _line_crossing(settings: LineCrossingSettings, hours: Schedule, patience: Patience) -> AnyWatch:
    rule = line_crossing.LineCrossing(
        hours,
        settings.direction,
        frozenset(settings.labels),
        settings.threshold,
        timedelta(seconds=settings.window_s),
        patience,
    )
    look = partial(_at_line, settings.line)
    return RuleWatch(settings, rule, line_crossing.LineCrossingState(), line_crossing.decide, look)


def _direction(start: Point, end: Point) -> Point:
    """The arrow's direction as a vector of length 1."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = hypot(dx, dy)
    return dx / length, dy / length
