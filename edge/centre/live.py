"""The live line: the box dials out to the API and sends only what somebody watches, only the newest.

No port is open at the box. What is sent of a camera is its own video (edge.centre.streams), or pictures where a viewer
cannot play that or privacy masks are burnt in. Whoever offers something never waits, and no picture is encoded for
nobody. What the centre asks of the recordings comes and is answered on the same line (edge.footage.requests).
"""

from __future__ import annotations

import contextlib
import logging
import socket as sockets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType

import cv2
import numpy as np
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect

from contracts.command import BOX_COMMAND, PaymentPoints, RecordingWanted
from contracts.feed import Watch
from contracts.picture import NoVideo, PictureHeader, pack
from contracts.video import VideoHeader
from contracts.video import pack as pack_video
from edge.announce.announcer import Announcer
from edge.capture.packets import PacketSink
from edge.capture.slot import LatestSlot
from edge.centre.streams import NOTHING, Streams
from edge.centre.sub import Sub
from edge.config import CentreSettings
from edge.detect import Picture
from edge.events import tracks_of
from edge.footage.requests import Requests
from edge.rules.presence import Sighting
from edge.tls import centre_context

log = logging.getLogger(__name__)

THREAD_NAME = "live line"
JPEG_QUALITY = 75
MAX_WIDTH = 960
SEND_BUFFER = 256 * 1024
"""What the kernel may hold of what we sent: on a slow line it is what makes pictures late."""

TRANSIENT = (OSError, ConnectionClosed, InvalidHandshake, InvalidURI, TimeoutError)


@dataclass(frozen=True, slots=True)
class Offer:
    """An analysed frame and the tracks seen in it."""

    picture: Picture
    captured_at: datetime
    tracks: tuple[Sighting, ...]


class Live:
    """Holds one slot a camera for pictures, and its streams; `run` empties them into the WebSocket."""

    def __init__(
        self,
        settings: CentreSettings,
        cameras: tuple[str, ...] = (),
        requests: Requests | None = None,
        streams: Mapping[str, Streams] = MappingProxyType({}),
        allow: Callable[[PaymentPoints], None] | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        scheme, _, rest = settings.url.partition("://")
        self._url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/api/v1/box/live"
        self._token = settings.token
        self._tls = centre_context(settings) if scheme == "https" else None
        self._requests = requests
        self._allow = allow
        self._announcer = announcer
        self._ready = threading.Event()
        self._streams = dict(streams)
        for mine in self._streams.values():
            mine.ring_at(self._ready)
        self._slots = {camera: LatestSlot[Offer](self._ready) for camera in cameras}
        self._seen = {camera: LatestSlot[Offer](self._ready) for camera in self._streams}
        self._watched: frozenset[str] = frozenset()
        self._played: frozenset[str] = frozenset()
        self._asked_video: frozenset[str] = frozenset()
        self._watch = Watch(cameras=())
        self._changed: SimpleQueue[tuple[str, Streams | None, bool]] = SimpleQueue()

    def put(self, camera: str, streams: Streams | None) -> None:
        """A camera came, or has other streams; None: its own video may not leave the box. For any thread."""
        if streams:
            streams.ring_at(self._ready)
        self._changed.put((camera, streams, True))

    def remove(self, camera: str) -> None:
        """There is no such camera any more. For any thread."""
        self._changed.put((camera, None, False))

    def sinks(self, camera: str) -> tuple[PacketSink, ...]:
        """Who takes the packets of a camera's main stream."""
        streams = self._streams.get(camera)
        return (streams.main,) if streams else ()

    @property
    def subs(self) -> tuple[Sub, ...]:
        """The sub-streams, which somebody must pull."""
        return tuple(streams.sub for streams in self._streams.values() if streams.sub)

    def watched(self, camera: str) -> bool:
        """Whether something of this camera would be sent."""
        return camera in self._watched or camera in self._played

    def offer(self, camera: str, offer: Offer) -> None:
        """Hand over an analysed picture; it may be replaced by a newer one before it is sent."""
        streams, slot, seen = self._streams.get(camera), self._slots.get(camera), self._seen.get(camera)
        played = camera in self._played
        if slot and (camera in self._watched or (played and streams and not streams.playable)):
            slot.put(offer)
        if seen and played:
            seen.put(offer)

    def run(self, stop: threading.Event) -> None:
        """Serve one connection. Raises one of TRANSIENT when it cannot be made or breaks."""
        _name_thread()
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        with connect(
            self._url,
            ssl=self._tls,
            additional_headers=headers,
            open_timeout=5,
            close_timeout=1,
            proxy=None,
            compression=None,
        ) as line:
            line.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
            log.info("live link to the centre is up")
            if self._announcer:
                self._announcer.line_is_up()
            try:
                while not stop.is_set():
                    self._take_changes()
                    self._hear(line)
                    self._reply(line)
                    self._mind()
                    if self._ready.wait(0.1):
                        self._ready.clear()
                        self._send(line)
            finally:
                self._want(Watch(cameras=()))

    def _hear(self, line: ClientConnection) -> None:
        """Read what the API wants, without waiting."""
        try:
            while True:
                message = line.recv(timeout=0)
                try:
                    command = BOX_COMMAND.validate_json(message)
                except ValidationError:
                    continue  # a word of a newer API
                if isinstance(command, Watch):
                    self._want(command)
                elif isinstance(command, PaymentPoints):
                    if self._allow:
                        self._allow(command)
                elif isinstance(command, RecordingWanted):
                    if self._requests:
                        self._requests.hear(command)
                elif self._announcer:
                    self._announcer.hear(command)
        except TimeoutError:
            return

    def _take_changes(self) -> None:
        """Cameras that came, went or have other streams. Who watches goes on watching what there is now."""
        taken = False
        while not self._changed.empty():
            camera, streams, there = self._changed.get()
            taken = True
            self._played -= {camera}
            self._watched -= {camera}
            self._streams.pop(camera, None)
            self._seen.pop(camera, None)
            if streams:
                self._streams[camera] = streams
                self._seen[camera] = LatestSlot[Offer](self._ready)
            if there:
                self._slots.setdefault(camera, LatestSlot[Offer](self._ready))
            else:
                self._slots.pop(camera, None)
        if taken:
            self._want(self._watch)

    def _want(self, watch: Watch) -> None:
        """From now on this is watched. Each word counts: who stops and begins to watch is to get a stream anew."""
        self._watch = watch
        wanted, now = watch.streams, time.monotonic()
        played = wanted.keys() & self._streams.keys()
        for camera in self._played | played:
            self._streams[camera].want(wanted.get(camera, NOTHING), now)
        pictures = (frozenset(watch.cameras) - played) | frozenset(watch.pictures or ())
        self._asked_video = frozenset(watch.video or ())
        self._played, self._watched = frozenset(played), pictures & self._slots.keys()

    def _mind(self) -> None:
        now = time.monotonic()
        for camera in self._played:
            self._streams[camera].mind(now)

    def _reply(self, line: ClientConnection) -> None:
        """Answer what the centre asked. What is lost with the line is asked again."""
        while self._requests and not self._requests.replies.empty():
            line.send(self._requests.replies.get().to_bytes().decode())
        while self._announcer and not self._announcer.replies.empty():
            line.send(self._announcer.replies.get().to_bytes().decode())

    def _send(self, line: ClientConnection) -> None:
        """Send what waits, a piece of each camera in turn, but no longer than until others have a word again."""
        for camera in self._watched | self._played:
            if offer := self._slots[camera].take():
                line.send(encode(camera, offer, no_video=self._why_no_video(camera)))
        for camera in self._played:
            for message in self._streams[camera].next():
                line.send(message)
                self._ready.set()  # there may be more
            if offer := self._seen[camera].take():
                line.send(seen(camera, offer))

    def _why_no_video(self, camera: str) -> NoVideo | None:
        if camera not in self._asked_video:
            return None
        if camera not in self._streams:
            return NoVideo.MASKED
        return None if self._streams[camera].playable else NoVideo.CODEC


def _name_thread() -> None:
    """Let the system's tools say what this thread costs."""
    with contextlib.suppress(OSError):
        Path("/proc/thread-self/comm").write_text(THREAD_NAME)


def seen(camera: str, offer: Offer) -> bytes:
    """What was seen in a frame, for those who see that frame in the video."""
    return pack_video(
        VideoHeader(camera=camera, kind="tracks", captured_at=offer.captured_at, tracks=tracks_of(offer.tracks))
    )


def encode(camera: str, offer: Offer, no_video: NoVideo | None = None) -> bytes:
    """The offer as one message, scaled down to MAX_WIDTH."""
    picture = offer.picture
    height, width = picture.shape[:2]
    if width > MAX_WIDTH:
        height, width = round(height * MAX_WIDTH / width), MAX_WIDTH
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    header = PictureHeader(
        camera=camera,
        captured_at=offer.captured_at,
        width=width,
        height=height,
        tracks=tracks_of(offer.tracks),
        no_video=no_video,
    )
    return pack(header, jpeg.tobytes())
