"""What systemd hears from the box: that it is ready, alive, stops, or starts anew. Without systemd nothing is said.

A datagram to the socket that $NOTIFY_SOCKET names; see sd_notify(3).
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"
"""Whoever has said this is killed after TimeoutStopSec=, and so says it only at the very end."""

ANEW_S: Final = 300
"""How long the same process may take until it is ready again, as TimeoutStartSec= has it."""


class ServiceNotice:
    """Knows where systemd listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name  # one that is not in the file system
        self._watched = environment.get("WATCHDOG_USEC", "")

    def say_anew(self) -> None:
        """This process goes on as another program; until that is ready it neither stops nor hangs."""
        self.say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        if self._watched:
            self.say(f"WATCHDOG_USEC={ANEW_S * 1_000_000}")

    def have_watched(self) -> None:
        """From now on as the unit has it."""
        if self._watched:
            self.say(f"WATCHDOG_USEC={self._watched}")

    def say(self, text: str) -> None:
        """Send one notice. One that cannot be sent is lost: systemd then draws its own conclusion."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(text.encode(), self._address)
