"""Live video as it travels from the box through the API to a browser, in pieces that Media Source Extensions take.

One binary WebSocket message a piece: the byte 1, three bytes header length (big endian), the header as JSON, the piece
of fragmented MP4. The first byte of a picture (`contracts.picture`) is 0, since no header of one is that long; so who
passes messages on need not parse to tell them apart.

An `init` piece begins a stream anew; a `key` piece can be shown without those before it, a `delta` piece cannot. What
was seen in the frames (`tracks`, no MP4) comes later than the frames, and names them by `captured_at`.

Many cameras send the same view twice: the main stream, and a smaller one, the sub-stream, for those who want many
cameras at once. `end` (no MP4) says that there is no sub-stream now, and why; who wants it gets the main stream.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from pydantic import Field, ValidationError

from contracts.event import TrackSighting
from contracts.ids import Code, Slug
from contracts.wire import BrokenMessageError, Message, Timestamp, explain

MARK: Final = 1
TIME_SCALE: Final = 90_000
MAX_PIECE_BYTES: Final = 4 * 1024 * 1024

PieceKind = Literal["init", "key", "delta", "tracks", "end"]
StreamName = Literal["main", "sub"]
BARE: Final = frozenset({"tracks", "end"})
"""The kinds that have no MP4."""


class NoSub(StrEnum):
    """Why the main stream comes to somebody who wants the sub-stream."""

    NONE = "none"  # the box knows of no sub-stream of this camera
    FAILED = "failed"  # the camera does not send it; the box tries on
    CODEC = "codec"  # the sub-stream is something else than H.264 or H.265


class VideoHeader(Message):
    """Which camera, when, and where in the stream. `sequence` counts the key and delta pieces since `init`; `pts` is
    when to show the piece, in units of 1 / TIME_SCALE seconds. Codec (as RFC 6381 names it), width and height come
    with `init`. `tracks` belong to both streams.
    """

    camera: Slug
    kind: PieceKind
    captured_at: Timestamp
    sequence: int = Field(default=0, ge=0)
    pts: int | None = Field(default=None, ge=0)
    codec: str | None = Field(default=None, max_length=60, pattern=r"^[A-Za-z0-9.]+$")
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    tracks: tuple[TrackSighting, ...] = ()
    stream: StreamName | None = Field(default=None, description="absent: the main stream")
    no_sub: Code | None = Field(default=None, description="with `end`: why, a NoSub")


def is_video(message: bytes) -> bool:
    """Whether it is one of these messages, broken or not."""
    return message[:1] == bytes([MARK])


def pack(header: VideoHeader, piece: bytes = b"") -> bytes:
    """The message for one piece."""
    head = header.to_bytes()
    return b"".join((bytes([MARK]), len(head).to_bytes(3, "big"), head, piece))


def read_header(message: bytes) -> VideoHeader:
    """The header of a message; the piece stays where it is. Raises BrokenMessageError when it is not one."""
    if len(message) > MAX_PIECE_BYTES:
        raise BrokenMessageError("too_large", f"{len(message)} bytes, at most {MAX_PIECE_BYTES}")
    if not is_video(message):
        raise BrokenMessageError("not_video", "its first byte is not that of a piece of video")
    end = 4 + int.from_bytes(message[1:4], "big")
    if len(message) < end:
        raise BrokenMessageError("truncated", f"header says {end} bytes, message has {len(message)}")
    try:
        header = VideoHeader.model_validate_json(message[4:end])
    except ValidationError as error:
        raise BrokenMessageError("invalid", explain(error)) from None
    if (header.kind in BARE) != (len(message) == end):
        raise BrokenMessageError("invalid", f"a piece of {len(message) - end} bytes behind a {header.kind} header")
    if header.kind == "init" and not (header.codec and header.width and header.height):
        raise BrokenMessageError("invalid", "an init piece without codec and size")
    return header
