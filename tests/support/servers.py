"""A PostgreSQL server of a test's own, which it may crash and start again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil

from demo.postgres import Postgres


class CrashableServer:
    """The demo's server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "data"
        self.postgres = Postgres(self._folder)

    def crash(self) -> None:
        """Stop it in immediate mode: no checkpoint, every connection broken, and recovery at the next start."""
        pid = int((self._folder / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 60
        while runs(pid):
            assert time.monotonic() < deadline, "the server has not ended"
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again after a crash, at the same address."""
        self.postgres.stop()  # lets go of what has ended
        self.postgres = Postgres(self._folder)

    def stop(self) -> None:
        self.postgres.stop()


def runs(pid: int) -> bool:
    """Whether the process is there and no mere zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
