"""What the centre asks of a box, and what the box answers: JSON text messages, told apart by `type`, on the box's
WebSocket `/api/v1/box/live` (docs/decisions/008).

The centre keeps what it has asked until it is answered for good, and asks again whenever the box dials in: a box may
hear the same request any number of times, and answers it as it did before.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from contracts.feed import Watch
from contracts.ids import Code, Digest, Slug, Uuid7
from contracts.wire import Message, Timestamp

LONGEST_RANGE_S: Final = 600
"""Nobody watches more at once, and a mobile line carries little more."""


class RecordingWanted(Message):
    """The centre wants what a camera recorded from `begin` to `end`, as one MP4."""

    type: Literal["recording_wanted"] = "recording_wanted"
    id: Uuid7
    camera: Slug
    begin: Timestamp
    end: Timestamp


class ReplyState(StrEnum):
    """How far a request is at the box."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"


class Refusal(StrEnum):
    """Why a box cannot do what it is asked."""

    NOT_RECORDED = "not_recorded"  # the camera is not recorded, or is not this box's
    NOTHING_LEFT = "nothing_left"  # nothing of that time is there, or no longer
    BAD_RANGE = "bad_range"
    TOO_LARGE = "too_large"
    DISK_FULL = "disk_full"


class RecordingReply(Message):
    """The box's answer. When it is done, `digest` names the MP4, which is being uploaded, and shows from `began_at` to
    `ended_at`, which may be less than was asked for.
    """

    type: Literal["recording_reply"] = "recording_reply"
    id: Uuid7
    state: ReplyState
    reason: Code | None = None
    digest: Digest | None = None
    began_at: Timestamp | None = None
    ended_at: Timestamp | None = None


BoxCommand = Annotated[Watch | RecordingWanted, Field(discriminator="type")]
BOX_COMMAND: TypeAdapter[BoxCommand] = TypeAdapter(BoxCommand)
