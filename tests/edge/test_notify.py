from __future__ import annotations

import os
import socket
import tempfile
import time
from pathlib import Path

import pytest

from edge.notify import ALIVE, READY, ServiceNotice


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_what_is_said(abstract: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        name = f"@phoan-{os.getpid()}" if abstract else str(Path(folder) / "notify")
        systemd.bind(name.replace("@", "\0") if abstract else name)
        systemd.settimeout(2)
        notice = ServiceNotice({"NOTIFY_SOCKET": name})
        notice.say(READY)
        notice.say(ALIVE)
        assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_without_systemd_nothing_happens(environment: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    ServiceNotice(environment).say(READY)
    assert caplog.records == []


def test_a_systemd_that_does_not_read_holds_nobody_up() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"{folder}/notify")
        notice = ServiceNotice({"NOTIFY_SOCKET": f"{folder}/notify"})
        began = time.monotonic()
        for _ in range(5000):
            notice.say(ALIVE)
        assert time.monotonic() - began < 30, "a datagram that nobody takes is lost, not waited with"
        assert systemd.recv(100) == b"WATCHDOG=1"
