"""What the centre asks of a box, and what the box answers: JSON text messages, told apart by `type`, on the box's
WebSocket `/api/v1/box/live` (docs/decisions/008).

The centre keeps what it has asked until it is answered for good, and asks again whenever the box dials in: a box may
hear the same request any number of times, and answers it as it did before.
"""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from contracts.announcement import Announce, AnnounceCancel, Announced, AnnouncedKept, AnnounceReply, FireSounds
from contracts.feed import Watch
from contracts.ids import Code, Digest, Slug, Uuid7
from contracts.payment_code import MIN_KEY_BYTES
from contracts.wire import Message, Timestamp

LONGEST_RANGE_S: Final = 600
"""Nobody watches more at once, and a mobile line carries little more."""

MOST_POINTS: Final = 500
MOST_PAYEES: Final = 16
"""Of a point. Traders show two or three banks' codes, and a code may name several payees."""


def _key(value: str) -> str:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("must be written in base64") from None
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"must have at least {MIN_KEY_BYTES} bytes")
    return value


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


class PointPayees(Message):
    """Whom a payment point is paid to: `contracts.payment_code.fingerprint` of each payee that its codes may name."""

    id: Slug
    payees: tuple[Digest, ...] = Field(max_length=MOST_PAYEES)


class PaymentPoints(Message):
    """All payment points of the box's sites, in place of those that the box was told before. `key` is what the ward's
    fingerprints are made with, in base64: whoever has it can try account numbers, so it is never shown.
    """

    type: Literal["payment_points"] = "payment_points"
    key: Annotated[str, AfterValidator(_key)] = Field(max_length=256, repr=False)
    points: tuple[PointPayees, ...] = Field(max_length=MOST_POINTS)

    @property
    def key_bytes(self) -> bytes:
        return base64.b64decode(self.key)


BoxCommand = Annotated[
    Watch | RecordingWanted | PaymentPoints | Announce | AnnounceCancel | FireSounds | AnnouncedKept,
    Field(discriminator="type"),
]
BOX_COMMAND: TypeAdapter[BoxCommand] = TypeAdapter(BoxCommand)

BoxWord = Annotated[RecordingReply | AnnounceReply | Announced, Field(discriminator="type")]
"""What a box answers or tells on the same line."""

BOX_WORD: TypeAdapter[BoxWord] = TypeAdapter(BoxWord)
