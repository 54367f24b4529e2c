"""Settings of what is said over loudspeakers: the ward's own texts, its recorded clips, and the voice of the rest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from contracts.announcement import Template, known
from contracts.settings import Settings


class AnnouncementSettings(Settings):
    templates: tuple[Template, ...] = Field(
        default=(), max_length=100, description="texts of one's own; one with the id of a known text replaces it"
    )
    clips_dir: Path | None = Field(
        default=None, description="recorded clips, named by template and site: bao-chay.cho-an-luu.wav or .mp3"
    )
    program: str = Field(default="espeak-ng", min_length=1, description="what speaks where nothing was recorded")
    voice: str = Field(
        default="vi", pattern=r"^[a-z][a-z0-9-]{1,39}$", description="vi, vi-vn-x-central or vi-vn-x-south"
    )
    words_per_minute: int = Field(default=140, ge=80, le=250)
    approval_minutes: float = Field(default=60, gt=0, le=24 * 60, description="what nobody approves until then is over")
    valid_minutes: float = Field(default=10, gt=0, le=24 * 60, description="later than this it is not said any more")

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if len({template.id for template in self.templates}) < len(self.templates):
            raise ValueError("two templates have one name")
        return self

    def every_template(self) -> dict[str, Template]:
        """The known texts and those of one's own, by id."""
        return {template.id: template for template in (*known(), *self.templates)}

    @property
    def approval(self) -> timedelta:
        return timedelta(minutes=self.approval_minutes)

    @property
    def valid(self) -> timedelta:
        return timedelta(minutes=self.valid_minutes)
