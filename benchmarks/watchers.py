"""Signed-in walls without a page: a process of its own that holds many live feeds and notes when each message came.

    python -m benchmarks.watchers < tokens and address as JSON, one line; ends when its input ends

It says "ready" when every feed has said hello, and at the end prints for every event when each feed had it, by the
machine's monotonic clock. The moment is noted when the bytes are read; what they say is looked at later.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

READY = "ready"


class Feed(asyncio.Protocol):
    """One live feed."""

    def __init__(self, address: str, cookie: str, seen: list[tuple[float, bytes]], hello: asyncio.Event) -> None:
        self._protocol = ClientProtocol(parse_uri(address), max_size=None)
        self._cookie = cookie
        self._seen = seen
        self._hello = hello
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        request = self._protocol.connect()
        request.headers["Cookie"] = self._cookie
        self._protocol.send_request(request)
        self._send()

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_soon(self._take, data, time.monotonic())

    def _take(self, data: bytes, at: float) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._hello.set()
                self._seen.append((at, bytes(event.data)))
        self._send()

    def _send(self) -> None:
        assert self._transport
        for data in self._protocol.data_to_send():
            if data and not self._transport.is_closing():
                self._transport.write(data)


async def hold(address: str, cookies: Sequence[str]) -> dict[str, list[float]]:
    """Keep a feed open for each cookie until our input ends."""
    loop = asyncio.get_running_loop()
    seen: list[tuple[float, bytes]] = []
    uri = parse_uri(address)
    for cookie in cookies:
        hello = asyncio.Event()
        await loop.create_connection(lambda c=cookie, h=hello: Feed(address, c, seen, h), uri.host, uri.port)  # type: ignore[misc]
        async with asyncio.timeout(20):
            await hello.wait()
    print(READY, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return _by_event(seen)


def _by_event(seen: Sequence[tuple[float, bytes]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for at, text in seen:
        message = json.loads(text)
        if message["type"] == "event":
            found[message["event"]["id"]].append(at)
    return found


@dataclass(slots=True)
class Heard:
    """When each event came to each feed; there when the feeds have ended."""

    times: dict[str, list[float]] = field(default_factory=dict)


@contextmanager
def watching(url: str, cookies: Sequence[str]) -> Iterator[Heard]:
    """Live feeds of the API at `url`, one for each cookie, in another process."""
    told = json.dumps({"address": f"{url.replace('http', 'ws', 1)}/api/v1/live", "cookies": list(cookies)})
    heard = Heard()
    command = [sys.executable, "-m", "benchmarks.watchers"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(told + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != READY:
            raise RuntimeError("the watchers were not let in")
        yield heard
        process.stdin.close()
        heard.times = json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    print(json.dumps(asyncio.run(hold(told["address"], told["cookies"]))))


if __name__ == "__main__":
    main()
