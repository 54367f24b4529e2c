"""A real MQTT 5 broker on a free port, which a test may also kill and start again."""

from __future__ import annotations

from pathlib import Path

from demo.broker import write_config
from demo.processes import Processes, free_port, wait_for_port


class TestBroker:
    """rumqttd as a process of its own."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._processes = Processes(folder)
        self._config = folder / "broker.toml"
        write_config(self._config, self.port)

    def start(self) -> None:
        process = self._processes.start("broker", ["demo.broker", str(self._config)])
        wait_for_port(self.port, process, "the broker")

    def kill(self) -> None:
        """End it without a word, and with all that it held."""
        process = self._processes.running.pop("broker")
        process.kill()
        process.wait()

    def stop(self) -> None:
        self._processes.stop_all()
