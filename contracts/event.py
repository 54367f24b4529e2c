"""What a rule saw: an event with a life (open, update, close) under one id, and the batch that carries it.

Every message carries the event's whole state at its `revision`, so the centre can take them in any order and
any number of times. Pictures and clips are found or finished later than what they show: a revision may change nothing
but them, also after the close, whose phase and times it then repeats. An event says what was seen or measured and
where, never who a person is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field, model_validator

from contracts.ids import Code, Digest, Slug, Uuid7
from contracts.model import ModelCard
from contracts.records import Batch, Record
from contracts.wire import Fraction, Message, Timestamp


class Phase(StrEnum):
    """Where an event is in its life."""

    OPEN = "open"
    UPDATE = "update"
    CLOSE = "close"


class Severity(StrEnum):
    """How soon somebody must look, from a note in the history to a siren."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class EventKind(StrEnum):
    """The kinds that have a name; the wire accepts any code, for newer boxes."""

    INTRUSION = "intrusion"
    OCCUPANCY = "occupancy"
    CROWDING = "crowding"
    LOITERING = "loitering"
    WRONG_WAY = "wrong_way"
    STOPPED_VEHICLE = "stopped_vehicle"
    BLOCKED_FIRE_LANE = "blocked_fire_lane"
    LEFT_OBJECT = "left_object"
    LINE_CROSSING = "line_crossing"
    CAMERA_COVERED = "camera_covered"
    CAMERA_BLURRED = "camera_blurred"
    CAMERA_MOVED = "camera_moved"
    CAMERA_DARK = "camera_dark"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_STALLED = "camera_stalled"
    CAMERA_WRONG_CLOCK = "camera_wrong_clock"
    PAYMENT_CODE_MISMATCH = "payment_code_mismatch"
    PAYMENT_CODE_FOREIGN = "payment_code_foreign"
    PAYMENT_CODE_ADDED = "payment_code_added"
    PAYMENT_CODE_COVERED = "payment_code_covered"
    PAYMENT_CODE_MISSING = "payment_code_missing"
    PAYMENT_CODE_UNREADABLE = "payment_code_unreadable"
    SMOKE = "smoke"
    HEAT = "heat"
    GAS = "gas"
    AFTER_HOURS_LOAD = "after_hours_load"
    MAINS_LOST = "mains_lost"
    DOOR_OPENED = "door_opened"
    WATER_LEAK = "water_leak"
    AIR_QUALITY = "air_quality"
    DEVICE_SILENT = "device_silent"
    GATEWAY_SILENT = "gateway_silent"


FIRE: Final = frozenset({EventKind.SMOKE, EventKind.HEAT, EventKind.GAS})
"""What may be a fire: wherever it is told, so is the number of the fire brigade."""


class PictureBox(Message):
    """A rectangle in normalised picture coordinates: 0,0 is the top left, 1,1 the bottom right corner."""

    x1: Fraction
    y1: Fraction
    x2: Fraction
    y2: Fraction


class TrackSighting(Message):
    """A track that belongs to an event, where it was in the deciding frame."""

    id: Uuid7
    label: Code
    box: PictureBox
    confidence: Fraction


class Event(Message):
    """The state of one event at one revision. It was seen by a camera or measured by a device: one of them is named.
    A picture of what a device measured is of the camera that `why` names.
    """

    id: Uuid7
    revision: int = Field(ge=0)
    phase: Phase
    kind: Code
    severity: Severity
    site: Slug
    camera: Slug | None = None
    device: Slug | None = Field(default=None, description="the sensor, meter or gateway that it is about")
    zone: Slug | None = None
    rule: Slug
    opened_at: Timestamp
    at: Timestamp = Field(description="when this revision was decided")
    captured_at: Timestamp = Field(description="when the deciding frame reached the box")
    closed_at: Timestamp | None = None
    close_reason: Code | None = None
    count: int = Field(default=0, ge=0, description="persons or objects now")
    peak_count: int = Field(default=0, ge=0, description="the most there were at once")
    confidence: Fraction = Field(default=0.0, description="best detection score among the tracks")
    tracks: tuple[TrackSighting, ...] = ()
    snapshot: Digest | None = Field(default=None, description="picture of the frame in which `tracks` were seen")
    thumbnail: Digest | None = Field(default=None, description="small JPEG of the snapshot, cut around `tracks`")
    clip: Digest | None = Field(default=None, description="MP4 of the moments before and after the opening")
    clip_began_at: Timestamp | None = Field(default=None, description="when the clip's first picture was taken")
    model: str | None = Field(default=None, max_length=80, description="name of the detector's model card")
    card: ModelCard | None = Field(default=None, description="the network that saw it")
    why: dict[Code, float | str] = Field(default_factory=dict, max_length=16)
    payment_point: Slug | None = Field(default=None, description="whose code it is about")
    place: PictureBox | None = Field(default=None, description="where in the picture it is, of what is no track")

    @model_validator(mode="after")
    def _closed_when_closing(self) -> Event:
        if (self.phase is Phase.CLOSE) != (self.closed_at is not None):
            raise ValueError("closed_at must be set when, and only when, the phase is close")
        return self

    @model_validator(mode="after")
    def _seen_or_measured(self) -> Event:
        if (self.camera is None) == (self.device is None):
            raise ValueError("either a camera or a device must be named, and not both")
        return self

    @property
    def source(self) -> str:
        """The camera or device that it is from."""
        return self.camera or self.device or ""


class EventRecord(Record):
    """An event revision with its place in the box's sequence."""

    event: Event


class EventBatch(Batch):
    """Payload of the `events` channel."""

    records: tuple[EventRecord, ...] = Field(min_length=1, max_length=500)
