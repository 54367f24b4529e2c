"""What goes out of one camera: its main stream, its sub-stream, or both.

Who wants the sub-stream gets the main stream where there is none, and where it fails, and is told why. Everything but
`playable` is called by the live line's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.video import NoSub, StreamName, VideoHeader, pack
from edge.centre.relay import Relay
from edge.centre.sub import Standing, Sub
from edge.config import CameraSettings

NOTHING: frozenset[StreamName] = frozenset()
_WHY = {Standing.FAILED: NoSub.FAILED, Standing.CODEC: NoSub.CODEC}


def streams_for(cameras: Sequence[CameraSettings], networks: Sequence[Network] = CAMERA_NETWORKS) -> dict[str, Streams]:
    """Of the cameras whose own video may leave the box: masks are burnt into pictures only."""
    made = ((camera.id, streams_of(camera, networks)) for camera in cameras)
    return {camera: streams for camera, streams in made if streams}


def streams_of(camera: CameraSettings, networks: Sequence[Network]) -> Streams | None:
    """Of one camera; None where its own video may not leave the box."""
    if camera.masks:
        return None
    main = Relay(camera.id)
    if camera.sub_url is None:
        return Streams(camera.id, main)

    def rotation() -> int:
        """Both streams hang alike, and only the main one is looked at."""
        return camera.rotate if main.rotation is None else main.rotation

    return Streams(camera.id, main, Sub(camera.id, camera.sub_url, rotation=rotation, networks=networks))


class Streams:
    """Of one camera."""

    def __init__(self, camera: str, main: Relay, sub: Sub | None = None) -> None:
        self.main = main
        self.sub = sub
        self._camera = camera
        self._ready = threading.Event()
        self._wanted = NOTHING
        self._going = NOTHING
        self._words: list[bytes] = []
        self._told: NoSub | None = None

    @property
    def playable(self) -> bool:
        """Whether all that is wanted of the camera goes as video."""
        return self.main.playable or self._going == {"sub"}

    def ring_at(self, ready: threading.Event) -> None:
        """Set `ready` whenever there is something to be sent."""
        self._ready = ready
        for relay in (self.main, self.sub.relay) if self.sub else (self.main,):
            relay.ring_at(ready)

    def want(self, wanted: frozenset[StreamName], now: float) -> None:
        """From `now` on, of the monotonic clock, this is wanted. Who stops and begins to watch gets a stream anew."""
        before, self._wanted = self._wanted, wanted
        if "sub" in before - wanted:
            self._let_sub_go(now)
        if "main" in before - wanted and (self.sub or not wanted):
            self._stop("main")  # where there is no sub-stream it goes on, for those who want that
        if "main" in wanted:
            self._start("main")
        elif not wanted:
            self._stop("main")
        if "sub" in wanted - before:
            self._told = None
            if self.sub:
                self.sub.begin(now)
        self.mind(now)

    def mind(self, now: float) -> None:
        """Change over when the sub-stream comes or fails."""
        if "sub" not in self._wanted:
            return
        standing = self.sub.standing(now) if self.sub else None
        if standing is Standing.READY:
            self._told = None
            self._start("sub")
            if "main" not in self._wanted:
                self._stop("main")
        elif standing is not Standing.AWAITED:
            self._stop("sub")
            self._say(_WHY[standing] if standing else NoSub.NONE)
            self._start("main")

    def next(self) -> list[bytes]:
        """The messages that are due; none when none waits."""
        if self._words:
            words, self._words = self._words, []
            return words
        found = self.main.next() if "main" in self._going else []
        return found + self.sub.relay.next() if self.sub and "sub" in self._going else found

    def _let_sub_go(self, now: float) -> None:
        self._stop("sub")
        self._words = []
        if self.sub:
            self.sub.end(now)

    def _start(self, stream: StreamName) -> None:
        if stream not in self._going:
            self._going |= {stream}
            self._relay(stream).start()

    def _stop(self, stream: StreamName) -> None:
        if stream in self._going:
            self._going -= {stream}
            self._relay(stream).stop()

    def _relay(self, stream: StreamName) -> Relay:
        return self.sub.relay if self.sub and stream == "sub" else self.main

    def _say(self, why: NoSub) -> None:
        if why == self._told:
            return
        self._told = why
        header = VideoHeader(
            camera=self._camera, kind="end", captured_at=datetime.now(UTC), stream="sub", no_sub=why.value
        )
        self._words.append(pack(header))
        self._ready.set()
