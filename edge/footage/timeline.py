"""Time stamps for a file from the time stamps of a camera, which may jump, repeat, run at a wrong speed or be absent.

Pure. The camera's own steps are kept where they can be true, since arrival times tremble with the network; what reached
the box when is the truth to which they are held.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from edge.capture.packets import VideoPacket

TIME_BASE: Final = Fraction(1, 90_000)

_LEAST: Final = timedelta(milliseconds=1)
_LONGEST_STEP: Final = timedelta(seconds=5)
_MOST_DRIFT: Final = timedelta(seconds=1)
_MOST_REORDERING: Final = timedelta(seconds=1)


class Timeline:
    """One file's time stamps, from 0, strictly rising. Packets come in the order of decoding."""

    def __init__(self) -> None:
        self._out = timedelta(0)
        self._origin: datetime | None = None
        self._last: VideoPacket | None = None

    @property
    def length(self) -> timedelta:
        """From the first packet to the last."""
        return self._out

    def place(self, packet: VideoPacket, time_base: Fraction) -> tuple[int, int]:
        """When to show and when to decode `packet`, in units of TIME_BASE."""
        if self._origin is None or self._last is None:
            self._origin = packet.captured_at
        else:
            self._advance(self._last, packet, time_base)
        self._last = packet
        dts = _units(self._out)
        return dts + _units(_reordering(packet, time_base)), dts

    def _advance(self, last: VideoPacket, packet: VideoPacket, time_base: Fraction) -> None:
        assert self._origin is not None
        arrived = packet.captured_at - last.captured_at
        step = _camera_step(last, packet, time_base)
        after = self._out + max(_LEAST, arrived if step is None else step)
        if arrived < timedelta(0):  # the box's clock was set back: from here on it counts anew
            self._origin = packet.captured_at - after
        true = packet.captured_at - self._origin
        self._out = max(self._out + _LEAST, true) if abs(after - true) > _MOST_DRIFT else after


def _camera_step(last: VideoPacket, packet: VideoPacket, time_base: Fraction) -> timedelta | None:
    """How much later than `last` the camera says that `packet` is; None when it says nothing that can be true."""
    before = last.pts if last.dts is None else last.dts
    now = packet.pts if packet.dts is None else packet.dts
    if before is None or now is None:
        return None
    step = timedelta(seconds=float((now - before) * time_base))
    return step if timedelta(0) < step <= _LONGEST_STEP else None


def _reordering(packet: VideoPacket, time_base: Fraction) -> timedelta:
    """How much later than it is decoded a packet is shown."""
    if packet.pts is None or packet.dts is None:
        return timedelta(0)
    later = timedelta(seconds=float((packet.pts - packet.dts) * time_base))
    return later if timedelta(0) < later <= _MOST_REORDERING else timedelta(0)


def _units(span: timedelta) -> int:
    return round(span.total_seconds() / TIME_BASE)
