from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from demo.processes import Processes, StartError, free_port, wait_for_port

SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def test_a_busy_port_is_chosen_around() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        assert free_port(port) != port


def test_a_program_that_ends_at_once_is_named(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    process = processes.start("broken", ["no_such_module"])
    with pytest.raises(StartError, match="broken ended with exit code 1"):
        wait_for_port(free_port(), process, "broken")
    assert processes.ended() == "broken"


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(SLEEPER)
    processes = Processes(tmp_path)
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        process = processes.start("stubborn", ["stubborn"])
    finally:
        del os.environ["PYTHONPATH"]
    log = tmp_path / "stubborn.log"
    while "up" not in log.read_text():
        time.sleep(0.02)
    processes.stop(["stubborn"], timeout_s=0.3)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import pathlib, time\nfrom demo.processes import Processes\n"
        f"processes = Processes(pathlib.Path({str(tmp_path)!r}))\n"
        "print(processes.start('child', ['http.server', '0']).pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    assert psutil.wait_procs([child], timeout=5)[1] == []
