"""Gives a camera's packets to all who take them undecoded, and tells them the format first and whenever it changes.

A camera announces its format before it plays, but may send other parameter sets within: those of a key frame count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import av
import av.error
from av.video.codeccontext import VideoCodecContext

from edge.capture.nal import parameter_sets
from edge.capture.packets import PacketSink, VideoFormat, VideoPacket


class FanOut:
    """One camera's sinks. Connections follow one another: `announce`, `take` and `turn`, then `end`."""

    def __init__(self, sinks: Sequence[PacketSink]) -> None:
        self._sinks = sinks
        self._announced: VideoFormat | None = None
        self._told: VideoFormat | None = None

    def announce(self, video: VideoFormat) -> None:
        """A connection begins, and this is what it says that it will send. The sinks hear it with the first packet."""
        sets = parameter_sets(video.codec, video.extradata)
        self._announced = replace(video, extradata=sets or video.extradata)
        self._told = None

    def take(self, packet: VideoPacket) -> None:
        """The next packet. Those before the format is known go nowhere: nobody could use them."""
        if not self._sinks:
            return
        assert self._announced
        if packet.keyframe:
            self._announced = _formats(self._announced, packet.data)
        if not self._announced.width:
            return
        if self._announced != self._told:
            self._told = self._announced
            for sink in self._sinks:
                sink.begin(self._told)
        for sink in self._sinks:
            sink.take(packet)

    def turn(self, rotation: int) -> None:
        """A decoded picture says how it lies: `rotation` degrees clockwise make it upright."""
        if self._announced and self._announced.rotation != rotation:
            self._announced = replace(self._announced, rotation=rotation)

    def end(self) -> None:
        """The connection is gone."""
        if self._told:
            for sink in self._sinks:
                sink.end()
        self._announced = self._told = None


def _formats(video: VideoFormat, keyframe: bytes) -> VideoFormat:
    """The format after a key frame, which may bring parameter sets of its own."""
    sets = parameter_sets(video.codec, keyframe)
    if not sets or (sets == video.extradata and video.width):
        return video
    width, height = _size_of(video.codec, keyframe)
    if not width:
        return video  # damaged; a good one follows
    return replace(video, width=width, height=height, extradata=sets)


def _size_of(codec: str, keyframe: bytes) -> tuple[int, int]:
    """The picture's size as the key frame's headers give it; zeroes when they cannot be read."""
    reader = av.CodecContext.create(codec, "r")
    assert isinstance(reader, VideoCodecContext)
    try:
        reader.parse(keyframe)
        reader.parse()
    except av.error.FFmpegError:
        return 0, 0
    return reader.width, reader.height
