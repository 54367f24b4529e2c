"""What the wall's WebSocket `/api/v1/live` says, and what the box's `/api/v1/box/live` hears.

JSON text messages told apart by `type`; live pictures and video are binary (`contracts.picture`, `contracts.video`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from contracts.event import Event
from contracts.ids import Slug, Uuid7
from contracts.incident import Incident
from contracts.status import BoxState, CameraStatus
from contracts.video import StreamName
from contracts.wire import Message, Timestamp


class Hello(Message):
    """First message to a viewer: the clock to measure ages against."""

    type: Literal["hello"] = "hello"
    at: Timestamp


class EventChanged(Message):
    """An event opened, changed or closed, and is committed."""

    type: Literal["event"] = "event"
    ward: Slug
    box: Slug
    event: Event
    received_at: Timestamp


class IncidentChanged(Message):
    """An incident opened, grew, or somebody took a step. One whose `under` is set is not shown by itself.

    `events` are its newest ones, so that a viewer knows what each alert belongs to.
    """

    type: Literal["incident"] = "incident"
    incident: Incident
    events: tuple[Uuid7, ...] | None = Field(default=None, max_length=50)


class CameraChanged(Message):
    """A camera's connection state as its box last told it."""

    type: Literal["camera"] = "camera"
    box: Slug
    camera: CameraStatus


class BoxChanged(Message):
    type: Literal["box"] = "box"
    box: Slug
    state: BoxState
    at: Timestamp


class CamerasChanged(Message):
    """What a box watches, or what people call it, is other than it was: fetch the cameras anew."""

    type: Literal["cameras"] = "cameras"
    box: Slug


class Missed(Message):
    """The viewer was too slow, or the database connection was lost: fetch events, incidents and cameras anew."""

    type: Literal["missed"] = "missed"


FeedMessage = Annotated[
    Hello | EventChanged | IncidentChanged | CameraChanged | BoxChanged | CamerasChanged | Missed,
    Field(discriminator="type"),
]


class Watch(Message):
    """Which cameras are watched: from a viewer to the API, and from the API to a box.

    Of those in `video` the camera's own video is wanted (`contracts.video`), of the others pictures. `pictures` names
    those in `video` of which some viewers want pictures besides. Who knows neither field sends pictures of all.

    Of those in `video` that `sub` names the sub-stream is wanted, and of those in `sub` that `main` names the main
    stream besides. Who knows neither sends the main stream of all.
    """

    type: Literal["watch"] = "watch"
    cameras: tuple[Slug, ...] = Field(max_length=64)
    video: tuple[Slug, ...] | None = Field(default=None, max_length=64)
    pictures: tuple[Slug, ...] | None = Field(default=None, max_length=64)
    sub: tuple[Slug, ...] | None = Field(default=None, max_length=64)
    main: tuple[Slug, ...] | None = Field(default=None, max_length=64)

    @property
    def streams(self) -> dict[str, frozenset[StreamName]]:
        """Which streams are wanted of each camera whose video is wanted."""
        sub, main = frozenset(self.sub or ()), frozenset(self.main or ())
        return {camera: _streams(camera in sub, camera in main) for camera in self.video or ()}


def _streams(sub: bool, main: bool) -> frozenset[StreamName]:
    if not sub:
        return frozenset({"main"})
    return frozenset({"sub", "main"}) if main else frozenset({"sub"})


FEED: TypeAdapter[FeedMessage] = TypeAdapter(FeedMessage)
