"""Whether anything keeps the box's clock right, as the kernel knows it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Final

from contracts.report import Finding
from edge.doctor.checks import ok, warn

_UNSYNCHRONISED: Final = 0x0040
_ERROR: Final = 5


class _Timex(ctypes.Structure):
    """The beginning of the kernel's struct timex; what follows is only room for it to write into."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def look_at_clock() -> Iterator[Finding]:
    """Nothing where the kernel does not tell."""
    synchronised = is_synchronised()
    if synchronised is not None:
        yield ok("clock_synchronised") if synchronised else warn("clock_unsynchronised")


def is_synchronised() -> bool | None:
    """Whether NTP or something like it disciplines the clock."""
    try:
        answer, state = ctypes.CDLL(None, use_errno=True).adjtimex, _Timex()
    except (OSError, AttributeError):
        return None
    said = answer(ctypes.byref(state))  # modes 0: only read
    if said < 0:
        return None
    return said != _ERROR and not state.status & _UNSYNCHRONISED
