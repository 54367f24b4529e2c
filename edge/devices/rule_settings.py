"""The rules of a device as written in the box's file: what is wrong, for how long, when, and how bad that is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.devices.metric import METRICS, YES_OR_NO
from contracts.event import EventKind, Severity
from contracts.ids import Slug
from contracts.settings import Settings
from edge.devices.alarm import AlarmRule, Closed, Limit
from edge.rules.calendar import Calendar
from edge.rules.schedule import Schedule
from edge.schedule_settings import WindowSettings, days_named, hours


def _known(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"{name} is nothing that devices measure")
    return name


MetricName = Annotated[str, AfterValidator(_known)]
AlarmKind = Literal[
    EventKind.SMOKE,
    EventKind.HEAT,
    EventKind.GAS,
    EventKind.AFTER_HOURS_LOAD,
    EventKind.MAINS_LOST,
    EventKind.DOOR_OPENED,
    EventKind.WATER_LEAK,
    EventKind.AIR_QUALITY,
]


class DeviceRuleSettings(Settings):
    """Beyond `raises` is wrong, behind `clears` is well again; what says yes or no needs neither."""

    id: Slug
    kind: AlarmKind
    metric: MetricName
    severity: Severity
    above: bool = Field(default=True, description="which side of the limits is wrong; false also for a no")
    raises: float | None = None
    clears: float | None = None
    hold_s: float = Field(default=0, ge=0, le=86_400, description="wrong for so long before it is an event")
    calm_s: float = Field(default=30, ge=0, le=86_400, description="and well for so long before the event closes")
    when: Literal["always", "closed"] = Field(default="always", description="`closed`: out of the opening hours only")
    schedule: tuple[WindowSettings, ...] | None = Field(default=None, description="or the hours themselves")

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.raises is None and METRICS[self.metric].unit != YES_OR_NO:
            raise ValueError(f"rule {self.id} must say which {self.metric} raises it")
        if self.when == "closed" and self.schedule is not None:
            raise ValueError(f"rule {self.id} watches out of opening hours, and so has no hours of its own")
        self.limit()
        return self

    @property
    def place(self) -> str | None:
        return None

    def limit(self) -> Limit:
        """Raises ValueError where the limits lie the wrong way round."""
        raises = self.raises if self.raises is not None else float(self.above)
        return Limit(raises, self.clears if self.clears is not None else raises, self.above)

    def rule(self, opening: Schedule | None, time_zone: str, calendar: Calendar) -> AlarmRule:
        """The same for the machine; `opening` are the opening hours, none for a place that never closes."""
        closed = self.when == "closed" and opening is not None
        watches = Closed(opening) if closed and opening else hours(self.schedule, time_zone, calendar)
        return AlarmRule(
            self.metric, self.limit(), watches, timedelta(seconds=self.hold_s), timedelta(seconds=self.calm_s)
        )

    def days_named(self) -> frozenset[str]:
        return days_named(self.schedule)
