"""Recorded video on the disk: one folder a camera, one file a segment, whose name says from when until when it is.

`20260210T050000.000Z_20260210T050100.040Z.mp4`; the second time is missing while a segment is being written, and stays
so when the box was killed meanwhile. All times are UTC, so names sort by time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import av
import av.error
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer

from edge.capture.packets import VideoFormat, VideoPacket
from edge.capture.picture import rotation_of
from edge.footage.mp4 import Mp4Error, video_of
from edge.footage.reel import Footage, Reel

_NAME: Final = re.compile(r"^(\d{8}T\d{6}\.\d{3})Z(?:_(\d{8}T\d{6}\.\d{3})Z)?\.mp4$")
_FORM: Final = "%Y%m%dT%H%M%S"

Item = tuple[VideoFormat, VideoPacket]


@dataclass(frozen=True, slots=True)
class Segment:
    """A file and the time that it shows; `ended` is None while that is not known."""

    path: Path
    began: datetime
    ended: datetime | None

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        """Whether it may show something of that time."""
        return self.began <= end and (self.ended is None or self.ended >= begin)


def name_of(began: datetime, ended: datetime | None = None) -> str:
    """The name of a segment's file."""
    return "_".join(_stamp(at) for at in (began, ended) if at) + ".mp4"


def read_name(path: Path) -> Segment | None:
    """What a file's name says; None when it is no segment."""
    match = _NAME.match(path.name)
    if match is None:
        return None
    began, ended = (
        datetime.strptime(part, f"{_FORM}.%f").replace(tzinfo=UTC) if part else None for part in match.groups()
    )
    return Segment(path, began, ended) if began else None


def segments_of(folder: Path) -> list[Segment]:
    """All segments in a camera's folder, the oldest first."""
    found = (read_name(path) for path in folder.glob("*.mp4"))
    return sorted((segment for segment in found if segment), key=lambda segment: segment.began)


def cut(segments: Iterable[Segment], begin: datetime, end: datetime, path: Path) -> Footage | None:
    """Write what the segments show of a range into one file that begins with a key frame; None when it is nothing.

    Raises Mp4Error when the disk takes no more.
    """
    reel = Reel(path)
    try:
        items = (item for segment in segments if segment.overlaps(begin, end) for item in packets_of(segment))
        for video, packet in _from_key_before(items, begin):
            if packet.captured_at > end:
                break
            reel.add(video, packet)
        return reel.finish()
    except Mp4Error:
        reel.abandon()
        raise


def packets_of(segment: Segment) -> Iterator[Item]:
    """What is in a segment, as the camera sent it; of a torn one what is whole."""
    with suppress(av.error.FFmpegError, Mp4Error, OSError, IndexError, ValueError):
        rotation = _rotation(segment.path)
        with av.open(str(segment.path), "r") as container:
            yield from _packets(container, segment.began, rotation)


def end_of(segment: Segment) -> datetime | None:
    """When the last picture of a segment was taken; None when there is none in it."""
    last = None
    for _, packet in packets_of(segment):
        last = packet.captured_at
    return last


def _packets(container: InputContainer, began: datetime, rotation: int) -> Iterator[Item]:
    stream = video_of(container)
    codec = stream.codec_context.name
    if not stream.time_base:
        raise Mp4Error("its video has no clock")
    video = VideoFormat(codec, stream.width, stream.height, stream.time_base, b"", rotation)
    to_annex_b = BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
    for muxed in container.demux(stream):
        if muxed.is_corrupt or not muxed.size:
            continue
        for part in to_annex_b.filter(muxed):
            after = timedelta(seconds=float((part.dts or 0) * stream.time_base))
            yield video, VideoPacket(bytes(part), part.pts, part.dts, part.is_keyframe, began + after)


def _rotation(path: Path) -> int:
    """How many degrees clockwise make its pictures upright."""
    with av.open(str(path), "r") as container:
        for picture in container.decode(video_of(container)):
            return rotation_of(picture)
    return 0


def _from_key_before(items: Iterable[Item], begin: datetime) -> Iterator[Item]:
    """Leave out what comes before the key frame from which pictures are shown from `begin` on."""
    group: list[Item] = []
    started = False
    for item in items:
        if started:
            yield item
            continue
        packet = item[1]
        group = [item] if packet.keyframe else [*group, item]
        if packet.captured_at >= begin:
            started = True
            yield from group


def _stamp(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:{_FORM}}.{at.microsecond // 1000:03d}Z"
