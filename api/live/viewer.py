"""One open page as the hub knows it: what it may see, what it wants to see, and what waits to be sent to it.

Nothing that waits grows without bound: messages are counted, of each camera's pictures there is one, and video waits in
queues of its own (api.live.stream).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from api.live.stream import Channel, Streams, VideoQueue
from contracts.feed import FeedMessage, Missed
from contracts.video import PieceKind
from storage.scope import Scope

MAX_WAITING = 500
"""Messages kept for a viewer that does not read; beyond, it is told that it missed some and fetches anew."""


@dataclass(eq=False, slots=True)
class Viewer:
    """It wants these streams of these cameras, and plays what it gets: the main stream where there is no sub-stream."""

    scope: Scope
    watching: frozenset[str] = frozenset()
    wants: Mapping[str, Streams] = field(default_factory=dict)
    playing: dict[Channel, VideoQueue] = field(default_factory=dict)
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

    def play(self, channel: Channel, kind: PieceKind, piece: bytes) -> None:
        self.playing[channel].put(kind, piece)
        self.wake.set()

    def next_pieces(self) -> list[bytes]:
        """The next piece of each stream; pieces that wait behind it may be left out meanwhile."""
        return [queue.next() for queue in self.playing.values() if queue]
