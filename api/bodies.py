"""How much of a request's body is read, and for how long: no more than its path may have, whatever length the sender
announces, and no slower than a poor line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ProblemError

MAX_BYTES = 64 * 1024
"""Longer than any JSON that a browser sends."""

PATIENCE_S: Final = 30.0
SLOWEST: Final = 4096
"""Bytes a second; what is sent slower, after PATIENCE_S, is not waited for."""


class BodyLimit:
    """ASGI middleware; `larger` holds the limits of path prefixes that take more than MAX_BYTES."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self._app = app
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        read, ended = 0, False
        deadline = asyncio.get_running_loop().time() + PATIENCE_S + limit / SLOWEST

        async def receive_within_limit() -> Message:
            nonlocal read, ended
            try:
                async with asyncio.timeout_at(None if ended else deadline):
                    message = await receive()
            except TimeoutError:
                title = "The body did not come in time"
                raise ProblemError(408, "too_slow", title, headers={"Connection": "close"}) from None
            ended = ended or not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > limit:
                title = f"The body may have {limit} bytes here"
                raise ProblemError(413, "too_large", title, headers={"Connection": "close"})
            return message

        await self._app(scope, receive_within_limit, send)

    def _limit(self, path: str) -> int:
        return next((limit for prefix, limit in self._larger.items() if path.startswith(prefix)), MAX_BYTES)
