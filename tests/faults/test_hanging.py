"""A box whose detector hangs inside a library, as a real process under what systemd would be."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from demo.processes import free_port
from tests.support.cameras import Line, address
from tests.support.streams import camera, encode

PROGRAM = """
import sys, time
from pathlib import Path

from contracts.model import ModelCard
from contracts.settings import load
from edge import agent, watchdog
from edge.config import EdgeSettings
from edge.configuration.configuration import Configuration
from edge.detect import NOTHING
from edge.notify import ServiceNotice

watchdog.LIMIT_S = 4.0
agent.STOP_TIMEOUT_S = 1.0


class Hanging:
    name, batch = "hanging", 4
    inputs = ((300, 300),)
    card = ModelCard(name=name, digest="0" * 64, licence="Apache-2.0", source="this test", classes=("person",))
    calls = 0

    def detect(self, pictures):
        self.calls += 1
        if self.calls > 5:
            ServiceNotice().say("STATUS=hangs")
            time.sleep(600)
        return [NOTHING] * len(pictures)


sys.exit(agent.run(Configuration(load(EdgeSettings, Path(sys.argv[1]))), Hanging()))
"""
SETTINGS = """
ward: an-luu
box: an-luu-1
data_dir: {folder}
mqtt: {{host: 127.0.0.1, port: {mqtt}}}
cameras:
  - {{id: quang-trung-1, site: quang-trung, url: "{url}"}}
"""


def test_a_box_whose_detector_hangs_ends_with_an_error_for_systemd_to_start_it_again(tmp_path: Path) -> None:
    line = Line(camera(encode("h264", 320, 180)))
    program, settings, notices = tmp_path / "box.py", tmp_path / "box.yaml", tmp_path / "notify"
    program.write_text(PROGRAM)
    settings.write_text(SETTINGS.format(folder=tmp_path / "data", mqtt=free_port(), url=address(line.port)))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(notices))
        systemd.setblocking(False)
        began = time.monotonic()
        box = subprocess.run(
            [sys.executable, str(program), str(settings)],
            env={"NOTIFY_SOCKET": str(notices), "PYTHONPATH": str(Path(__file__).parents[2])},
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
        took = time.monotonic() - began
        said = []
        while True:
            try:
                said.append(systemd.recv(100).decode())
            except BlockingIOError:
                break
    line.close()
    assert box.returncode == 1
    assert "analysis hangs since" in box.stderr
    assert said[0] == "READY=1"
    assert said[-1] == "STOPPING=1"
    hangs = said.index("STATUS=hangs")
    assert 1 <= said[hangs:].count("WATCHDOG=1") <= 5
    assert took < 90
