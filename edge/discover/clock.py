"""What time an ONVIF camera says it is. No password is needed, and a wrong clock is the usual cause of a 401: the proof
of a password holds the time, and a camera whose clock is hours away calls it too old.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

PORTS: Final = (80, 8000, 8080, 2020, 8899)
"""Where makers have ONVIF, the most common first."""

TIMEOUT_S: Final = 3.0
_MOST_BYTES: Final = 64 * 1024
_QUESTION: Final = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)
_HEADERS: Final = {"Content-Type": "application/soap+xml; charset=utf-8"}
_UTC: Final = re.compile(r"<(?:\w+:)?UTCDateTime\b.*?</(?:\w+:)?UTCDateTime>", re.DOTALL)
_FIELDS: Final = ("Year", "Month", "Day", "Hour", "Minute", "Second")


@dataclass(frozen=True, slots=True)
class Clock:
    """ONVIF answers at `port`; `ahead_s`: by how much the camera's clock is ahead of ours, if it says."""

    port: int
    ahead_s: float | None


def clocks(host: str, ports: Sequence[int] = PORTS, *, timeout_s: float = TIMEOUT_S) -> Iterator[Clock]:
    """Ask at each port in turn; nothing for those at which no ONVIF answers."""
    shown = f"[{host}]" if ":" in host else host
    for port in ports:
        began = datetime.now(UTC)
        try:
            text = asyncio.run(_ask(f"http://{shown}:{port}/onvif/device_service", timeout_s))
        except (httpx.HTTPError, TimeoutError):
            continue
        if "Envelope" in text:
            middle = began + (datetime.now(UTC) - began) / 2
            said = read_time(text)
            yield Clock(port, (said - middle).total_seconds() if said else None)


async def _ask(url: str, timeout_s: float) -> str:
    """The whole answer in this time, however slowly the camera speaks. Raises TimeoutError or httpx.HTTPError."""
    async with (
        asyncio.timeout(timeout_s),
        httpx.AsyncClient(trust_env=False, timeout=timeout_s) as client,
        client.stream("POST", url, content=_QUESTION, headers=_HEADERS) as response,
    ):
        data = b""
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > _MOST_BYTES:
                break
        return data.decode("utf-8", "replace")


def read_time(text: str) -> datetime | None:
    """The time in UTC of an answer to GetSystemDateAndTime."""
    block = _UTC.search(text)
    if block is None:
        return None
    numbers = [re.search(rf"<(?:\w+:)?{name}>\s*(\d+)\s*<", block[0]) for name in _FIELDS]
    try:
        year, month, day, hour, minute, second = (int(number[1]) for number in numbers if number)
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):  # one is missing, or there is no such moment
        return None
