"""How much one client address may ask for, and which address that is.

A token bucket an address, in this process: with N processes of the API an address may ask N times as much. A home or
an office with IPv6 has a whole /64, so that is one client. X-Forwarded-For counts only where a configured proxy wrote
it, and only its last word that is not such a proxy: what stands before can be made up by anybody.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import MEDIA_TYPE, ProblemDocument

Network = IPv4Network | IPv6Network

MOST_CLIENTS = 20_000
"""Addresses remembered; the one that asked the longest ago is forgotten, which only gives it a full bucket."""

LIMITED = ("/api/", "/public/")

SIGN_IN = frozenset(
    {("POST", "/api/v1/session"), ("GET", "/api/v1/session/oidc"), ("GET", "/api/v1/session/oidc/callback")}
)


ENROLMENT = frozenset({("POST", "/api/v1/enrol")})


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """Owns one bucket a client: `burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> float:
        """0 where the client may go on, else the seconds until it may."""
        now = self._clock()
        bucket = self._buckets.pop(client, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets[client] = bucket
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0


class RateLimit:
    """ASGI middleware: a bucket for what is LIMITED, narrow ones for sign-in and enrolment. Our own files are free."""

    def __init__(
        self, app: ASGIApp, everything: Buckets, sign_in: Buckets, enrolment: Buckets, proxies: Sequence[Network]
    ) -> None:
        self._app = app
        self._everything = everything
        self._narrow = {**dict.fromkeys(SIGN_IN, sign_in), **dict.fromkeys(ENROLMENT, enrolment)}
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith(LIMITED):
            await self._app(scope, receive, send)
            return
        client = bucket_name(client_address(HTTPConnection(scope), self._proxies))
        wait = self._everything.take(client)
        narrow = self._narrow.get((scope.get("method", ""), scope["path"].rstrip("/")))
        if not wait and narrow is not None:
            wait = narrow.take(client)
        if not wait:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013, "reason": "too many requests"})
        else:
            await _refusal(wait)(scope, receive, send)


def client_address(connection: HTTPConnection, proxies: Sequence[Network]) -> str:
    """The address that asked: the peer's own, or what a configured proxy says of it. Empty where there is none."""
    address = connection.client.host if connection.client else ""
    said = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
    while said and _is_proxy(address, proxies):
        before = said.pop().strip()
        if not _is_address(before):
            break
        address = before
    return address


def bucket_name(address: str) -> str:
    """Whose bucket an address drinks from: its own, in IPv6 that of its /64."""
    if not _is_address(address):
        return address
    found = ip_address(address)
    if found.version == 6:
        mapped = found.ipv4_mapped
        return str(mapped or ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)


def _is_proxy(address: str, proxies: Sequence[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _refusal(wait: float) -> JSONResponse:
    document = ProblemDocument(title="Too many requests from this address", status=429, code="too_many_requests")
    return JSONResponse(document.model_dump(), 429, {"Retry-After": str(math.ceil(wait))}, MEDIA_TYPE)
