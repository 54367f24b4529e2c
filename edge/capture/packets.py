"""Compressed video as it comes from a camera, fanned out before anything is decoded.

Plain values: whoever takes packets (the ring, the recorder, the live relay) needs no FFmpeg object of the connection
that brought them, and keeps them as long as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a stream's packets are. `codec` is FFmpeg's name (`h264`, `hevc`); `extradata` holds the parameter sets as
    the connection announced them (a camera may send newer ones in its packets); `rotation` is degrees clockwise.
    """

    codec: str
    width: int
    height: int
    time_base: Fraction
    extradata: bytes
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One access unit in Annex B form. `pts` and `dts` count `VideoFormat.time_base`, as the camera gave them: they may
    jump, repeat or be absent. `captured_at` is when it reached the box.
    """

    data: bytes
    pts: int | None
    dts: int | None
    keyframe: bool
    captured_at: datetime


class PacketSink(Protocol):
    """Takes a camera's packets. Called by the camera's own thread, which waits for nobody: a sink must return at once
    and must not raise.
    """

    def begin(self, video: VideoFormat) -> None:
        """A connection, or a new format within one, begins; the next packet may not be a key frame."""
        ...

    def take(self, packet: VideoPacket) -> None:
        """The next packet."""
        ...

    def end(self) -> None:
        """The connection is gone."""
        ...
