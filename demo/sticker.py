"""The RTSP server of the stall's camera, and a visitor's wish to have a thief's sticker there, or to have it off again.

The film lies in pieces (demo.scene.reel), and the file `wanted` beside them says which side to show. A stream goes from
piece to piece without a gap, so a swap reaches the picture as it would on a real street: without an interruption.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from pathlib import Path
from typing import Any

from aio_rtsp_toolkit import server
from aio_rtsp_toolkit.server_media import MediaSource
from aio_rtsp_toolkit.server_session import RtspServerSession

from demo.scene import reel
from demo.scene.reel import Side


class Reel(server.RtspServer):  # type: ignore[misc]
    """Serves the reel in a folder; every stream begins with its first piece."""

    async def _handle_client(self, sock: Any) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await _Stream(self, sock).run()


class _Stream(RtspServerSession):  # type: ignore[misc]
    """What the toolkit plays again and again is another piece each time."""

    media_source: MediaSource

    def __init__(self, owner: server.RtspServer, sock: Any) -> None:
        super().__init__(owner, sock)
        self._spot = reel.FIRST
        self._drawn = False

    async def _stream_media_once(self, suffix: str) -> None:
        path = self.media_source.file_path.with_name(self._spot.name)
        self.media_source = dataclasses.replace(self.media_source, file_path=path)
        await super()._stream_media_once(suffix)
        self._spot = reel.advance(self._spot, self._side(path.parent))

    def _side(self, folder: Path) -> Side:
        """The side to show: ours for as long as what a swap needs is being drawn."""
        self._drawn = self._drawn or reel.drawn(folder)
        return wanted(folder) if self._drawn else self._spot.side


def wanted(folder: Path) -> Side:
    """Which side the reel in a folder is to show."""
    try:
        return Side((folder / "wanted").read_text())
    except (FileNotFoundError, ValueError):
        return Side.OURS


def want(folder: Path, side: Side) -> None:
    """Have a reel's camera show a side, from its next turning place on."""
    draft = folder / "wanted.draft"
    draft.write_text(side)
    draft.replace(folder / "wanted")


def swap(folder: Path) -> Side:
    """Have the other side shown; which that is."""
    side = wanted(folder).other
    want(folder, side)
    return side
