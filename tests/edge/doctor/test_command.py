"""`phoan-edge doctor` as a technician runs it, whatever the machine is like."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.processes import free_port
from edge import pulse
from edge.pulse import PulseFile
from tests.support import cameras, streams
from tests.support.cameras import Line
from tests.support.commands import edge
from tests.support.locked_cameras import Lock

WORD, TOKEN, MQTT = "bi-mat-camera", "ma-bi-mat-cua-hop-" + "x" * 30, "bi-mat-mqtt"


def start(config: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "edge", "--config", str(config), "doctor", "--onvif-ports", "1", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LANG": "vi_VN.UTF-8", "LC_ALL": "", **environment},
    )  # fmt: skip


def run(config: Path, *words: str) -> tuple[int, str, str]:
    process = start(config, *words)
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def camera() -> Iterator[Line]:
    film = streams.encode(width=1280, height=720, count=20)
    with closing(Line(Lock(streams.camera(film), "gac", WORD))) as line:
        yield line


@pytest.fixture
def config(tmp_path: Path, camera: Line) -> Path:
    path = tmp_path / "edge.yaml"
    mqtt = {"host": "127.0.0.1", "port": free_port(), "username": "hop-1", "password": MQTT}
    listed = [
        {"id": "cho-1", "site": "cho", "url": f"rtsp://127.0.0.1:{camera.port}/main"},
        {"id": "cho-2", "site": "cho", "url": f"rtsp://u:{WORD}-2@127.0.0.1:{camera.port}/main"},
    ]
    whole = {
        "ward": "w", "box": "hop-1", "data_dir": str(tmp_path / "data"), "mqtt": mqtt, "cameras": listed,
        "centre": {"url": f"http://127.0.0.1:{free_port()}", "token": TOKEN},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(whole))
    path.with_name("credentials.yaml").write_text(yaml.safe_dump({"cho-1": {"user": "gac", "password": WORD}}))
    path.with_name("credentials.yaml").chmod(0o600)
    return path


def codes(out: str) -> dict[str, Any]:
    return {one["code"]: one for one in json.loads(out)["findings"]}


def test_a_box_with_faults_is_told_in_words_and_its_report_waits_for_the_centre(config: Path) -> None:
    began = time.monotonic()
    code, out, err = run(config, "--no-passwords")
    assert time.monotonic() - began < 60
    assert (code, err) == (2, "")
    assert "✗ Camera 'cho-2' từ chối mật khẩu. Hãy nhập lại bằng: phoan-edge password cho-2" in out
    assert "✗ Không kết nối được máy chủ tin nhắn" in out
    assert "✓ Camera 'cho-1', luồng chính: H.264 1280x720" in out
    assert "như vậy; đang có 2" in out or "Không kịp kiểm tra xong: detector" in out  # on a machine too busy
    kept = list((config.parent / "data" / "reports").glob("*.json"))
    assert len(kept) == 1
    for secret in (WORD, TOKEN, MQTT):
        assert secret not in out
        assert secret not in kept[0].read_text()


def test_json_says_the_same_for_a_program(config: Path) -> None:
    code, out, err = run(config, "--quick", "--json", "--no-send", "--lang", "en")
    found = codes(out)
    assert (code, err, json.loads(out)["level"]) == (2, "", "bad")
    assert found["camera_unauthorized"]["values"]["camera"] == "cho-2"
    assert found["camera_unauthorized"]["says"].startswith("Camera 'cho-2' refuses the password.")
    assert "detector_good" not in found
    assert not (config.parent / "data" / "reports").exists()
    assert not any(secret in out for secret in (WORD, TOKEN, MQTT))


def test_beside_a_running_box_a_second_connection_that_is_turned_away_is_no_fault(config: Path) -> None:
    with closing(Line(cameras.refusing("453 Not Enough Bandwidth"))) as line:
        whole = yaml.safe_load(config.read_text())
        whole["cameras"] = [{"id": "cho-1", "site": "cho", "url": f"rtsp://127.0.0.1:{line.port}/x"}]
        config.write_text(yaml.safe_dump(whole))
        (config.parent / "data").mkdir()
        PulseFile(config.parent / "data", "0.1.0", lambda: True, tuple)._write()
        assert pulse.read(config.parent / "data")
        _, out, _ = run(config, "--quick", "--json", "--no-send")
    found = codes(out)
    assert found["camera_busy"]["level"] == "warn"
    assert found["box_running"]["level"] == "ok"
    assert "box_stopped" not in found


@pytest.mark.parametrize(
    "text", ["", "ward: [", "ward: x\n", "cameras: 5\n", "[]", "\x00", "ward: w\nbox: b\ndata_dir: ${KHONG_CO}\n"]
)
def test_a_broken_file_is_a_fault_and_the_machine_is_still_looked_at(tmp_path: Path, text: str) -> None:
    config = tmp_path / "edge.yaml"
    config.write_text(text)
    done = edge("--config", config, "doctor", "--onvif-ports", "1", "--quick", "--json")
    found = codes(done.stdout)
    assert (done.returncode, done.stderr) == (2, "")
    assert found["settings_bad"]["level"] == "bad"
    assert found.keys() & {"memory_good", "memory_low"}


def test_no_file_and_no_network_at_all_are_faults_and_no_crash(tmp_path: Path) -> None:
    command = ["unshare", "--net", sys.executable, "-m", "edge", "--config", str(tmp_path / "none.yaml"), "doctor"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=90, check=False)
    found = codes(done.stdout)
    assert (done.returncode, done.stderr) == (2, "")
    assert {"settings_bad", "network_none", "gateway_missing"} <= found.keys()


def test_ctrl_c_ends_it_cleanly(config: Path, camera: Line) -> None:
    process = start(config)
    deadline = time.monotonic() + 60
    before = camera.accepted
    while camera.accepted == before and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=15)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
