"""One HTTP connection that must say what it wants soon and briefly, or is closed.

Without this, who sends a header a minute, or one that never ends, holds a connection and memory for as long as they
like. Bodies are limited by api.bodies, connections that do nothing by uvicorn.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S: Final = 10.0
MOST_HEADERS: Final = 64 * 1024


class Connection(HttpToolsProtocol):
    """uvicorn's, with a limit on the time and the length of a request's first line and headers."""

    _late: asyncio.TimerHandle | None = None
    _heard = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cease()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._cease()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._late is not None:  # all of it is still headers
            self._heard += len(data)
            if self._heard > MOST_HEADERS:
                self.transport.abort()

    def _wait(self) -> None:
        self._cease()
        self._heard = 0
        self._late = self.loop.call_later(HEADERS_S, self._give_up)

    def _give_up(self) -> None:
        if self.flow.read_paused:  # it is we who do not listen
            self._late = self.loop.call_later(HEADERS_S, self._give_up)
        else:
            self.transport.abort()

    def _cease(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
