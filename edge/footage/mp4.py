"""Packets into MP4 files as they came, nothing encoded again. Knows what browsers want to find in a file."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat, VideoPacket
from edge.footage.timeline import TIME_BASE, Timeline

log = logging.getLogger(__name__)

WHOLE: Final = {"movflags": "faststart"}
"""The index stands in front, so a browser plays before it has all. It is written last: a torn file is worth nothing."""

IN_FRAGMENTS: Final = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
"""Every group of pictures is complete in itself: a torn file plays up to its last key frame."""

_TAGS: Final = {"hevc": "hvc1"}  # what Apple's players want; browsers take both


class Mp4Error(Exception):
    """These packets make no file, or the disk takes none."""


class Mp4:
    """A file being written. `first` is a key frame; times count from it."""

    def __init__(self, path: Path, video: VideoFormat, first: VideoPacket, options: dict[str, str] = WHOLE) -> None:
        self.path = path
        self.video = video
        self.began = first.captured_at
        self._timeline = Timeline()
        try:
            with _as_stream(video, first) as template:
                self._out = av.open(str(path), "w", format="mp4", options=options)
                self._stream = self._out.add_stream_from_template(template.streams.video[0])
        except (av.error.FFmpegError, OSError, IndexError, ValueError) as error:
            raise Mp4Error(_words(error)) from None
        self._stream.time_base = TIME_BASE
        if tag := _TAGS.get(video.codec):
            self._stream.codec_context.codec_tag = tag
        if video.rotation:
            self._stream.set_display_rotation(-video.rotation)  # FFmpeg counts the other way round
        self.write(first)

    @property
    def length(self) -> timedelta:
        return self._timeline.length

    @property
    def ended(self) -> datetime:
        """When the last packet that is in it was taken."""
        return self.began + self.length

    def write(self, packet: VideoPacket) -> None:
        """Add the next packet. Raises Mp4Error when it cannot be written."""
        pts, dts = self._timeline.place(packet, self.video.time_base)
        muxed = av.Packet(packet.data)
        muxed.stream, muxed.time_base = self._stream, TIME_BASE
        muxed.pts, muxed.dts, muxed.is_keyframe = pts, dts, packet.keyframe
        try:
            self._out.mux(muxed)
        except (av.error.FFmpegError, OSError) as error:
            raise Mp4Error(_words(error)) from None

    def close(self) -> None:
        """Finish the file. Raises Mp4Error when that fails; the file is then as torn as a power cut leaves it."""
        try:
            self._out.close()
        except (av.error.FFmpegError, OSError) as error:
            raise Mp4Error(_words(error)) from None


def _as_stream(video: VideoFormat, key: VideoPacket) -> InputContainer:
    """A key frame as a stream of its own, from which FFmpeg reads size, profile and parameter sets."""
    announced = b"" if parameter_sets(video.codec, key.data) else video.extradata
    return av.open(io.BytesIO(announced + key.data), "r", format=video.codec)


def video_of(container: InputContainer) -> VideoStream:
    """The one stream that our files have. Raises Mp4Error when it is not there."""
    if not container.streams.video:
        raise Mp4Error("no video in it")
    return container.streams.video[0]


def _words(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
