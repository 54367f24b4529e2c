"""How pictures and clips come to the centre: named by their SHA-256, and piece by piece where they are long.

`GET /api/v1/box/media/{digest}` says how much the centre has. `PATCH` appends from there: the header Upload-Offset says
where the piece belongs, Upload-Length how long the whole is. The last piece is answered only when the whole has the
digest and will survive a power cut. A whole that is no longer than MAX_PIECE_BYTES may also come at once, with `PUT`.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from contracts.wire import Message

MAX_PIECE_BYTES: Final = 8 * 1024 * 1024
MAX_MEDIA_BYTES: Final = 512 * 1024 * 1024
"""A quarter of an hour at 4 Mbit/s."""

OFFSET_HEADER: Final = "Upload-Offset"
LENGTH_HEADER: Final = "Upload-Length"

JPEG: Final = "image/jpeg"
MP4: Final = "video/mp4"


class UploadState(Message):
    """How much of a picture or clip the centre has."""

    offset: int = Field(ge=0)
    complete: bool


def type_of(head: bytes) -> str | None:
    """What the first bytes of a file say that it is; None for what the centre does not take."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return MP4 if head[4:8] == b"ftyp" else None
