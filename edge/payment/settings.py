"""Which payment points a camera looks at, as written in the box's file: where their codes hang, and how patient to be.

Who may be paid at a point is not in the file: the centre says so (edge.payment.allowed).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

from pydantic import Field, model_validator

from contracts.ids import Slug
from contracts.inventory import Polygon
from contracts.settings import Settings
from edge.payment.point import ELSEWHERE, PointRule
from edge.rules.calendar import Calendar
from edge.rules.schedule import Schedule
from edge.schedule_settings import WindowSettings, days_named, hours

RULE: Final = "payment-code"
"""The rule that the events of payment points name."""

NARROWEST: Final = 0.005
"""Least width and height of a region, as shares of the picture: nothing can be read in a smaller one."""

HIDDEN_S: Final = 10.0
"""Somebody may stand before the board for so long between the first sign and the alarm, and the clip has it all."""


class PaymentPointSettings(Settings):
    """A place where a camera can read a shop's payment code. `id` is the payment point's in the inventory."""

    id: Slug
    region: Polygon = Field(description="where its codes hang or stand, with some room around them")
    every_s: float = Field(default=1.0, ge=0.2, le=60, description="seconds between two looks")
    unread_after_s: float = Field(default=120.0, gt=0, le=86_400, description="unread for so long is unreadable")
    changed_after_s: float = Field(
        default=20.0, ge=1, le=600, description="looking otherwise for so long is covered, or missing"
    )
    touched_after_s: float = Field(
        default=10.0, ge=1, le=600, description="somebody before it for so long out of hours may have exchanged it"
    )
    schedule: tuple[WindowSettings, ...] | None = Field(
        default=None, description="opening hours, out of which the place may be empty or covered; absent: always open"
    )

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        for side in zip(*self.region, strict=True):
            if max(side) - min(side) < NARROWEST:
                raise ValueError(f"the region of payment point {self.id} is too narrow to hold a code")
        return self

    @property
    def noticed_after_s(self) -> float:
        """How long after its first sign something is told, as long as the code is well read and nobody stands long
        before it. What shows itself more slowly has a clip that begins later.
        """
        return max(self.changed_after_s, ELSEWHERE.total_seconds()) + HIDDEN_S

    @property
    def rule(self) -> PointRule:
        """The same as the watch has it."""
        return PointRule(
            timedelta(seconds=self.unread_after_s),
            timedelta(seconds=self.changed_after_s),
            timedelta(seconds=self.touched_after_s),
        )

    def hours(self, time_zone: str, calendar: Calendar) -> Schedule:
        """When the point is open, in the box's time zone."""
        return hours(self.schedule, time_zone, calendar)

    def days_named(self) -> frozenset[str]:
        """Every day that the opening hours name."""
        return days_named(self.schedule)
