"""Who holds a connection without saying what they want, on real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from api import bodies, connection
from tests.api.conftest import StartApi
from tests.api.running import RunningApi, problem

BEGIN = b"POST /api/v1/session HTTP/1.1\r\nHost: wall\r\n"


@pytest.fixture
def impatient(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> RunningApi:
    """An API that waits for less time than the real one, so that the test need not."""
    monkeypatch.setattr(connection, "HEADERS_S", 0.5)
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.5)
    monkeypatch.setattr(bodies, "SLOWEST", 1024 * 1024)
    return start_api()


def dripping(api: RunningApi, begin: bytes, drop: bytes, every_s: float = 0.1) -> Iterator[float]:
    """Sends `begin` and then a drop now and then; the seconds until the other side has enough."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", api.port), timeout=5) as line:
        line.sendall(begin)
        while time.monotonic() - started < 5:
            time.sleep(every_s)
            try:
                line.sendall(drop)
                line.settimeout(0.01)
                answer = line.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                answer = b""
            yield time.monotonic() - started
            assert not answer or answer.startswith(b"HTTP/1.1 408 ")
            return
    raise AssertionError("it waits for ever")


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"", b""),
        (BEGIN, b"X-Slow: 1\r\n"),
        (b"GET /", b"a"),
        (BEGIN + b"Content-Type: application/json\r\nContent-Length: 9999\r\n\r\n{", b" "),
    ],
    ids=["nothing", "headers", "the first line", "the body"],
)
def test_who_says_too_slowly_what_they_want_is_not_waited_for(impatient: RunningApi, begin: bytes, drop: bytes) -> None:
    assert 0.4 < next(dripping(impatient, begin, drop)) < 4


def test_headers_without_end_are_not_kept(shared_api: RunningApi) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", shared_api.port), timeout=5) as line, suppress(OSError):
        line.sendall(BEGIN + b"X-Long: ")
        while sent < 50_000_000:
            line.sendall(b"a" * 65_536)
            sent += 65_536
    assert sent < 20_000_000, "beyond what the kernel holds"


def test_a_connection_that_is_used_again_is_given_time_again(impatient: RunningApi) -> None:
    with impatient.client() as client:
        for _ in range(3):
            assert problem(client.get("/api/v1/session")) == (401, "not_signed_in")
            time.sleep(0.3)


def test_a_long_upload_is_not_cut_off_for_its_length(shared_api: RunningApi) -> None:
    with shared_api.box() as box:
        answer = box.put(f"/api/v1/box/media/{'0' * 64}", content=b"\xff\xd8" + bytes(2_000_000))
    assert problem(answer)[1] in ("wrong_digest", "not_media")
