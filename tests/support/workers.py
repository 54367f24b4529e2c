"""The ingest program as a process that a test starts, kills and reads the log of."""

from __future__ import annotations

from pathlib import Path

import yaml

from demo.processes import Processes
from tests.support.waiting import eventually


class IngestWorker:
    """`phoan-ingest run` under one name."""

    def __init__(self, folder: Path, database: str, port: int, name: str) -> None:
        settings = {"worker": name, "database": database, "mqtt": {"host": "127.0.0.1", "port": port}}
        config = folder / f"ingest-{name}.yaml"
        config.write_text(yaml.safe_dump(settings))
        self.name = f"ingest-{name}"
        self._processes = Processes(folder)
        self._command = ["ingest", "--config", str(config), "run"]
        self._log = folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it and wait until it is connected to the broker."""
        before = self._connections()
        self._processes.start(self.name, self._command)
        eventually(lambda: self._connections() > before, 60)

    def kill(self) -> None:
        """End it without a word."""
        process = self._processes.running.pop(self.name)
        process.kill()
        process.wait()

    def said(self) -> str:
        """Its log."""
        return self._log.read_text() if self._log.exists() else ""

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._processes.ended() is not None

    def stop(self) -> None:
        self._processes.stop_all()

    def _connections(self) -> int:
        return self.said().count("connected to broker")
