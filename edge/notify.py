"""What systemd hears from the box: that it is ready, that it is alive, that it stops. Without systemd nothing is said.

A datagram to the socket that $NOTIFY_SOCKET names; see sd_notify(3).
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


class ServiceNotice:
    """Knows where systemd listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name  # one that is not in the file system

    def say(self, text: str) -> None:
        """Send one notice. One that cannot be sent is lost: systemd then draws its own conclusion."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(text.encode(), self._address)
