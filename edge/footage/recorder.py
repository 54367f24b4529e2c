"""Records cameras continuously into segments, bounded by size, by age and by what the disk must keep free.

Reads from the rings, so the camera's thread never waits for the disk. A segment is written in fragments, each complete
in itself: a power cut costs its last seconds. When a disk fills, the recorder gives way first: it prunes, and then
stops, at twice the reserve at which pictures and clips do.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from edge import broken
from edge.footage.disk import Room
from edge.footage.mp4 import IN_FRAGMENTS, Mp4, Mp4Error
from edge.footage.ring import Kept, Ring
from edge.footage.segments import Segment, end_of, name_of, segments_of
from edge.footage.settings import RecordingSettings

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
PAUSE: Final = timedelta(seconds=5)
"""A camera that was away for longer begins a new segment, so that names tell no lies."""

HEADROOM: Final = 16_000_000
"""Kept free beyond the reserve, for what is written between two looks at the disk."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A finished segment and its size."""

    segment: Segment
    size: int


class Recorder:
    """Owns one folder, with a folder for each camera in it."""

    def __init__(
        self,
        settings: RecordingSettings,
        rings: Mapping[str, Ring],
        folder: Path,
        *,
        reserve: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._keep = timedelta(days=settings.max_days)
        self._max_bytes = int(settings.max_gb * 1e9)
        self._now = now
        self._named = settings.cameras
        self._segment = timedelta(seconds=settings.segment_s)
        self._tracks: dict[str, _Track] = {}
        self._leaving: SimpleQueue[_Track] = SimpleQueue()
        for camera, ring in rings.items():
            self.put(camera, ring)
        self._room = Room(folder, 2 * reserve + (HEADROOM if reserve else 0))
        self._shelf: deque[Shelved] = deque(sorted(self._take_stock(), key=lambda shelved: shelved.segment.began))
        self._bytes = sum(shelved.size for shelved in self._shelf)
        self._paused = False

    def put(self, camera: str, ring: Ring) -> None:
        """Record this camera too, where the settings want it. May be called by another thread, as `remove` may."""
        if camera in self._tracks or (self._named is not None and camera not in self._named):
            return
        track = _Track(self.folder / camera, ring, self._segment)
        track.folder.mkdir(parents=True, exist_ok=True)
        self._tracks = {**self._tracks, camera: track}

    def remove(self, camera: str) -> None:
        """Record this camera no more; what was recorded stays as long as the settings say."""
        if camera in self._tracks:
            self._leaving.put(self._tracks[camera])
            self._tracks = {name: track for name, track in self._tracks.items() if name != camera}

    def records(self, camera: str) -> bool:
        return camera in self._tracks

    def reached(self, camera: str) -> datetime | None:
        """Up to when what this camera sent can be read from the disk; None while nothing was recorded."""
        track = self._tracks.get(camera)
        return track.reached if track else None

    def run(self, stop: threading.Event) -> None:
        """Record until `stop` is set, then finish the segments that are being written."""
        while not stop.wait(TICK_S):
            self.tick()
        self.close()

    def tick(self) -> None:
        """Write what came since the last time, where there is room."""
        self._prune()
        full = self._room.lacks(0) > 0
        if full != self._paused:
            self._paused = full
            if full:
                log.error("recording pauses: the disk is full, and there is no older recording to give up")
            else:
                log.info("recording goes on: the disk has room again")
        for track in self._tracks.values():
            for done in track.skip() if full else track.write():
                self._put_on_shelf(done)
        self._finish_leaving()

    def _finish_leaving(self) -> None:
        while not self._leaving.empty():
            done = self._leaving.get().finish()
            if done:
                self._put_on_shelf(done)

    def close(self) -> None:
        """Finish what is being written."""
        self._finish_leaving()
        for track in self._tracks.values():
            done = track.finish()
            if done:
                self._put_on_shelf(done)

    def _put_on_shelf(self, done: Segment) -> None:
        size = done.path.stat().st_size
        self._shelf.append(Shelved(done, size))
        self._bytes += size

    def _prune(self) -> None:
        """Give up the oldest segments: those too old, those too much, and those for which the disk has no room."""
        writing = sum(track.size() for track in self._tracks.values())
        oldest = self._now() - self._keep
        while self._shelf and (
            self._bytes + writing > self._max_bytes
            or (self._shelf[0].segment.ended or oldest) < oldest
            or self._room.lacks(0)
        ):
            given_up = self._shelf.popleft()
            given_up.segment.path.unlink(missing_ok=True)
            self._bytes -= given_up.size

    def _take_stock(self) -> list[Shelved]:
        """What lies there, also of cameras that are gone. What a kill left unnamed is named by what is in it."""
        shelf = []
        for folder in (path for path in self.folder.iterdir() if path.is_dir()):
            for segment in segments_of(folder):
                mended = segment if segment.ended else _mended(segment)
                if mended:
                    shelf.append(Shelved(mended, mended.path.stat().st_size))
        return shelf


def _mended(segment: Segment) -> Segment | None:
    ended = end_of(segment)
    if ended is None:
        if segment.path.stat().st_size:
            data_dir = segment.path.parents[2]
            broken.set_aside(data_dir, "recordings", [segment.path], "no picture in a segment can be read")
        segment.path.unlink(missing_ok=True)
        return None
    return _named(segment.path, segment.began, ended)


def _named(path: Path, began: datetime, ended: datetime) -> Segment:
    """Give a segment that has ended its name."""
    return Segment(path.rename(path.with_name(name_of(began, ended))), began, ended)


class _Track:
    """One camera's recording: the segment being written, and the packet to go on with."""

    def __init__(self, folder: Path, ring: Ring, segment: timedelta) -> None:
        self.folder = folder
        self.reached: datetime | None = None
        self._ring = ring
        self._length = segment
        self._number = 0
        self._last: datetime | None = None
        self._file: Mp4 | None = None

    def size(self) -> int:
        """Of the segment being written."""
        try:
            return self._file.path.stat().st_size if self._file else 0
        except FileNotFoundError:
            return 0

    def write(self) -> list[Segment]:
        """Write what is new; returns the segments that this ended."""
        done = []
        for kept in self._ring.read(self._number):
            self._number = kept.number + 1
            if self._file is None or self._breaks_off(self._file, kept):
                done.append(self.finish())
                if kept.packet.keyframe:
                    self._begin(kept)
            else:
                self._add(self._file, kept)
            self._last = kept.packet.captured_at
        return [segment for segment in done if segment]

    def skip(self) -> list[Segment]:
        """Leave out what is new."""
        for kept in self._ring.read(self._number)[-1:]:
            self._number = kept.number + 1
        done = self.finish()
        return [done] if done else []

    def finish(self) -> Segment | None:
        """End the segment being written."""
        file, self._file = self._file, None
        if file is None:
            return None
        try:
            file.close()
        except Mp4Error as error:
            log.error("a recorded segment ends too early: %s", error)
        self.reached = file.ended
        return _named(file.path, file.began, file.ended)

    def _breaks_off(self, file: Mp4, kept: Kept) -> bool:
        """Whether a packet does not belong into the segment any more."""
        away = self._last is not None and abs(kept.packet.captured_at - self._last) > PAUSE
        long = kept.packet.captured_at - file.began >= self._length
        return away or kept.video != file.video or (kept.packet.keyframe and long)

    def _begin(self, kept: Kept) -> None:
        path = self.folder / name_of(kept.packet.captured_at)
        try:
            self._file = Mp4(path, kept.video, kept.packet, IN_FRAGMENTS)
        except Mp4Error as error:
            log.error("cannot record: %s", error)
            path.unlink(missing_ok=True)

    def _add(self, file: Mp4, kept: Kept) -> None:
        try:
            file.write(kept.packet)
        except Mp4Error as error:
            log.error("a recorded segment ends too early: %s", error)
            self.finish()
            return
        if kept.packet.keyframe:
            self.reached = kept.packet.captured_at  # the fragment before it is on the disk now
