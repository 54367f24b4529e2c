from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from contracts.status import CameraFault
from demo.processes import free_port
from edge.capture.rtsp import CameraError
from edge.configuration.credentials import Login
from edge.discover.describe import describe
from tests.support import cameras
from tests.support.cameras import AUDIO, VIDEO, Behaviour, Line, playing, refusing
from tests.support.locked_cameras import Lock

WORD = "Mật khẩu: bí mật!"
OWN = Login(user="admin", password=SecretStr(WORD))


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(cameras.silent)
    yield line
    line.close()


def url(line: Line) -> str:
    return f"rtsp://127.0.0.1:{line.port}/main"


def nothing(_connection: object) -> None:
    pass


def saying(answer: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    return behave


CAMERA = playing(VIDEO + "a=framerate:25\r\nm=audio 0 RTP/AVP 8\r\n", nothing)


@pytest.mark.parametrize("basic", [False, True])
def test_the_right_password_opens_the_stream_and_tells_what_is_in_it(line: Line, basic: bool) -> None:
    lock = Lock(CAMERA, "admin", WORD, basic=basic)
    line.behave(lock)
    told = describe(url(line), OWN)
    assert (told.fault, told.locked, told.codec, told.fps, told.audio) == (None, True, "H264", 25.0, True)
    assert told.realm == "IP Camera(C1)"
    assert (lock.right, lock.wrong) == (1, 0)


def test_a_wrong_password_is_tried_once(line: Line) -> None:
    lock = Lock(CAMERA, "admin", "khác")
    line.behave(lock)
    told = describe(url(line), OWN)
    assert (told.fault, told.locked) == (CameraFault.UNAUTHORIZED, True)
    assert lock.wrong == 1


def test_without_a_password_none_is_tried(line: Line) -> None:
    lock = Lock(CAMERA, "admin", WORD)
    line.behave(lock)
    assert describe(url(line), None).fault is CameraFault.UNAUTHORIZED
    assert lock.wrong == 0


def test_an_open_camera_asks_for_nothing(line: Line) -> None:
    line.behave(CAMERA)
    told = describe(url(line), OWN)
    assert (told.fault, told.locked) == (None, False)


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (refusing("404 Not Found"), CameraFault.NOT_FOUND),
        (refusing("403 Forbidden"), CameraFault.UNAUTHORIZED),
        (refusing("453 Not Enough Bandwidth"), CameraFault.PROTOCOL),
        (playing(AUDIO, nothing), CameraFault.NO_VIDEO),
        (saying(b"RTSP/1.0 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"), CameraFault.NO_VIDEO),
        (saying("RTSP/1.0 200 OK\r\nContent-Length: ²\r\n\r\n".encode()), CameraFault.NO_VIDEO),
    ],
)
def test_what_a_camera_answers_instead_is_its_fault(line: Line, behaviour: Behaviour, fault: CameraFault) -> None:
    line.behave(behaviour)
    assert describe(url(line), OWN).fault is fault


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (cameras.silent, CameraFault.TIMEOUT),
        (cameras.garbage, CameraFault.PROTOCOL),
        (cameras.babble, CameraFault.PROTOCOL),
        (cameras.web_server, CameraFault.PROTOCOL),
        (cameras.hang_up, CameraFault.ENDED),
        (cameras.trickling(b"RTSP/1.0 200 OK\r\nServer: "), CameraFault.TIMEOUT),
    ],
)
def test_what_is_no_camera_is_told_apart(line: Line, behaviour: Behaviour, fault: CameraFault) -> None:
    line.behave(behaviour)
    began = time.monotonic()
    with pytest.raises(CameraError) as raised:
        describe(url(line), OWN, timeout_s=0.5)
    assert raised.value.fault is fault
    assert time.monotonic() - began < 10


def test_nobody_listens_or_nobody_may() -> None:
    with pytest.raises(CameraError) as raised:
        describe(f"rtsp://127.0.0.1:{free_port()}/main", OWN)
    assert raised.value.fault is CameraFault.REFUSED
    with pytest.raises(CameraError) as raised:
        describe("rtsp://8.8.8.8/main", OWN)
    assert raised.value.fault is CameraFault.UNREACHABLE


def test_a_password_is_never_printed(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.behave(Lock(CAMERA, "admin", "khác"))
    told = describe(f"rtsp://admin:matkhautrongdiachi@127.0.0.1:{line.port}/main", OWN)
    line.behave(cameras.garbage)
    with pytest.raises(CameraError) as raised:
        describe(url(line), OWN)
    for text in (repr(told), repr(OWN), str(raised.value), repr(raised.value), caplog.text):
        assert WORD not in text
        assert "matkhautrongdiachi" not in text
