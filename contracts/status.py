"""How a box and its cameras are right now: the retained message that a last will turns to `offline`.

It is a state, not a record: the newest replaces all others, and history comes from telemetry and events.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from contracts.configuration import ConfigAnswer
from contracts.ids import Code, Slug, Uuid7
from contracts.wire import Message, Timestamp, Versioned


class BoxState(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"


class CameraState(StrEnum):
    """The life of a camera's connection; `edge.capture.connection` holds the transitions."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    FAILED = "failed"


class CameraFault(StrEnum):
    """Why a camera does not deliver pictures. Codes; the wall says them in the reader's language."""

    REFUSED = "refused"  # nothing listens at the address
    UNREACHABLE = "unreachable"  # no route, no such host
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"  # the server knows no such stream
    TIMEOUT = "timeout"  # it accepted and then said nothing
    PROTOCOL = "protocol"  # what it says is not RTSP
    NO_VIDEO = "no_video"
    CORRUPT = "corrupt"  # packets arrive, pictures do not
    STALLED = "stalled"  # it was streaming and fell silent
    ENDED = "ended"  # it closed the connection


class CameraStatus(Message):
    id: Slug
    site: Slug
    state: CameraState
    since: Timestamp
    fault: Code | None = None
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    fps: float | None = Field(default=None, ge=0, description="frames that arrived per second")
    analysed_fps: float | None = Field(default=None, ge=0)


class AdoptedDevice(Message):
    """A device that announced itself to the box, which took it in. One that the inventory declares is not told."""

    id: Slug
    name: str = Field(min_length=1, max_length=80)
    site: Slug
    kind: Code
    gateway: Slug | None = None
    model: str = Field(default="", max_length=120)
    metrics: tuple[Code, ...] = Field(default=(), max_length=40)


class OutboxStatus(Message):
    """Where the box's sequence stands, so that a missing tail can be told from a quiet box."""

    epoch: Uuid7
    head: int = Field(ge=0, description="the last sequence number given out in this epoch; 0 for none")
    pending: int = Field(ge=0, description="records of all epochs that wait for the centre")
    dropped: int = Field(ge=0, description="records given up for want of disk space, ever")


class BoxStatus(Versioned):
    """Payload of the `status` channel. `session` is one MQTT connection; its will carries the same one."""

    box: Slug
    session: Uuid7
    n: int = Field(ge=0, description="counts up within the session")
    state: BoxState
    at: Timestamp
    version: str = Field(default="", max_length=40)
    outbox: OutboxStatus | None = None
    cameras: tuple[CameraStatus, ...] = ()
    devices: tuple[AdoptedDevice, ...] | None = Field(
        default=None, max_length=500, description="what the box adopted; absent where nothing of it is new"
    )
    config: ConfigAnswer | None = Field(
        default=None, description="what became of the configuration that the centre pushed last; absent: none came"
    )
