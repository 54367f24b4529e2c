"""One simulated camera: a real RTSP server that loops a film in real time. Run as a process of its own.

`python -m demo.camera FOLDER PORT` serves every film in FOLDER on the loopback address. Where the folder holds a
sub-stream (demo.two_streams), that keeps in step with the main one; where it holds the stall's reel, a visitor may swap
what the stream shows (demo.sticker).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

from aio_rtsp_toolkit import server

from demo.scene import reel
from demo.sticker import Reel
from demo.two_streams import SUB, TwoStreams


async def serve(folder: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    kind = server.RtspServer
    if (Path(folder) / reel.FIRST.name).exists():
        kind = Reel
    elif (Path(folder) / SUB).exists():
        kind = TwoStreams
    loop = asyncio.get_running_loop()
    camera = kind(folder, host="127.0.0.1", port=port)
    task = asyncio.ensure_future(camera.serve_forever())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        await camera.close()


def url(port: int, film: str) -> str:
    """The address of a film, looped for ever."""
    return f"rtsp://127.0.0.1:{port}/{film}?play_count=0"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
