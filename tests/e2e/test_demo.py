"""The two demo commands as a newcomer runs them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.waiting import eventually

pytestmark = pytest.mark.e2e

DEMO = [sys.executable, "-m", "demo"]


def start(folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], float]:
    """Start the demo; the process and how many seconds it took to say that it runs."""
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen([*DEMO, "--folder", str(folder), "run"], stdout=out, stderr=subprocess.STDOUT)
    eventually(lambda: "Stop: Ctrl-C" in log.read_text() or process.poll() is not None, 300)
    assert process.poll() is None, log.read_text()
    return process, time.monotonic() - began


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> float:
    """How many seconds it takes."""
    began = time.monotonic()
    process.send_signal(how)
    assert process.wait(30) == 0
    return time.monotonic() - began


def test_ctrl_c_ends_everything_within_five_seconds_and_the_state_stays(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process, _ = start(tmp_path / "state", log)
    url = next(word for word in log.read_text().split() if word.startswith("http://"))
    assert httpx.get(url, trust_env=False).status_code == 200
    family = psutil.Process(process.pid).children(recursive=True)
    family += [
        child for child in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(child.info["cmdline"] or [])
    ]
    assert len(family) >= 8
    ended_s = [end(process, signal.SIGINT)]
    # Orphans whose new parent has not looked yet are zombies: they run no more.
    assert [left for left in psutil.wait_procs(family, timeout=1)[1] if left.status() != psutil.STATUS_ZOMBIE] == []
    again, seconds = start(tmp_path / "state", tmp_path / "log2")
    ended_s.append(end(again, signal.SIGTERM))
    assert seconds < 30
    assert min(ended_s) < 5, "one of the two may meet a busy machine"


@pytest.mark.timeout(600)
def test_the_check_command_prints_its_figures_last() -> None:
    done = subprocess.run([*DEMO, "check"], capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["cameras"] == 5
    assert 0 < figures["swap_alert_ms"] < 30_000
    assert figures["events"] >= 4
    assert (figures["lost"], figures["duplicates"]) == (0, 0)
    assert 0 < figures["alert_latency_ms_p50"] <= figures["alert_latency_ms_p95"]
