from __future__ import annotations

import socket
import threading
import time

import pytest

from edge.lookup import MOST_THREADS, Lookup, LookupFailedError, host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("rtsp://cam-1.lan/stream", "cam-1.lan"),
        ("rtsp://cam-1.lan:8554/stream", "cam-1.lan"),
        ("rtsp://cam-1.lan?channel=1", "cam-1.lan"),
        ("rtsp://user:pass@cam-1.lan:554/", "cam-1.lan"),
        ("rtsp://user:p@ss:w@cam-1.lan/", "cam-1.lan"),
        ("rtsps://10.0.0.7:322/live", "10.0.0.7"),
        ("rtsp://[fe80::1]:554/live", "fe80::1"),
        ("rtsp:///live", None),
        ("nonsense", None),
    ],
)
def test_the_host_is_found_in_an_address(url: str, host: str | None) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("url", ["rtsp://10.0.0.7/live", "rtsp://[::1]/live", "rtsp:///live"])
def test_nobody_is_asked_for_what_is_an_address_or_nothing(url: str) -> None:
    def ask(host: str) -> None:
        raise AssertionError(host)

    Lookup(url, ask).check()


def test_a_name_that_this_machine_knows_is_good() -> None:
    Lookup("rtsp://localhost/live").check()


@pytest.mark.parametrize("name", ["camera.invalid", "a" * 70 + ".vn"])
def test_a_name_that_nobody_knows_is_said_so(name: str) -> None:
    with pytest.raises(LookupFailedError, match="no such host"):
        Lookup(f"rtsp://{name}/live").check()


def test_a_name_server_that_does_not_answer_holds_nobody_up_and_gathers_no_threads() -> None:
    dead, asked = threading.Event(), []

    def ask(host: str) -> None:
        asked.append(host)
        dead.wait(10)

    before = threading.active_count()
    lookup = Lookup("rtsp://cam-1.lan/live", ask)
    began = time.monotonic()
    for _ in range(10):
        with pytest.raises(LookupFailedError, match="no name server"):
            lookup.check(timeout_s=0.05)
    assert time.monotonic() - began < 2
    assert threading.active_count() - before == len(asked) == MOST_THREADS
    dead.set()
    for thread in threading.enumerate():
        if thread.name == "lookup":
            thread.join(2)
    lookup.check()  # it answers again
    assert threading.active_count() == before


def test_an_error_of_the_resolver_is_no_such_host() -> None:
    def ask(host: str) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(LookupFailedError, match="no such host"):
        Lookup("rtsp://cam-1.lan/live", ask).check()
