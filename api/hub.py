"""Where the live feed meets its viewers and the boxes: who watches what, and who gets which message.

Lives on the event loop and never waits but for the database. A viewer never waits for another, nor for a box: messages
go into a bounded queue of its own, pictures into one slot a camera, where a newer one replaces an unsent one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from contracts.feed import FeedMessage, Missed
from storage import wall
from storage.pool import Pool

MAX_WAITING = 500
"""Messages kept for a viewer that does not read; beyond, it is told that it missed some and fetches anew."""


@dataclass(eq=False, slots=True)
class Viewer:
    """One open page: what it may see, what it wants to see, and what waits to be sent to it."""

    wards: frozenset[str]
    watching: frozenset[str] = frozenset()
    messages: deque[FeedMessage] = field(default_factory=deque)
    pictures: dict[str, bytes] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

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


@dataclass(eq=False, slots=True)
class LiveBox:
    """A box that has dialled in: its cameras, and which of them somebody watches."""

    cameras: frozenset[str]
    wanted: frozenset[str] = frozenset()
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, cameras: frozenset[str]) -> None:
        if cameras != self.wanted:
            self.wanted = cameras
            self.wake.set()


class Hub:
    """Owns viewers and boxes. All methods run on the event loop."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._viewers: set[Viewer] = set()
        self._boxes: set[LiveBox] = set()

    async def cameras_of(self, wards: Sequence[str]) -> frozenset[str]:
        """The cameras that somebody with these wards may see."""

        def read() -> frozenset[str]:
            with self._pool.connection() as db:
                return frozenset(row.id for row in wall.cameras(db, wards))

        return await run_in_threadpool(read)

    def enter(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        self._ask_boxes()

    def watch(self, viewer: Viewer, cameras: frozenset[str]) -> None:
        """`viewer` wants pictures of `cameras`, of which the caller has checked that it may see them."""
        viewer.watching = cameras
        viewer.pictures = {camera: picture for camera, picture in viewer.pictures.items() if camera in cameras}
        self._ask_boxes()

    async def next_picture(self, camera: str, timeout_s: float) -> bytes | None:
        """The next picture of `camera`, as a message of contracts.picture; None when none comes in time."""
        viewer = Viewer(frozenset())
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

    def picture(self, camera: str, message: bytes) -> None:
        """A box sent a picture: put it where its viewers find it."""
        for viewer in self._viewers:
            if camera in viewer.watching:
                viewer.show(camera, message)

    def publish(self, ward: str, message: FeedMessage) -> None:
        """Tell everybody who may see `ward`."""
        for viewer in self._viewers:
            if ward in viewer.wards:
                viewer.tell(message)

    def publish_missed(self) -> None:
        """Something may have been missed by all."""
        for viewer in self._viewers:
            viewer.tell(Missed())

    def _ask_boxes(self) -> None:
        wanted = frozenset[str]().union(*(viewer.watching for viewer in self._viewers))
        for box in self._boxes:
            box.ask(wanted & box.cameras)
