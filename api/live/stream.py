"""A camera's video on its way through the centre: what a viewer that comes late must have, and each viewer's queue.

Pure. Nothing is decoded, pieces are kept as they came, and all viewers share them. Everything is bounded: who is slow
goes on at the newest key frame, and what lies between is left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from contracts.video import PieceKind, StreamName

Piece = tuple[PieceKind, bytes]
Channel = tuple[str, StreamName]
"""A camera, and which of its streams."""

Streams = frozenset[StreamName]
MAIN: Final[Streams] = frozenset({"main"})

MOST_BYTES: Final = 8_000_000
"""Of one group of pictures. A camera whose groups are larger is joined at its next key frame."""

MOST_PIECES: Final = 1_000
KEPT: Final = frozenset({"init", "end"})
FEW: Final = 5
"""Pieces that may wait when a key frame comes: so many are sent before it, and more are left out."""

MOST_WAITING: Final = 50
"""Pieces that a viewer may be behind, beyond those that it began with: two seconds of most cameras."""


def carried(wanted: Streams, *, sub: bool) -> Streams:
    """The streams that a viewer gets who wants these; `sub` says whether there is a sub-stream now."""
    return wanted if sub or "sub" not in wanted else MAIN


class Stream:
    """One stream since its `init` piece: that, and what has come since the last key frame."""

    def __init__(self, init: bytes) -> None:
        self._init = init
        self._group: list[Piece] = []
        self._bytes = 0

    def add(self, kind: PieceKind, piece: bytes) -> None:
        if kind == "key":
            self._group, self._bytes = [], 0
        if kind == "key" or self._group:
            self._group.append((kind, piece))
            self._bytes += len(piece)
        if self._bytes > MOST_BYTES or len(self._group) > MOST_PIECES:
            self._group, self._bytes = [], 0

    def so_far(self) -> list[Piece]:
        """What makes the newest picture."""
        return [("init", self._init), *self._group]


class VideoQueue:
    """What waits to be sent to one viewer."""

    def __init__(self, begun: Iterable[Piece] = ()) -> None:
        self.skipped = 0
        self._waiting: deque[Piece] = deque(begun)
        self._most = len(self._waiting) + MOST_WAITING
        self._wants_key = not any(kind == "key" for kind, _ in self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, kind: PieceKind, piece: bytes) -> None:
        if kind in KEPT:
            self._keep(kind, piece)
            return
        if kind == "key":
            if len(self._waiting) > FEW:
                self._drop()
            self._wants_key = False
        elif len(self._waiting) >= self._most:
            self._drop()
            self._wants_key = True
        if kind == "tracks" or not self._wants_key:
            self._waiting.append((kind, piece))

    def _keep(self, kind: PieceKind, piece: bytes) -> None:
        """One that must not be left out: an `init` begins anew, an `end` overtakes what waits."""
        if kind == "end":
            others = [waiting for waiting in self._waiting if waiting[0] != "end"]
            self._waiting = deque([(kind, piece), *others])
        else:
            ended = [waiting for waiting in self._waiting if waiting[0] == "end"]
            self._waiting, self._wants_key = deque([*ended, (kind, piece)]), True

    def next(self) -> bytes:
        """The next piece; there must be one."""
        _, piece = self._waiting.popleft()
        if not self._waiting:
            self._most = MOST_WAITING
        return piece

    def _drop(self) -> None:
        """Leave out what waits, but for an `init`, without which nothing can be shown, and what ended before."""
        kept = [waiting for waiting in self._waiting if waiting[0] in KEPT]
        self.skipped += len(self._waiting) - len(kept)
        self._waiting = deque(kept)
        self._most = MOST_WAITING
