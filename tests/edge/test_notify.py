from __future__ import annotations

import os
import socket
import tempfile
import time
from pathlib import Path

import pytest

from edge.notify import ALIVE, ANEW_S, READY, ServiceNotice
from edge.release.install import template


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


def test_a_process_that_goes_on_as_another_is_given_time_and_then_watched_as_before() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"{folder}/notify")
        systemd.settimeout(2)
        notice = ServiceNotice({"NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": "90000000"})
        notice.say_anew()
        notice.have_watched()
        said = [systemd.recv(100).decode() for _ in range(3)]
    assert said[0].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert said[1:] == [f"WATCHDOG_USEC={ANEW_S * 1_000_000}", "WATCHDOG_USEC=90000000"]


def test_it_is_given_as_long_as_the_unit_gives_a_start() -> None:
    assert f"TimeoutStartSec={ANEW_S}\n" in template("phoan-edge.service")
