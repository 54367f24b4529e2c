"""Finds out in limited time whether a camera's host name has an address.

A name server that does not answer keeps a thread for half a minute inside the C library, which nobody can interrupt:
such threads are left to themselves, a few at most for each camera.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable
from typing import Final

TIMEOUT_S: Final = 3.0
MOST_THREADS: Final = 4

_AUTHORITY: Final = re.compile(r"^[a-z]+://(?P<authority>[^/?#]*)")
_HOST: Final = re.compile(r"^(?:.*@)?(?:\[(?P<literal>[^\]]*)\]|(?P<name>[^:]*))(?::\d*)?$")


class LookupFailedError(Exception):
    """The name has no address, or nobody could say."""


def host_of(url: str) -> str | None:
    """The host of an address as FFmpeg reads it; None where there is none."""
    authority = _AUTHORITY.match(url)
    host = authority and _HOST.match(authority["authority"])
    return (host["literal"] or host["name"] or None) if host else None


def _system(host: str) -> None:
    socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


class Lookup:
    """Asks for one camera's host. Used by one thread."""

    def __init__(self, url: str, ask: Callable[[str], None] = _system) -> None:
        self._host = host_of(url)
        self._ask = ask
        self._asking: list[threading.Thread] = []

    def check(self, timeout_s: float = TIMEOUT_S) -> None:
        """Return when the name has an address. Raises LookupFailedError when not, or not in time."""
        host = self._host
        if host is None or _is_address(host):
            return
        self._asking = [thread for thread in self._asking if thread.is_alive()]
        if len(self._asking) >= MOST_THREADS:
            self._asking[0].join(timeout_s)
            raise LookupFailedError("no name server answers")
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        thread = threading.Thread(target=self._answer, args=(host, answers), name="lookup", daemon=True)
        self._asking.append(thread)
        thread.start()
        try:
            fault = answers.get(timeout=timeout_s)
        except queue.Empty:
            raise LookupFailedError("no name server answers") from None
        if fault:
            raise LookupFailedError(fault)

    def _answer(self, host: str, answers: queue.SimpleQueue[str]) -> None:
        try:
            self._ask(host)
        except (OSError, UnicodeError):  # a label that is too long is a UnicodeError
            answers.put("there is no such host")
        else:
            answers.put("")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
