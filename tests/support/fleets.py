"""A simulated fleet as a process that publishes all the while, and that a test kills and starts again."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from demo.processes import Processes
from demo.sim.fleet import Fleet
from tests.support.waiting import eventually

DRAIN_S = 90
START_S = 60
"""A process on a busy machine takes this long to start, at worst."""


class SimFleet:
    """`phoan-sim run` on one data folder."""

    def __init__(
        self,
        folder: Path,
        port: int,
        fleet: Fleet,
        *,
        data: Path | None = None,
        events_per_s: float = 30,
        samples_per_s: float = 120,
    ) -> None:
        self.data = data or folder / "sim"
        self.fleet = fleet
        self._processes = Processes(folder)
        self._log = folder / "sim.log"
        self._command = [
            "demo.sim", "run", "--data", str(self.data), "--mqtt-port", str(port), "--drain-s", str(DRAIN_S),
            "--boxes", str(fleet.boxes), "--cameras", str(fleet.cameras), "--devices", str(fleet.devices),
            "--events-per-s", str(events_per_s), "--samples-per-s", str(samples_per_s),
        ]  # fmt: skip

    def start(self) -> None:
        """Start it and wait until its boxes speak."""
        before = self.said().count("boxes speak")
        self._processes.start("sim", self._command)
        eventually(lambda: self.said().count("boxes speak") > before, START_S)

    def kill(self) -> None:
        """Cut its power."""
        process = self._processes.running.pop("sim")
        process.kill()
        process.wait()

    def finish(self) -> dict[str, Any]:
        """Have it say no more and wait until the centre has acknowledged everything; what it says in the end."""
        process = self._processes.running.pop("sim")
        process.send_signal(signal.SIGTERM)
        code = process.wait(DRAIN_S + 20)
        figures: dict[str, Any] = json.loads(self.said().splitlines()[-1])
        assert code == 0, self.said()[-2000:]
        return figures

    def said(self) -> str:
        """Its log."""
        return self._log.read_text() if self._log.exists() else ""

    def stop(self) -> None:
        """End it at once if it still runs."""
        if "sim" in self._processes.running:
            self.kill()
