"""Finds out in limited time which address a camera's host has, and whether the box may connect to it.

FFmpeg is then given that very address instead of the name, so a name that changes its mind in between leads nowhere.

A name server that does not answer keeps a thread for half a minute inside the C library, which nobody can interrupt:
such threads are left to themselves, a few at most for each camera.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from contracts.addresses import CAMERA_NETWORKS, Network, choose, literal

TIMEOUT_S: Final = 3.0
MOST_THREADS: Final = 4

_AUTHORITY: Final = re.compile(r"^[a-z]+://(?P<authority>[^/?#]*)")
_HOST: Final = re.compile(r"^(?:.*@)?(?:\[(?P<literal>[^\]]*)\]|(?P<name>[^:]*))(?::\d*)?$")


class LookupFailedError(Exception):
    """The name has no address, nobody could say, or the box may not connect to it."""


def host_of(url: str) -> str | None:
    """The host of an address as FFmpeg reads it; None where there is none."""
    authority = _AUTHORITY.match(url)
    host = authority and _HOST.match(authority["authority"])
    return (host["literal"] or host["name"] or None) if host else None


def pinned(url: str, address: str) -> str:
    """`url` with `address` instead of its host."""
    authority = _AUTHORITY.match(url)
    host = authority and _HOST.match(authority["authority"])
    assert authority
    assert host
    name = "literal" if host["literal"] is not None else "name"
    begin = authority.start("authority") + host.start(name)
    end = authority.start("authority") + host.end(name)
    bare = name == "name" and ":" in address
    return f"{url[:begin]}{f'[{address}]' if bare else address}{url[end:]}"


def _system(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class Lookup:
    """Asks for one camera's host. Used by one thread."""

    def __init__(
        self,
        url: str,
        ask: Callable[[str], Sequence[str]] = _system,
        networks: Sequence[Network] = CAMERA_NETWORKS,
    ) -> None:
        self._url = url
        self._host = host_of(url)
        self._ask = ask
        self._networks = networks
        self._asking: list[threading.Thread] = []

    def check(self, timeout_s: float = TIMEOUT_S) -> str:
        """The camera's URL with the address to connect to. Raises LookupFailedError without one, or too late."""
        if self._host is None:
            raise LookupFailedError("the address names no host")
        address = choose(self._addresses(self._host, timeout_s), self._networks, public=False)
        if address is None:
            raise LookupFailedError("its address is in none of camera_networks")
        return pinned(self._url, address)

    def _addresses(self, host: str, timeout_s: float) -> Sequence[str]:
        known = literal(host)
        if known is not None:
            return [host if ":" in host else str(known)]  # with the zone of a link
        self._asking = [thread for thread in self._asking if thread.is_alive()]
        if len(self._asking) >= MOST_THREADS:
            self._asking[0].join(timeout_s)
            raise LookupFailedError("no name server answers")
        answers: queue.SimpleQueue[Sequence[str] | None] = queue.SimpleQueue()
        thread = threading.Thread(target=self._answer, args=(host, answers), name="lookup", daemon=True)
        self._asking.append(thread)
        thread.start()
        try:
            found = answers.get(timeout=timeout_s)
        except queue.Empty:
            raise LookupFailedError("no name server answers") from None
        if not found:
            raise LookupFailedError("there is no such host")
        return found

    def _answer(self, host: str, answers: queue.SimpleQueue[Sequence[str] | None]) -> None:
        try:
            answers.put(self._ask(host))
        except (OSError, UnicodeError):  # a label that is too long is a UnicodeError
            answers.put(None)
