"""What camera health looks for, and how patient it is: one small class a check, all on by default.

The defaults fit a street camera at a few metres' height; docs/camera-health.md says when to change which.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.event import EventKind, Severity
from contracts.settings import Settings

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Share = Annotated[float, Field(gt=0, lt=1)]


class CheckSettings(Settings):
    """What all checks have. To the event book a check is a rule of the camera whose name nobody gave."""

    kind: ClassVar[EventKind]
    place: ClassVar[str | None] = None

    enabled: bool = True
    severity: Severity
    after_s: Seconds = Field(description="it must last so long before it is an event")
    clear_after_s: Seconds = Field(default=10.0, description="and be gone for so long before the event closes")
    cool_down_s: float = Field(default=60.0, ge=0, le=86_400, description="after a close nothing opens for so long")

    @property
    def id(self) -> str:
        return self.kind.value.replace("_", "-")


class CoveredSettings(CheckSettings):
    """A hand, a bag, paint: most of what has contours has lost them."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_COVERED
    severity: Severity = Severity.HIGH
    after_s: Seconds = 5.0
    clear_after_s: Seconds = 5.0
    share: Share = Field(default=0.6, description="of the parts that have contours, so many have lost them")


class BlurredSettings(CheckSettings):
    """Out of focus, or a film of dirt or water on the glass."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_BLURRED
    severity: Severity = Severity.MEDIUM
    after_s: Seconds = 30.0
    share: Share = Field(default=0.65, description="sharpness below this share of the camera's own at the same light")


class MovedSettings(CheckSettings):
    """Somebody turned it, or its mount gave way."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_MOVED
    severity: Severity = Severity.HIGH
    after_s: Seconds = 10.0
    shift: float = Field(default=0.03, ge=0.01, le=0.1, description="as a share of the picture's width")
    accept_after_s: Seconds = Field(default=3600.0, description="then the new view is the right one")


class DarkSettings(CheckSettings):
    """Nothing can be seen: no street light, no infrared."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_DARK
    severity: Severity = Severity.MEDIUM
    after_s: Seconds = 60.0
    clear_after_s: Seconds = 30.0
    level: Share = Field(default=0.1, description="nine tenths of the picture are darker than this; 1 is white")


class FrozenSettings(CheckSettings):
    """Pictures come, always the same one."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_FROZEN
    severity: Severity = Severity.HIGH
    after_s: Seconds = 120.0
    clear_after_s: Seconds = 3.0
    share: Share = Field(default=0.12, description="a burnt-in clock and compression change at most so much of it")


class StalledSettings(CheckSettings):
    """No pictures come, whatever the reason."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_STALLED
    severity: Severity = Severity.HIGH
    after_s: Seconds = 20.0
    clear_after_s: Seconds = 5.0


class WrongClockSettings(CheckSettings):
    """The camera's own clock differs from the box's: what is burnt into its pictures is no evidence."""

    kind: ClassVar[EventKind] = EventKind.CAMERA_WRONG_CLOCK
    severity: Severity = Severity.LOW
    after_s: Seconds = 30.0
    clear_after_s: Seconds = 30.0
    offset_s: Seconds = 10.0


class HealthSettings(Settings):
    """All checks of a camera."""

    every_s: float = Field(default=1.0, ge=0.2, le=2.0, description="how often a picture is checked")
    covered: CoveredSettings = CoveredSettings()
    blurred: BlurredSettings = BlurredSettings()
    moved: MovedSettings = MovedSettings()
    dark: DarkSettings = DarkSettings()
    frozen: FrozenSettings = FrozenSettings()
    stalled: StalledSettings = StalledSettings()
    wrong_clock: WrongClockSettings = WrongClockSettings()

    def checks(self) -> tuple[CheckSettings, ...]:
        """Every check there is, on or off."""
        return tuple(part for name in type(self).model_fields if isinstance(part := getattr(self, name), CheckSettings))

    @classmethod
    def names(cls) -> frozenset[str]:
        """What the checks are called among the rules of a camera."""
        return frozenset(check.id for check in cls().checks())
