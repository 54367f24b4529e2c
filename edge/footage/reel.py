"""Packets of one span of time into one file, whatever happens to the camera meanwhile.

A format that changes ends a part, since no player bears two sizes in one file, and the longest part is what is kept. A
connection that breaks and comes back in the same format goes on in the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.capture.packets import VideoFormat, VideoPacket
from edge.footage.mp4 import Mp4, Mp4Error


@dataclass(frozen=True, slots=True)
class Footage:
    """A finished file and what time it shows."""

    path: Path
    began: datetime
    ended: datetime


class Reel:
    """Writes `path`. Packets come from a key frame on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part: Mp4 | None = None
        self._best: Footage | None = None
        self._parts = 0

    def add(self, video: VideoFormat, packet: VideoPacket) -> None:
        """The next packet. Raises Mp4Error when it cannot be written."""
        if self._part and self._part.video == video:
            self._part.write(packet)
            return
        if packet.keyframe:
            self._end_part()
            self._parts += 1
            path = self._path.with_suffix(f".{self._parts}.part")
            try:
                self._part = Mp4(path, video, packet)
            except Mp4Error:
                path.unlink(missing_ok=True)
                raise

    def finish(self) -> Footage | None:
        """The longest part, named as asked for; None when there is no part at all."""
        self._end_part()
        if self._best is None:
            return None
        path = self._best.path.rename(self._path)
        return Footage(path, self._best.began, self._best.ended)

    def abandon(self) -> None:
        """Leave nothing behind."""
        part, self._part = self._part, None
        if part:
            _close_torn(part)
        for left in (part and part.path, self._best and self._best.path, self._path):
            if left:
                left.unlink(missing_ok=True)

    def _end_part(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        try:
            part.close()
        except Mp4Error:
            part.path.unlink(missing_ok=True)
            raise
        best = self._best
        if best is None or part.length > _length(best):
            self._best = Footage(part.path, part.began, part.ended)
            if best:
                best.path.unlink()
        else:
            part.path.unlink()


def _length(footage: Footage) -> timedelta:
    return footage.ended - footage.began


def _close_torn(part: Mp4) -> None:
    try:
        part.close()
    except Mp4Error:
        return  # it is thrown away
