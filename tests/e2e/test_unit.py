"""The box as its unit runs it, as far as that can be had without systemd as the first process: under the very system
calls that the unit allows, told apart from a box that hangs by what it says to systemd's socket.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from edge import pulse
from tests.support.brokers import TestBroker
from tests.support.cameras import GoodCamera, address
from tests.support.waiting import eventually

UNIT = Path(__file__).parents[2] / "deploy" / "edge" / "phoan-edge.service"
SLOW_S = 150.0


@pytest.mark.timeout(400)
def test_the_box_sees_its_camera_and_says_so_under_the_system_calls_of_its_unit(
    broker: TestBroker, tmp_path: Path
) -> None:
    camera = GoodCamera(tmp_path)
    camera.start()
    config, data = tmp_path / "edge.yaml", tmp_path / "data"
    config.write_text(
        yaml.safe_dump(
            {
                "ward": "an-luu",
                "box": "an-luu-1",
                "data_dir": str(data),
                "mqtt": {"host": "127.0.0.1", "port": broker.port},
                "cameras": [{"id": "quang-trung-1", "site": "quang-trung", "url": address(camera.port)}],
            }
        )
    )
    command = ["tests.support.filtered", str(UNIT), sys.executable, "-m", "edge", "--config", str(config), "run"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, (tmp_path / "said").open("wb") as said:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(SLOW_S)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            assert systemd.recv(100) == b"READY=1", (tmp_path / "said").read_text()
            assert systemd.recv(100) == b"WATCHDOG=1"
            eventually(lambda: (seen := pulse.read(data)) and seen.linked and seen.streaming == 1, SLOW_S)
            began = time.monotonic()
            process.terminate()
            assert process.wait(25) == 0
            assert time.monotonic() - began < 25  # TimeoutStopSec
        finally:
            process.kill()
            process.wait()
            camera.stop()
    assert "Operation not permitted" not in (tmp_path / "said").read_text()
