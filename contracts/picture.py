"""A live picture with the boxes that belong to it, as it travels from the box through the API to a browser.

One binary WebSocket message: 4 bytes header length (big endian), the header as JSON, the JPEG. The API passes it
on unread but for the header. Pictures never travel over MQTT.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, ValidationError

from contracts.event import TrackSighting
from contracts.ids import Code, Slug
from contracts.wire import BrokenMessageError, Message, Timestamp, explain

MAX_PICTURE_BYTES = 4 * 1024 * 1024


class NoVideo(StrEnum):
    """Why a box sends pictures of a camera whose video is wanted."""

    MASKED = "masked"  # privacy masks are burnt into pictures; the camera's own video would show what they cover
    CODEC = "codec"  # the camera sends something else than H.264 or H.265


class PictureHeader(Message):
    """Which camera, when, and what was seen in this very frame."""

    camera: Slug
    captured_at: Timestamp
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    tracks: tuple[TrackSighting, ...] = ()
    no_video: Code | None = Field(default=None, description="why this comes to somebody who wants video: a NoVideo")


def pack(header: PictureHeader, jpeg: bytes) -> bytes:
    """The message for one picture."""
    head = header.to_bytes()
    return len(head).to_bytes(4, "big") + head + jpeg


def unpack(message: bytes) -> tuple[PictureHeader, bytes]:
    """Header and JPEG of a message. Raises BrokenMessageError when it is not one."""
    if len(message) > MAX_PICTURE_BYTES:
        raise BrokenMessageError("too_large", f"{len(message)} bytes, at most {MAX_PICTURE_BYTES}")
    end = 4 + int.from_bytes(message[:4], "big")
    if len(message) <= end:
        raise BrokenMessageError("truncated", f"header says {end} bytes, message has {len(message)}")
    jpeg = message[end:]
    if not jpeg.startswith(b"\xff\xd8"):
        raise BrokenMessageError("not_jpeg", "no JPEG behind the header")
    try:
        return PictureHeader.model_validate_json(message[4:end]), jpeg
    except ValidationError as error:
        raise BrokenMessageError("invalid", explain(error)) from None
