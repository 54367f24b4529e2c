"""Where the live feed meets its viewers and the boxes: who watches what, and who gets which message.

Lives on the event loop and never waits but for the database. A viewer never waits for another, nor for a box: messages
go into a bounded queue of its own, pictures into one slot a camera, where a newer one replaces an unsent one, video
into a bounded queue a stream (api.live.stream).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool

from api.live.fanout import Fanout
from api.live.stream import Streams
from api.live.viewer import Viewer
from api.live.wording import Wording
from contracts.feed import FeedMessage, Missed, Watch
from contracts.picture import PictureHeader
from contracts.video import VideoHeader
from storage import wall
from storage.pool import Pool
from storage.scope import Scope

NOTHING = Watch(cameras=())
NO_VIDEO: Mapping[str, Streams] = MappingProxyType({})


@dataclass(eq=False, slots=True)
class LiveBox:
    """A box that has dialled in: its cameras, which somebody watches, and whether it is to hear of recordings asked, of
    the payment points at its sites, and of what it is to say over its loudspeakers.
    """

    cameras: frozenset[str]
    name: str = ""
    recordings_asked: bool = True
    points_changed: bool = True
    announcements_asked: bool = True
    wanted: Watch = NOTHING
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, wanted: Watch) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.wake.set()


class Hub:
    """Owns viewers and boxes. All methods run on the event loop; `wards`, those of which somebody sees anything, may be
    read from any thread.
    """

    def __init__(self, pool: Pool) -> None:
        self.wording = Wording()
        self.wards: frozenset[str] = frozenset()
        self._pool = pool
        self._viewers: set[Viewer] = set()
        self._boxes: set[LiveBox] = set()
        self._fanout = Fanout(self._viewers)

    async def cameras_of(self, scope: Scope) -> dict[str, str]:
        """The cameras within `scope`, each with its ward."""

        def read() -> dict[str, str]:
            with self._pool.connection() as db:
                return {row.id: row.ward_id for row in wall.cameras(db, scope)}

        return await run_in_threadpool(read)

    def enter(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)
        self._note_wards()

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        self._note_wards()
        self._ask_boxes()

    def watch(self, viewer: Viewer, cameras: frozenset[str], video: Mapping[str, Streams] = NO_VIDEO) -> None:
        """`viewer` watches `cameras`, of which the caller has checked that it may see them: these streams of those in
        `video`, and pictures of the others.
        """
        viewer.watching = cameras
        viewer.pictures = {camera: picture for camera, picture in viewer.pictures.items() if camera in cameras}
        self._fanout.watch(viewer, {camera: streams for camera, streams in video.items() if camera in cameras})
        viewer.wake.set()
        self._ask_boxes()

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
        """One that has dialled in anew since keeps what it sends: its old line may die late."""
        self._boxes.discard(box)
        gone = box.cameras - frozenset[str]().union(*(other.cameras for other in self._boxes))
        self._fanout.asked(gone, NOTHING)

    def cameras_known(self, name: str, cameras: frozenset[str]) -> None:
        """A box has these cameras now, perhaps more than when it dialled in. Those that it lost stay: nobody asks."""
        for box in self._boxes:
            if box.name == name and not cameras <= box.cameras:
                box.cameras |= cameras
                self._ask_boxes()

    def asked(self, box: LiveBox, wanted: Watch) -> None:
        """The box has been told so."""
        self._fanout.asked(box.cameras, wanted)

    def recording_asked(self, name: str) -> None:
        """Somebody asks for what a box has recorded."""
        for box in self._boxes:
            if box.name == name:
                box.recordings_asked = True
                box.wake.set()

    def points_changed(self) -> None:
        """The registry of payment points changed: each box compares what it was told."""
        for box in self._boxes:
            box.points_changed = True
            box.wake.set()

    def announcement_asked(self, name: str) -> None:
        """Somebody has a box say something, or say it no more."""
        for box in self._boxes:
            if box.name == name:
                box.announcements_asked = True
                box.wake.set()

    def picture(self, header: PictureHeader, message: bytes) -> None:
        """A box sent a picture: put it where its viewers find it. Who plays the video is not bothered with pictures."""
        camera = header.camera
        played = header.no_video is None and self._fanout.flows(camera)
        for viewer in self._viewers:
            if camera in viewer.watching and not (played and camera in viewer.wants):
                viewer.show(camera, message)

    def video(self, header: VideoHeader, message: bytes) -> None:
        """A box sent something of a camera's video."""
        self._fanout.take(header, message)

    def publish(self, ward: str, message: FeedMessage, *, site: str | None) -> None:
        """Tell everybody who may see `site`; None for what concerns a ward as a whole, such as a box."""
        for viewer in self._viewers:
            if viewer.scope.covers(ward, site):
                viewer.tell(message)

    def publish_missed(self) -> None:
        """Something may have been missed by all, boxes too."""
        for box in self._boxes:
            box.recordings_asked = True
            box.points_changed = True
            box.announcements_asked = True
            box.wake.set()
        for viewer in self._viewers:
            viewer.tell(Missed())

    def _note_wards(self) -> None:
        self.wards = frozenset(ward for viewer in self._viewers for ward in viewer.scope.wards)

    def _ask_boxes(self) -> None:
        cameras, pictures = set[str](), set[str]()
        main, sub = set[str](), set[str]()
        for viewer in self._viewers:
            cameras |= viewer.watching
            pictures |= viewer.watching - viewer.wants.keys()
            main |= {camera for camera, streams in viewer.wants.items() if "main" in streams}
            sub |= {camera for camera, streams in viewer.wants.items() if "sub" in streams}
        video = main | sub
        for box in self._boxes:
            mine = box.cameras
            box.ask(_watch(cameras & mine, video & mine, video & pictures & mine, sub & mine, main & sub & mine))


def _watch(cameras: set[str], video: set[str], pictures: set[str], sub: set[str], main: set[str]) -> Watch:
    """Fields that a box of an older version does not know are sent only when they say something."""
    return Watch(
        cameras=tuple(sorted(cameras)),
        video=tuple(sorted(video)) or None,
        pictures=tuple(sorted(pictures)) or None,
        sub=tuple(sorted(sub)) or None,
        main=tuple(sorted(main)) or None,
    )
