"""What a camera watches for, as written in the box's file: zones, lines, and one class a kind of rule.

Knows shapes, units and defaults; what a rule does with its numbers is in `edge.rules`, what it is for in docs/rules.md.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.event import Severity
from contracts.ids import Slug
from contracts.inventory import Polygon
from contracts.settings import Settings
from contracts.wire import Fraction
from edge.rules.calendar import Calendar
from edge.rules.schedule import Schedule
from edge.schedule_settings import WindowSettings, days_named, hours

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Pause = Annotated[float, Field(ge=0, le=86_400)]
Point = tuple[Fraction, Fraction]
Label = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck", "dog", "bag"]

VEHICLES: tuple[Label, ...] = ("bicycle", "motorcycle", "car", "bus", "truck")
MOTOR_VEHICLES: tuple[Label, ...] = ("motorcycle", "car", "bus", "truck")


class RuleSettings(Settings):
    """What every rule has. `place` is the zone or the line that it watches; None is the whole picture."""

    id: Slug
    severity: Severity
    schedule: tuple[WindowSettings, ...] | None = Field(default=None, description="when it watches; absent: always")
    clear_after_s: Seconds = 3.0
    cool_down_s: Pause = Field(default=0.0, description="after a close nothing opens for so long, unless it grew worse")

    @property
    def place(self) -> str | None:
        return None

    def hours(self, time_zone: str, calendar: Calendar) -> Schedule:
        """When this rule watches, in the box's time zone."""
        return hours(self.schedule, time_zone, calendar)

    def days_named(self) -> frozenset[str]:
        """Every day that the schedule names."""
        return days_named(self.schedule)


class ZoneRuleSettings(RuleSettings):
    """A rule that watches one zone."""

    zone: Slug

    @property
    def place(self) -> str | None:
        return self.zone


class IntrusionSettings(ZoneRuleSettings):
    """Somebody stays in a zone while it is closed."""

    kind: Literal["intrusion"]
    severity: Severity = Severity.HIGH
    min_seconds: Seconds = 1.0


class OccupancySettings(ZoneRuleSettings):
    """More people in a zone than it should hold."""

    kind: Literal["occupancy"]
    severity: Severity = Severity.MEDIUM
    threshold: int = Field(ge=1, le=10_000, description="this many are too many")
    hysteresis: int = Field(default=1, ge=0, description="it is over below threshold minus this")
    min_seconds: Seconds = 2.0


class CrowdingSettings(ZoneRuleSettings):
    """People stand too close together in a zone."""

    kind: Literal["crowding"]
    severity: Severity = Severity.HIGH
    density: float = Field(
        gt=0,
        le=10_000,
        description="too dense: persons a square metre where the zone has area_m2, else a whole picture",
    )
    at_least: int = Field(default=3, ge=1, description="fewer people are no crowd, however small the zone")
    hysteresis: float = Field(default=0.2, ge=0, lt=1, description="it is over this share below `density`")
    min_seconds: Seconds = 5.0
    cool_down_s: Pause = 60.0


class LoiteringSettings(ZoneRuleSettings):
    """One person stays in a zone for long."""

    kind: Literal["loitering"]
    severity: Severity = Severity.MEDIUM
    min_seconds: Seconds = 60.0
    clear_after_s: Seconds = 5.0
    cool_down_s: Pause = 60.0


class WrongWaySettings(ZoneRuleSettings):
    """Something moves through a zone against its direction."""

    kind: Literal["wrong_way"]
    severity: Severity = Severity.MEDIUM
    direction: tuple[Point, Point] = Field(
        description="an arrow in the picture: where traffic comes from, where it goes"
    )
    labels: tuple[Label, ...] = Field(default=VEHICLES, min_length=1)
    min_distance: float = Field(default=0.1, gt=0, le=1, description="against the arrow, in picture widths or heights")
    min_seconds: Seconds = 1.0
    max_angle_deg: float = Field(default=60.0, gt=0, lt=90, description="how far from straight against it may be")
    cool_down_s: Pause = 10.0

    @model_validator(mode="after")
    def _arrow_has_a_length(self) -> Self:
        if self.direction[0] == self.direction[1]:
            raise ValueError("direction needs two different points")
        return self


class StoppedVehicleSettings(ZoneRuleSettings):
    """A vehicle stands where none should."""

    kind: Literal["stopped_vehicle"]
    severity: Severity = Severity.MEDIUM
    labels: tuple[Label, ...] = Field(default=MOTOR_VEHICLES, min_length=1)
    min_seconds: Seconds = 120.0
    radius: float = Field(
        default=0.25, gt=0, le=2, description="it stands while its foot stays within this share of its box"
    )
    clear_after_s: Seconds = 5.0
    cool_down_s: Pause = 60.0


class BlockedFireLaneSettings(ZoneRuleSettings):
    """Anything stands in the way of the fire brigade."""

    kind: Literal["blocked_fire_lane"]
    severity: Severity = Severity.HIGH
    labels: tuple[Label, ...] = Field(default=(*VEHICLES, "bag"), min_length=1)
    any_object: bool = Field(default=True, description="also what is put down and has no name (see left_object)")
    min_seconds: Seconds = 60.0
    radius: float = Field(default=0.25, gt=0, le=2)
    clear_after_s: Seconds = 5.0
    cool_down_s: Pause = 60.0


class LeftObjectSettings(ZoneRuleSettings):
    """Something is put down and left alone."""

    kind: Literal["left_object"]
    severity: Severity = Severity.HIGH
    min_seconds: Seconds = Field(default=30.0, description="there, and with nobody near, for so long")
    near: float = Field(default=0.5, ge=0, le=5, description="near is within this share of the person's height")
    clear_after_s: Seconds = 5.0
    cool_down_s: Pause = 60.0


class LineCrossingSettings(RuleSettings):
    """So many cross a line within a minute; 1 makes the line a trip wire."""

    kind: Literal["line_crossing"]
    severity: Severity = Severity.MEDIUM
    line: Slug
    direction: Literal["in", "out", "both"] = "both"
    labels: tuple[Label, ...] = Field(default=("person",), min_length=1)
    threshold: int = Field(default=1, ge=1, le=10_000, description="this many within window_s")
    window_s: Seconds = 60.0
    clear_after_s: Seconds = 10.0

    @property
    def place(self) -> str | None:
        return self.line


AnyRule = Annotated[
    IntrusionSettings
    | OccupancySettings
    | CrowdingSettings
    | LoiteringSettings
    | WrongWaySettings
    | StoppedVehicleSettings
    | BlockedFireLaneSettings
    | LeftObjectSettings
    | LineCrossingSettings,
    Field(discriminator="kind"),
]


class ZoneSettings(Settings):
    id: Slug
    polygon: Polygon
    area_m2: float | None = Field(default=None, gt=0, le=100_000, description="what the polygon covers on the ground")


class LineSettings(Settings):
    """A line that counts who crosses it. Looking along it from its first point, `in` is from the left to the right."""

    id: Slug
    points: tuple[Point, ...] = Field(min_length=2, max_length=16)
    counts: tuple[Literal["person", "vehicle"], ...] = Field(default=("person",), min_length=1)
    margin: float = Field(
        default=0.1, ge=0, le=1, description="who is this share of the box's height beyond the line has crossed it"
    )

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if any(first == second for first, second in zip(self.points, self.points[1:], strict=False)):
            raise ValueError(f"line {self.id} has two points in one place")
        return self
