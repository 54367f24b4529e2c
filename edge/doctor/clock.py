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
    told = read()
    if told is not None:
        yield ok("clock_synchronised") if is_kept(*told) else warn("clock_unsynchronised")


def read() -> tuple[int, int] | None:
    """The clock's state and status as adjtimex(2) has them."""
    try:
        answer, said = ctypes.CDLL(None, use_errno=True).adjtimex, _Timex()
    except (OSError, AttributeError):
        return None
    state = answer(ctypes.byref(said))  # modes 0: only read
    return None if state < 0 else (state, said.status)


def is_kept(state: int, status: int) -> bool:
    """Whether NTP or something like it disciplines the clock. Nobody for nine hours is nobody, to the kernel."""
    return state != _ERROR and not status & _UNSYNCHRONISED
