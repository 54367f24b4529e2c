"""The HTTP server, with little waiting in the kernel for who reads slowly.

Linux keeps megabytes for a slow reader. For live video they are seconds that nobody can skip any more: what waits is to
wait here, where it is left out when newer comes (api.live.stream).
"""

from __future__ import annotations

import socket
import sys
from typing import Final

import uvicorn

MOST_UNSENT: Final = 128 * 1024


class Server(uvicorn.Server):
    """uvicorn, whose connections take no more than MOST_UNSENT before what they have is on its way."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sys.platform != "linux":
            return
        for server in self.servers:
            for listener in server.sockets:  # connections inherit it
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
