"""The production broker for tests: Debian's mosquitto with the very settings that deploy/ ships."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from demo.processes import free_port, wait_for_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto.conf"


class Mosquitto:
    """mosquitto as a process of its own; only the places that a test cannot write to are moved."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder / "mosquitto"
        conf = self._folder / "conf.d"
        conf.mkdir(parents=True)
        (conf / "listener.conf").write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        text = SHIPPED.read_text(encoding="utf-8")
        text = text.replace("/var/lib/mosquitto/", f"{self._folder}/").replace("/etc/mosquitto/conf.d", str(conf))
        if os.geteuid() == 0:
            text = f"user root\n{text}"
        self._config = self._folder / "mosquitto.conf"
        self._config.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert program, "install mosquitto: make test does it"
        with (self._folder / "log").open("ab") as log:
            command = [program, "-c", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        wait_for_port(self.port, self._process, "mosquitto")

    def kill(self) -> None:
        """End it without a word, and with all that it held: its stored state is deleted, too."""
        if self._process:
            self._process.kill()
            self._process.wait()
        (self._folder / "mosquitto.db").unlink(missing_ok=True)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
