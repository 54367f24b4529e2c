"""Gives each camera's streams to all who want them: one stream from the box, any number of viewers.

Who comes late joins at the newest key frame. Who wants the sub-stream gets the main stream while there is none, and is
told why; a box that knows no sub-streams sends the main stream in any case. Never waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from api.live.stream import MAIN, Channel, Stream, Streams, VideoQueue, carried
from api.live.viewer import Viewer
from contracts.feed import Watch
from contracts.video import PieceKind, StreamName, VideoHeader


class Fanout:
    """Owns what is kept of the streams. `told` is what each camera's box has last been asked for."""

    def __init__(self, viewers: Iterable[Viewer]) -> None:
        self._viewers = viewers
        self._streams: dict[Channel, Stream] = {}
        self._ends: dict[str, bytes] = {}
        self._told: dict[str, Streams] = {}

    def flows(self, camera: str) -> bool:
        """Whether video of the camera comes."""
        return any((camera, stream) in self._streams for stream in get_args(StreamName))

    def watch(self, viewer: Viewer, video: Mapping[str, Streams]) -> None:
        """`viewer` wants these streams from now on; a queue that it had goes on."""
        before, playing = viewer.wants, viewer.playing
        viewer.wants, viewer.playing = {camera: video[camera] for camera in sorted(video)}, {}
        for camera, streams in viewer.wants.items():
            self._tune(viewer, camera, playing)
            if "sub" in streams - before.get(camera, frozenset()) and camera in self._ends:
                viewer.play((camera, "main"), "end", self._ends[camera])

    def asked(self, cameras: Iterable[str], wanted: Watch) -> None:
        """Their box has been told so: what it was not asked for ends here, and begins anew when it is asked again."""
        for camera in cameras:
            streams = self._told[camera] = wanted.streams.get(camera, frozenset())
            if "main" not in streams and ((camera, "sub") in self._streams or not streams):
                self._streams.pop((camera, "main"), None)
            if "sub" not in streams:
                self._ends.pop(camera, None)
                self._end_sub(camera)

    def take(self, header: VideoHeader, message: bytes) -> None:
        """A piece of video, what was seen in it, or word that there is no sub-stream."""
        camera, channel = header.camera, (header.camera, header.stream or "main")
        match header.kind:
            case "end":
                self._take_end(camera, message)
            case "tracks":
                self._take_tracks(camera, message)
            case "init":
                self._take_init(channel, message)
            case _ if channel in self._streams:  # else of a stream that has ended here
                self._streams[channel].add(header.kind, message)
                self._play(channel, header.kind, message)

    def _take_init(self, channel: Channel, init: bytes) -> None:
        camera, stream = channel
        if stream == "sub" and not self._asked_sub(camera):
            return
        begun, self._streams[channel] = channel in self._streams, Stream(init)
        if stream == "main" or begun:
            self._play(channel, "init", init)
            return
        self._ends.pop(camera, None)
        if "main" not in self._told[camera]:
            self._streams.pop((camera, "main"), None)  # it went instead
        self._retune(camera)

    def _take_end(self, camera: str, message: bytes) -> None:
        if not self._asked_sub(camera):
            return
        self._ends[camera] = message
        self._end_sub(camera)
        for viewer in self._who_want_sub(camera):
            viewer.play((camera, "main"), "end", message)

    def _take_tracks(self, camera: str, message: bytes) -> None:
        """What was seen belongs to both streams, and each viewer gets it once."""
        for stream in get_args(StreamName):
            if (camera, stream) in self._streams:
                self._streams[camera, stream].add("tracks", message)
        for viewer in self._viewers:
            channel = next((one for one in viewer.playing if one[0] == camera and one in self._streams), None)
            if channel:
                viewer.play(channel, "tracks", message)

    def _asked_sub(self, camera: str) -> bool:
        """Whether it is asked for; otherwise what comes of it was on its way."""
        return "sub" in self._told.get(camera, MAIN)

    def _who_want_sub(self, camera: str) -> list[Viewer]:
        return [viewer for viewer in self._viewers if "sub" in viewer.wants.get(camera, MAIN)]

    def _end_sub(self, camera: str) -> None:
        if self._streams.pop((camera, "sub"), None):
            self._retune(camera)

    def _retune(self, camera: str) -> None:
        """A sub-stream came or went: those who want it get it, or the main stream instead."""
        for viewer in self._who_want_sub(camera):
            before = viewer.playing
            viewer.playing = {channel: queue for channel, queue in before.items() if channel[0] != camera}
            self._tune(viewer, camera, before)
            viewer.wake.set()

    def _tune(self, viewer: Viewer, camera: str, before: Mapping[Channel, VideoQueue]) -> None:
        """Give the viewer the streams of a camera that it is to get now."""
        for stream in sorted(carried(viewer.wants[camera], sub=(camera, "sub") in self._streams)):
            channel = camera, stream
            viewer.playing[channel] = before[channel] if channel in before else self._joined(channel)

    def _joined(self, channel: Channel) -> VideoQueue:
        """A queue for who begins to watch: with what has been since the last key frame."""
        stream = self._streams.get(channel)
        return VideoQueue(stream.so_far() if stream else ())

    def _play(self, channel: Channel, kind: PieceKind, message: bytes) -> None:
        for viewer in self._viewers:
            if channel in viewer.playing:
                viewer.play(channel, kind, message)
