"""What time a camera says it is: RTSP cameras tell it with their stream (RTCP sender reports), without being asked."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Final

from av.packet import Packet
from av.video.stream import VideoStream

_SAID: Final = "prft"
"""FFmpeg's producer reference time: the camera's clock when it took this picture, in microseconds since 1970."""


def clock_offset_s(packet: Packet[VideoStream], captured_at: datetime) -> float | None:
    """By how much the camera's clock is ahead of the box's; None when the camera has not said what time it is."""
    if not packet.has_sidedata(_SAID):
        return None
    (microseconds,) = struct.unpack_from("=q", bytes(packet.get_sidedata(_SAID)))
    return float(microseconds / 1e6 - captured_at.timestamp())
