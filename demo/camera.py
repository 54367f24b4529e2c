"""One simulated camera: a real RTSP server that loops a film in real time. Run as a process of its own.

`python -m demo.camera FOLDER PORT` serves every film in FOLDER on the loopback address.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

from aio_rtsp_toolkit import server


async def serve(folder: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(server.serve(folder, host="127.0.0.1", port=port))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def url(port: int, film: str) -> str:
    """The address of a film, looped for ever."""
    return f"rtsp://127.0.0.1:{port}/{film}?play_count=0"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
