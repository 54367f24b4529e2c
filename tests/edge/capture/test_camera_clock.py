"""A real camera's own clock, read from its RTCP sender reports, and put wrong by a relay in between."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.capture.capture import CapturedFrame
from edge.station import Station
from tests.support.cameras import Behaviour, GoodCamera, Line
from tests.support.pulling import Box
from tests.support.waiting import eventually

SENDER_REPORT = 200


def shifted(port: int, seconds: int) -> Behaviour:
    """Be the camera at `port`, with its clock `seconds` ahead."""

    def behave(near: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            far.settimeout(0.02)
            near.settimeout(0.02)
            waiting = b""
            while True:
                with contextlib.suppress(TimeoutError):
                    far.sendall(near.recv(65536))
                try:
                    data = far.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    return
                whole, waiting = _shift(waiting + data, seconds)
                near.sendall(whole)

    return behave


def _shift(data: bytes, seconds: int) -> tuple[bytes, bytes]:
    """The whole packets and answers in `data`, with sender reports put ahead, and what is not whole yet."""
    done = b""
    while data:
        if data[:1] == b"$":
            size = 4 + int.from_bytes(data[2:4], "big")
            if len(data) < max(4, size):
                break
            packet, data = data[:size], data[size:]
            if len(packet) >= 16 and packet[5] == SENDER_REPORT:
                said = int.from_bytes(packet[12:16], "big") + seconds
                packet = packet[:12] + said.to_bytes(4, "big") + packet[16:]
            done += packet
        else:
            head, found, _ = data.partition(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            body = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
            size = len(head) + 4 + body
            if not found or len(data) < size:
                break
            done, data = done + data[:size], data[size:]
    return done, data


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[GoodCamera]:
    camera = GoodCamera(tmp_path)
    camera.start()
    yield camera
    camera.stop()


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.stop()


def offset_of(station: Station) -> float:
    """By how much the camera's clock is ahead, as soon as it has said."""
    said: list[CapturedFrame] = []

    def has_said() -> bool:
        frame = station.frames.take()
        if frame and frame.clock_offset_s is not None:
            said.append(frame)
        return bool(said)

    eventually(has_said, 20)
    assert said[0].clock_offset_s is not None
    return said[0].clock_offset_s


def test_a_camera_whose_clock_is_right_is_found_right(camera: GoodCamera, box: Box) -> None:
    assert offset_of(box.pull("dung-gio", camera.port)) == pytest.approx(0, abs=2)


@pytest.mark.parametrize("seconds", [3600, -86_400])
def test_a_camera_whose_clock_is_wrong_is_found_wrong_by_as_much(camera: GoodCamera, box: Box, seconds: int) -> None:
    line = Line(shifted(camera.port, seconds))
    assert offset_of(box.pull("sai-gio", line.port)) == pytest.approx(seconds, abs=2)
    line.close()
