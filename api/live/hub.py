"""Where the live feed meets its viewers and the boxes: who watches what, and who gets which message.

Lives on the event loop and never waits but for the database. A viewer never waits for another, nor for a box: messages
go into a bounded queue of its own, pictures into one slot a camera, where a newer one replaces an unsent one, video
into a bounded queue a camera (api.stream).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from api.live.stream import Stream, VideoQueue
from api.live.wording import Wording
from contracts.feed import FeedMessage, Missed, Watch
from contracts.picture import PictureHeader
from contracts.video import PieceKind, VideoHeader
from storage import wall
from storage.pool import Pool
from storage.scope import Scope

MAX_WAITING = 500
"""Messages kept for a viewer that does not read; beyond, it is told that it missed some and fetches anew."""

NOTHING = Watch(cameras=())


@dataclass(eq=False, slots=True)
class Viewer:
    """One open page: what it may see, what it wants to see, and what waits to be sent to it."""

    scope: Scope
    watching: frozenset[str] = frozenset()
    playing: dict[str, VideoQueue] = field(default_factory=dict)
    messages: deque[FeedMessage] = field(default_factory=deque)
    pictures: dict[str, bytes] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waits(self) -> bool:
        """Whether anything waits to be sent."""
        return bool(self.messages or self.pictures or any(self.playing.values()))

    def tell(self, message: FeedMessage) -> None:
        if len(self.messages) >= MAX_WAITING:
            self.messages.clear()
            self.messages.append(Missed())
        else:
            self.messages.append(message)
        self.wake.set()

    def show(self, camera: str, picture: bytes) -> None:
        self.pictures[camera] = picture
        self.wake.set()

    def play(self, camera: str, kind: PieceKind, piece: bytes) -> None:
        self.playing[camera].put(kind, piece)
        self.wake.set()

    def next_pieces(self) -> list[bytes]:
        """The next piece of each camera's video; pieces that wait behind it may be left out meanwhile."""
        return [queue.next() for queue in self.playing.values() if queue]


@dataclass(eq=False, slots=True)
class LiveBox:
    """A box that has dialled in: its cameras, which somebody watches, and whether it is to hear of recordings asked."""

    cameras: frozenset[str]
    name: str = ""
    recordings_asked: bool = True
    wanted: Watch = NOTHING
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, wanted: Watch) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.wake.set()


class Hub:
    """Owns viewers and boxes. All methods run on the event loop."""

    def __init__(self, pool: Pool) -> None:
        self.wording = Wording()
        self._pool = pool
        self._viewers: set[Viewer] = set()
        self._boxes: set[LiveBox] = set()
        self._streams: dict[str, Stream] = {}

    async def cameras_of(self, scope: Scope) -> dict[str, str]:
        """The cameras within `scope`, each with its ward."""

        def read() -> dict[str, str]:
            with self._pool.connection() as db:
                return {row.id: row.ward_id for row in wall.cameras(db, scope)}

        return await run_in_threadpool(read)

    def enter(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        self._ask_boxes()

    def watch(self, viewer: Viewer, cameras: frozenset[str], video: frozenset[str] = frozenset()) -> None:
        """`viewer` watches `cameras`, of which the caller has checked that it may see them: `video` of some of them,
        and pictures of the others.
        """
        viewer.watching = cameras
        viewer.pictures = {camera: picture for camera, picture in viewer.pictures.items() if camera in cameras}
        playing = viewer.playing
        viewer.playing = {
            camera: playing[camera] if camera in playing else self._joined(camera) for camera in sorted(cameras & video)
        }
        viewer.wake.set()
        self._ask_boxes()

    def _joined(self, camera: str) -> VideoQueue:
        """A queue for who begins to watch: with what has been since the last key frame."""
        stream = self._streams.get(camera)
        return VideoQueue(stream.so_far() if stream else ())

    async def next_picture(self, camera: str, timeout_s: float) -> bytes | None:
        """The next picture of `camera`, as a message of contracts.picture; None when none comes in time."""
        viewer = Viewer(Scope())
        self.enter(viewer)
        try:
            self.watch(viewer, frozenset({camera}))
            async with asyncio.timeout(timeout_s):
                while camera not in viewer.pictures:
                    viewer.wake.clear()
                    await viewer.wake.wait()
                return viewer.pictures[camera]
        except TimeoutError:
            return None
        finally:
            self.leave(viewer)

    def box_arrived(self, box: LiveBox) -> None:
        self._boxes.add(box)
        box.wake.set()  # it is told even that nobody watches
        self._ask_boxes()

    def box_left(self, box: LiveBox) -> None:
        self._boxes.discard(box)
        self.asked(box, NOTHING)

    def asked(self, box: LiveBox, wanted: Watch) -> None:
        """The box has been told so: what it was not asked for ends here, and begins anew when it is asked again."""
        for camera in box.cameras - frozenset(wanted.video or ()):
            self._streams.pop(camera, None)

    def recording_asked(self, name: str) -> None:
        """Somebody asks for what a box has recorded."""
        for box in self._boxes:
            if box.name == name:
                box.recordings_asked = True
                box.wake.set()

    def picture(self, header: PictureHeader, message: bytes) -> None:
        """A box sent a picture: put it where its viewers find it. Who plays the video is not bothered with pictures."""
        camera = header.camera
        played = header.no_video is None and camera in self._streams
        for viewer in self._viewers:
            if camera in viewer.watching and not (played and camera in viewer.playing):
                viewer.show(camera, message)

    def video(self, header: VideoHeader, message: bytes) -> None:
        """A box sent a piece of video, or what was seen in it."""
        camera = header.camera
        if header.kind == "init":
            self._streams[camera] = Stream(message)
        elif camera not in self._streams:
            return  # of a stream that has ended here
        else:
            self._streams[camera].add(header.kind, message)
        for viewer in self._viewers:
            if camera in viewer.playing:
                viewer.play(camera, header.kind, message)

    def publish(self, ward: str, message: FeedMessage, *, site: str | None) -> None:
        """Tell everybody who may see `site`; None for what concerns a ward as a whole, such as a box."""
        for viewer in self._viewers:
            if viewer.scope.covers(ward, site):
                viewer.tell(message)

    def publish_missed(self) -> None:
        """Something may have been missed by all, boxes too."""
        for box in self._boxes:
            box.recordings_asked = True
            box.wake.set()
        for viewer in self._viewers:
            viewer.tell(Missed())

    def _ask_boxes(self) -> None:
        cameras, video, pictures = set[str](), set[str](), set[str]()
        for viewer in self._viewers:
            cameras |= viewer.watching
            video |= viewer.playing.keys()
            pictures |= viewer.watching - viewer.playing.keys()
        for box in self._boxes:
            box.ask(_watch(cameras & box.cameras, video & box.cameras, video & pictures & box.cameras))


def _watch(cameras: set[str], video: set[str], pictures: set[str]) -> Watch:
    """Fields that a box of an older version does not know are sent only when they say something."""
    return Watch(
        cameras=tuple(sorted(cameras)), video=tuple(sorted(video)) or None, pictures=tuple(sorted(pictures)) or None
    )
