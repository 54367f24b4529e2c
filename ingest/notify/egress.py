"""The only way out of the notifier: to configured hosts, never to an address of ours that nobody listed.

A name is looked up once and the connection is made to that very address, so a name that changes its mind in between
leads nowhere. No redirect is followed, no proxy of the environment is used, and an answer is read to a limit.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from contracts.addresses import Network, choose, plain_host
from ingest.notify.parcels import Later, Outcome, Refused, Sent
from ingest.notify.settings import ChannelSettings

MOST_ANSWERED: Final = 64 * 1024

_ALL: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/0"), ip_network("::/0"))

_TRY_AGAIN: Final = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; `content` is its JSON object, empty when it said something else."""

    status: int
    content: dict[str, Any]
    retry_after_s: float | None


class NoWayError(Exception):
    """The request was not answered; the text is a code without anything secret. `final`: it never will be."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final

    @property
    def outcome(self) -> Outcome:
        return Refused(self.code) if self.final else Later(self.code)


class Egress:
    """Knows which hosts may be called, and which may be ours: `private_hosts`, and those within `networks`."""

    def __init__(
        self, hosts: Iterable[str], private_hosts: Iterable[str] = (), networks: Iterable[Network] = ()
    ) -> None:
        self._private = frozenset(map(plain_host, private_hosts))
        self._hosts = frozenset(map(plain_host, hosts))
        self._networks = tuple(networks)

    def address(self, host: str, port: int) -> str:
        """The IP address to connect to. Raises NoWayError for a host that may not be called."""
        host = _plain(host)
        if host not in self._hosts:
            raise NoWayError("host_not_allowed", final=True)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise NoWayError("name_not_found") from None
        networks = _ALL if host in self._private else self._networks
        address = choose((str(entry[4][0]) for entry in found), networks, public=True)
        if address is None:
            raise NoWayError("private_address", final=True)
        return address

    def post(
        self,
        url: str,
        settings: ChannelSettings,
        *,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a POST and read the answer. Raises NoWayError when there is none."""
        parts = urlsplit(url)
        host = _plain(parts.hostname or "")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self.address(host, port)
        literal = f"[{address}]" if ":" in address else address
        pinned = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path, parts.query, ""))
        named = {"Host": _netloc(host, parts.port), "Accept": "application/json", **(headers or {})}
        deadline = time.monotonic() + 2 * settings.timeout_s
        trusted = ssl.create_default_context(cafile=settings.tls_ca) if settings.tls_ca else True
        client = httpx.Client(timeout=settings.timeout_s, verify=trusted, trust_env=False, follow_redirects=False)
        request = client.build_request(
            "POST", pinned, content=content, data=form, headers=named, extensions={"sni_hostname": host}
        )
        try:
            with client, closing(client.send(request, stream=True)) as answer:
                return Answer(answer.status_code, _json(_read(answer, deadline)), _retry_after(answer))
        except httpx.TimeoutException:
            raise NoWayError("timeout") from None
        except (httpx.HTTPError, httpx.StreamError, OSError):
            raise NoWayError("unreachable") from None


def judge(answer: Answer) -> Outcome:
    """What a status code means where the content says nothing more."""
    if 200 <= answer.status < 300:
        return Sent()
    if answer.status in _TRY_AGAIN or answer.status >= 500:
        asked = answer.retry_after_s if answer.status in (429, 503) else None
        return Later(f"http_{answer.status}", asked)
    return Refused(f"http_{answer.status}")


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(host: str) -> str:
    try:
        return plain_host(host)
    except ValueError:
        raise NoWayError("host_not_allowed", final=True) from None


def _netloc(host: str, port: int | None) -> str:
    literal = f"[{host}]" if ":" in host else host
    return literal if port is None else f"{literal}:{port}"


def _read(answer: httpx.Response, deadline: float) -> bytes:
    """The body, as far as it is short and comes in time."""
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > MOST_ANSWERED:
            return b""
        if time.monotonic() > deadline:
            raise NoWayError("timeout")
    return body


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    """The seconds of a Retry-After header; a date in it is not understood."""
    try:
        return max(0.0, float(answer.headers.get("retry-after", "")))
    except ValueError:
        return None
