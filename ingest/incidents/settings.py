"""How events gather into incidents, as the settings of a worker say it; equal on all workers of a centre."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from contracts.event import Severity
from contracts.ids import Code
from contracts.settings import Settings


class CorrelationSettings(Settings):
    """Times in seconds. What is below `lowest` is a note in the history and opens no incident by itself."""

    lowest: Severity = Severity.MEDIUM
    joins_within_s: float = Field(default=600, gt=0, description="events of one place and kind this close are one")
    box_grace_s: float = Field(default=20, ge=0, description="a restart or a short gap of the line is no incident")
    box_silent_s: float = Field(default=60, ge=15, description="a box says how it is every five seconds")
    box_severity: Severity = Severity.HIGH
    together_s: float = Field(
        default=120, ge=0, description="boxes of a site that fall silent this close share a cause"
    )
    symptom_lead_s: float = Field(default=120, ge=0, description="what dies with the box may die this much earlier")
    mains_age_s: float = Field(default=1800, gt=0, description="how old a box's last word on its power may be")
    mains_metrics: tuple[Code, ...] = Field(default=("power.mains",), description="1 while there is mains power")
    battery_metrics: tuple[Code, ...] = Field(default=("ups.on_battery",), description="1 while there is none")

    @property
    def joins_within(self) -> timedelta:
        return timedelta(seconds=self.joins_within_s)

    @property
    def box_grace(self) -> timedelta:
        return timedelta(seconds=self.box_grace_s)

    @property
    def box_silent(self) -> timedelta:
        return timedelta(seconds=self.box_silent_s)

    @property
    def together(self) -> timedelta:
        return timedelta(seconds=self.together_s)

    @property
    def symptom_lead(self) -> timedelta:
        return timedelta(seconds=self.symptom_lead_s)

    @property
    def mains_age(self) -> timedelta:
        return timedelta(seconds=self.mains_age_s)
