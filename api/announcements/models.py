"""What the routes of announcements take and answer, and how rows of the database become that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.announcements.life import Life, life
from api.texts import TEXT_PATTERN, Reason
from contracts.announcement import LONGEST_TEXT, MOST_SPEAKERS, Language, Priority, Template
from contracts.ids import Slug
from storage.announcements import AnnouncementRow, PlayRow, SpeakerRow

Spoken = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT, pattern=TEXT_PATTERN)
]
Value = Annotated[str, StringConstraints(max_length=20)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wish(_Strict):
    """What to say at a site: one of the texts with its places filled, or words of one's own."""

    site: Slug
    template: Slug | None = None
    text: Spoken | None = None
    language: Language = "vi"
    stall: Value = ""
    plate: Value = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.template is None) == (self.text is None):
            raise ValueError("give either a template or a text")
        return self


class Proposal(Wish):
    """The same, over these speakers of the site; none named: all of them."""

    speakers: list[Slug] = Field(default=[], max_length=MOST_SPEAKERS)
    priority: Literal["normal", "urgent"] = Field(default="normal", description="of words of one's own")
    incident: UUID | None = None


class Remark(_Strict):
    remark: Reason


class TemplateChoice(BaseModel):
    """`places`: what must be given beside the site. `preapproved`: it is said at once."""

    id: str
    name: dict[Language, str]
    text: dict[Language, str]
    places: list[str]
    priority: Priority
    preapproved: bool


class SpeakerChoice(BaseModel):
    id: str
    name: str
    site: str
    site_name: str
    ward: str


class Choices(BaseModel):
    """`speaks`: whether texts without a recorded clip can be said here. `proposes`, `approves`: what the reader may."""

    speaks: bool
    proposes: bool
    approves: bool
    templates: list[TemplateChoice]
    speakers: list[SpeakerChoice]


class Play(BaseModel):
    speaker: str
    name: str
    state: str
    reason: str | None = None
    at: datetime | None = None


class Announcement(BaseModel):
    """One announcement. Without `proposed_by` a box said it by its own rule because of `cause`."""

    id: UUID
    ward: str
    site: str
    site_name: str
    incident: UUID | None = None
    template: str | None = None
    language: str
    text: str
    source: str
    seconds: float
    priority: Priority
    state: Life
    proposed_by: str | None = None
    box: str | None = None
    cause: str | None = None
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    remark: str | None = None
    cancelled_by: str | None = None
    expires_at: datetime
    plays: list[Play]
    may_approve: bool
    may_cancel: bool


class Announcements(BaseModel):
    items: list[Announcement]
    next: UUID | None = None


def template_choice(template: Template) -> TemplateChoice:
    return TemplateChoice(
        id=template.id,
        name={"vi": template.name.vi, "en": template.name.en},
        text={"vi": template.text.vi, "en": template.text.en},
        places=list(template.places),
        priority=template.priority,
        preapproved=template.preapproved,
    )


def speaker_choice(row: SpeakerRow) -> SpeakerChoice:
    return SpeakerChoice(id=row.id, name=row.name, site=row.site_id, site_name=row.site_name, ward=row.ward_id)


def announcement_of(
    row: AnnouncementRow, plays: Sequence[PlayRow], *, reader: str, approves: bool, proposes: bool, now: datetime
) -> Announcement:
    """`reader` may approve what is not of their own words; `approves` and `proposes` are what their role may."""
    state = life(row.state, [play.state for play in plays], row.expires_at, now)
    begun = state in (Life.APPROVED, Life.SENT)
    return Announcement(
        id=row.id,
        ward=row.ward_id,
        site=row.site_id,
        site_name=row.site_name or row.site_id,
        incident=row.incident_id,
        template=row.template,
        language=row.language,
        text=row.said,
        source=row.source,
        seconds=row.seconds,
        priority=Priority(row.priority),
        state=state,
        proposed_by=row.proposed_by,
        box=row.box_id,
        cause=row.cause,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remark=row.remark,
        cancelled_by=row.cancelled_by,
        expires_at=row.expires_at,
        plays=[
            Play(
                speaker=play.speaker_id,
                name=play.speaker_name or play.speaker_id,
                state=play.state,
                reason=play.reason,
                at=play.at,
            )
            for play in plays
        ],
        may_approve=state is Life.PROPOSED and approves and (row.template is not None or row.proposed_by != reader),
        may_cancel=proposes and (begun or (state is Life.PROPOSED and (approves or row.proposed_by == reader))),
    )
