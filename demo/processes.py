"""Starts the product's programs as processes of their own and ends them all, whatever happens to us."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
START_S = 60.0
"""A program on a busy machine takes this long to start, at worst. One that ends meanwhile is noticed at once."""


class StartError(Exception):
    """A part did not come up; the text says which and where its log is."""


def free_port(preferred: int = 0) -> int:
    """A free TCP port on loopback: `preferred` or one of the next 50 if given, else any."""
    for port in range(preferred, preferred + 50) if preferred else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StartError(f"no free port from {preferred} to {preferred + 49}")


def wait_for_port(port: int, process: subprocess.Popen[bytes], name: str, timeout_s: float = START_S) -> None:
    """Wait until something listens. Raises StartError when the process ends or the time is up."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"{name} ended with exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise StartError(f"{name} does not listen after {timeout_s:.0f} s")


def _die_with_parent() -> None:
    """In the child: be ended by the kernel when the parent is killed and cannot do it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Processes:
    """Owns the started processes and the folder of their logs."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, Sequence[str]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start `python -m ...` under `name`; its output goes to `logs/name.log`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches only us, and we end them in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.running[name] = process
        self.commands[name] = command
        return process

    def restart(self, name: str) -> None:
        """Start anew what was started under `name` before and has ended."""
        self.start(name, self.commands[name])

    def ended(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def stop(self, names: Sequence[str], timeout_s: float = 3.0) -> None:
        """End the named processes together: politely, then by force."""
        ending = [self.running.pop(name) for name in names if name in self.running]
        for process in ending:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout_s
        for process in ending:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def stop_all(self) -> None:
        self.stop(list(self.running))
