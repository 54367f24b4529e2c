from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_network

import pytest

from contracts.addresses import CAMERA_NETWORKS
from edge.capture.lookup import MOST_THREADS, Lookup, LookupFailedError, host_of, pinned


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


def nobody(host: str) -> list[str]:
    raise AssertionError(host)


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("rtsp://10.0.0.7/live", "rtsp://10.0.0.7/live"),
        ("rtsp://user:p@ss@[::1]:554/live", "rtsp://user:p@ss@[::1]:554/live"),
        ("rtsp://2130706433/live", "rtsp://127.0.0.1/live"),
        ("rtsp://0x7f.1:554/live", "rtsp://127.0.0.1:554/live"),
        ("rtsp://[::ffff:10.0.0.7]/live", "rtsp://[::ffff:10.0.0.7]/live"),
    ],
)
def test_nobody_is_asked_for_what_is_an_address(url: str, opened: str) -> None:
    assert Lookup(url, nobody).check() == opened


def test_an_address_without_a_host_is_none() -> None:
    with pytest.raises(LookupFailedError, match="names no host"):
        Lookup("rtsp:///live", nobody).check()


def test_a_name_that_this_machine_knows_is_opened_by_its_address() -> None:
    assert Lookup("rtsp://u:p@localhost:8554/live").check() == "rtsp://u:p@127.0.0.1:8554/live"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("rtsp://203.113.131.1/live", []),
        ("rtsp://169.254.169.254/latest", []),
        ("rtsp://0.0.0.0/live", []),
        ("rtsp://0/live", []),
        ("rtsp://[::ffff:169.254.169.254]/live", []),
        ("rtsp://cam.example/live", ["203.113.131.1"]),
        ("rtsp://cam.example/live", ["10.0.0.7", "203.113.131.1"]),
        ("rtsp://cam.example/live", ["fe80::1%eth0"]),
    ],
)
def test_a_camera_is_only_where_cameras_may_be(url: str, found: list[str]) -> None:
    with pytest.raises(LookupFailedError, match="camera_networks"):
        Lookup(url, lambda _: found).check()
    elsewhere = (*CAMERA_NETWORKS, ip_network("203.113.131.0/24"))
    if "203" in (*found, url)[-1]:
        assert Lookup(url, lambda _: found, elsewhere).check().startswith("rtsp://")


@pytest.mark.parametrize(
    ("url", "address", "opened"),
    [
        ("rtsp://cam.lan?channel=1", "10.0.0.7", "rtsp://10.0.0.7?channel=1"),
        ("rtsp://cam.lan:10.0/cam.lan", "10.0.0.7", None),
        ("rtsps://cam.lan:cam.lan@cam.lan:322/cam.lan", "fc00::7", "rtsps://cam.lan:cam.lan@[fc00::7]:322/cam.lan"),
    ],
)
def test_the_address_stands_for_the_host_alone(url: str, address: str, opened: str | None) -> None:
    if opened is None:
        assert host_of(url) is None
    else:
        assert pinned(url, address) == opened


@pytest.mark.parametrize("name", ["camera.invalid", "a" * 70 + ".vn"])
def test_a_name_that_nobody_knows_is_said_so(name: str) -> None:
    with pytest.raises(LookupFailedError, match="no such host"):
        Lookup(f"rtsp://{name}/live").check()


def test_a_name_server_that_does_not_answer_holds_nobody_up_and_gathers_no_threads() -> None:
    dead, asked = threading.Event(), []

    def ask(host: str) -> list[str]:
        asked.append(host)
        dead.wait(10)
        return ["10.0.0.7"]

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
    def ask(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(LookupFailedError, match="no such host"):
        Lookup("rtsp://cam-1.lan/live", ask).check()
