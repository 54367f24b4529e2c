"""What the box keeps of its cameras' video and how it brings it to the centre, as written in the box's file."""

from __future__ import annotations

from pydantic import Field, model_validator

from contracts.ids import Slug
from contracts.settings import Settings


class ClipSettings(Settings):
    """A clip for every event, without encoding anything again."""

    before_s: float = Field(default=10.0, ge=0, le=60, description="seconds before the opening")
    after_s: float = Field(default=20.0, gt=0, le=600, description="seconds after the opening; a later close ends it")
    longest_s: float = Field(default=120.0, gt=0, le=1800, description="of an event that stays open")
    ring_mb: int = Field(default=32, ge=1, le=1024, description="memory a camera for the seconds before")
    payment_before_s: float = Field(
        default=30.0, ge=0, le=60, description="seconds before the first sign that a payment code was exchanged"
    )
    payment_ring_mb: int = Field(
        default=64, ge=1, le=1024, description="memory of a camera that looks at payment points: a minute of 8 Mbit/s"
    )

    @model_validator(mode="after")
    def _longest_is_longest(self) -> ClipSettings:
        if self.longest_s < self.before_s + self.after_s:
            raise ValueError("longest_s must be at least before_s and after_s together")
        return self


class RecordingSettings(Settings):
    """Continuous recording in segments, of which the centre may ask for a range of time. Absent: none."""

    segment_s: float = Field(default=60.0, ge=5, le=600)
    max_gb: float = Field(default=50.0, gt=0, description="of all cameras together; the oldest go first")
    max_days: float = Field(default=7.0, gt=0, le=366)
    cameras: tuple[Slug, ...] | None = Field(default=None, description="only these; absent: all")


class UplinkSettings(Settings):
    """How much of the line to the centre pictures and clips may take."""

    daily_mb: float | None = Field(
        default=None, gt=0, description="a day, from local midnight on, for a metered line; absent: as much as there is"
    )
    piece_kb: int = Field(default=512, ge=16, le=8192, description="sent at once; what is more urgent goes in between")
