"""Why a connection failed, as a code that has words: what a technician can do something about."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

_ERRNO: Final = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "no_route",
    errno.ENETUNREACH: "no_route",
    errno.ECONNRESET: "cut",
    errno.EPIPE: "cut",
    errno.ENOSPC: "no_space",
    errno.EDQUOT: "no_space",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "read_only",
}
_VERIFY: Final = {10: "expired", 9: "not_yet", 62: "wrong_host", 64: "wrong_host"}
"""OpenSSL's numbers of what is wrong with a certificate."""


def reason_of(error: BaseException) -> str:
    """The code; of what lies beneath when a library wraps it."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _VERIFY.get(one.verify_code, "untrusted")
        if isinstance(one, socket.gaierror):
            return "no_name"
        if isinstance(one, ssl.SSLError):
            return "tls"
        if isinstance(one, TimeoutError):
            return "timeout"
        if isinstance(one, OSError) and one.errno in _ERRNO:
            return _ERRNO[one.errno]
    return "other"


def is_tls(error: BaseException) -> bool:
    """Whether the machine was reached, but not its trust."""
    return any(isinstance(one, ssl.SSLError) for one in _chain(error))


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
