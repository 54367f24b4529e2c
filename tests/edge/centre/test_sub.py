from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from contracts.video import NoSub, VideoHeader, read_header
from edge.capture import demand
from edge.centre import sub as module
from edge.centre.relay import Relay
from edge.centre.streams import Streams, streams_for
from edge.centre.sub import Sub
from edge.config import CameraSettings
from edge.crew import start_sub
from edge.supervise import Supervisor
from tests.edge.centre.test_relay import packets, video_of
from tests.support.cameras import AUDIO, SDP, Behaviour, Line, hang_up, playing, silent
from tests.support.streams import camera, encode
from tests.support.waiting import eventually

CAMERA = "quang-trung-1"
MASK = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))
LARGE = encode("h264", 640, 360, count=60, fps=10, gop=10)
SMALL = encode("h264", 320, 180, count=40, fps=10, gop=5)

MAIN = frozenset({"main"})
SUB = frozenset({"sub"})
BOTH = MAIN | SUB
NOTHING: frozenset[str] = frozenset()


class Box:
    """One camera's streams: the sub-stream really pulled, the main stream fed by hand at its pace."""

    def __init__(self, port: int) -> None:
        url = SecretStr(f"rtsp://127.0.0.1:{port}/sub")
        self.streams = Streams(CAMERA, Relay(CAMERA), Sub(CAMERA, url))
        self.told: list[VideoHeader] = []
        self._turn = threading.Lock()  # the test and the line are one thread to the streams
        self.supervisor = Supervisor()
        assert self.streams.sub
        self.sub = self.streams.sub
        self.streams.main.begin(video_of(LARGE, 640, 360))
        start_sub(self.supervisor, self.sub)
        self.supervisor.start("main", self._feed)
        self.supervisor.start("line", self._send)

    def _feed(self) -> None:
        while not self.supervisor.stop.is_set():
            for packet in packets(LARGE):
                self.streams.main.take(packet)
                if self.supervisor.stop.wait(0.1):
                    return

    def _send(self) -> None:
        while not self.supervisor.stop.wait(0.02):
            with self._turn:
                self.streams.mind(time.monotonic())
                while messages := self.streams.next():
                    self.told += [read_header(message) for message in messages]

    def want(self, wanted: frozenset[str]) -> None:
        with self._turn:
            self.told = []
            self.streams.want(wanted, time.monotonic())  # type: ignore[arg-type]

    def forget(self) -> None:
        """What was told before."""
        with self._turn:
            self.told = []

    def goes(self) -> set[str]:
        """The streams of which pictures have come since they were wanted."""
        return {piece.stream or "main" for piece in self.told if piece.kind in ("key", "delta")}

    def why(self) -> list[str | None]:
        return [piece.no_sub for piece in self.told if piece.kind == "end"]

    def stop(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(6)
        assert not self.supervisor.failed


@pytest.fixture
def box_at() -> Iterator[Callable[[Behaviour | None], tuple[Box, Line]]]:
    """Makes a box whose sub-stream comes from a camera that behaves so."""
    with contextlib.ExitStack() as stack:

        def make(behaviour: Behaviour | None) -> tuple[Box, Line]:
            line = stack.enter_context(contextlib.closing(Line(behaviour)))
            box = Box(line.port)
            stack.callback(box.stop)
            return box, line

        yield make


BoxAt = Callable[[Behaviour | None], tuple[Box, Line]]


def sizes(box: Box) -> list[tuple[str, int | None]]:
    return [(piece.stream or "main", piece.width) for piece in box.told if piece.kind == "init"]


def test_the_sub_stream_is_pulled_only_while_somebody_wants_it(box_at: BoxAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "LINGER_S", 1.5)
    box, line = box_at(camera(SMALL))
    box.want(MAIN)
    time.sleep(0.8)
    assert line.accepted == 0
    assert box.goes() == {"main"}
    box.want(SUB)
    eventually(lambda: box.goes() == {"sub"})
    assert sizes(box) == [("sub", 320)], "the main stream was not needed"
    box.want(MAIN)
    box.want(SUB)
    eventually(lambda: box.goes() == {"sub"})
    assert line.accepted == 1, "the connection is kept for a while"
    box.want(NOTHING)
    assert box.sub.relay.can_begin
    eventually(lambda: not box.sub.relay.can_begin, 4)
    time.sleep(0.7)
    assert line.accepted == 1
    box.want(SUB)
    eventually(lambda: box.goes() == {"sub"})
    assert line.accepted == 2


def test_both_streams_go_at_once_and_only_one_connection_is_made(box_at: BoxAt) -> None:
    box, line = box_at(camera(SMALL))
    box.want(BOTH)
    eventually(lambda: box.goes() == BOTH)
    assert sorted(sizes(box)) == [("main", 640), ("sub", 320)]
    box.want(SUB)
    time.sleep(0.5)
    assert box.goes() == {"sub"}
    box.want(BOTH)
    eventually(lambda: box.goes() == BOTH)
    assert sizes(box) == [("main", 640)], "the sub-stream went on"
    assert line.accepted == 1


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [(None, NoSub.FAILED), (hang_up, NoSub.FAILED), (silent, NoSub.FAILED), (playing(AUDIO, silent), NoSub.FAILED)],
)
def test_where_the_sub_stream_fails_the_main_stream_goes_instead(
    box_at: BoxAt, behaviour: Behaviour | None, why: NoSub
) -> None:
    box, _ = box_at(behaviour)
    began = time.monotonic()
    box.want(SUB)
    eventually(lambda: box.goes() == {"main"}, 3)
    assert time.monotonic() - began < 3
    assert box.why() == [why]
    assert [piece.kind for piece in box.told][:3] == ["end", "init", "key"]


def test_a_sub_stream_that_no_browser_plays_is_said_to_be_one(box_at: BoxAt) -> None:
    box, _ = box_at(playing(f"{SDP}m=video 0 RTP/AVP 26\r\na=control:track1\r\n", _jpegs))
    box.want(SUB)
    eventually(lambda: NoSub.CODEC in box.why(), 6)
    eventually(lambda: box.goes() == {"main"})


def _jpegs(connection: object) -> None:
    """RTP packets of a JPEG that ends at once."""
    pause, number = threading.Event(), 0
    while True:
        head = bytes([0x80, 0x9A]) + number.to_bytes(2, "big") + (number * 9000).to_bytes(4, "big") + bytes(4)
        packet = head + bytes([0, 0, 0, 0, 1, 64, 8, 8]) + bytes(64)
        connection.sendall(b"$\x00" + len(packet).to_bytes(2, "big") + packet)  # type: ignore[attr-defined]
        number += 1
        pause.wait(0.1)


def test_a_sub_stream_that_stops_and_comes_again(box_at: BoxAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORTEST_PAUSE_S", 1.0)
    box, line = box_at(camera(SMALL))
    box.want(SUB)
    eventually(lambda: box.goes() == {"sub"})
    box.forget()
    line.behave(hang_up)
    eventually(lambda: "main" in box.goes(), 3)
    assert box.why() == [NoSub.FAILED]
    box.forget()
    line.behave(camera(SMALL))
    eventually(lambda: "sub" in box.goes(), 25)
    box.forget()
    time.sleep(0.5)
    assert box.goes() == {"sub"}


def test_a_sub_stream_that_freezes_is_left_within_three_seconds(box_at: BoxAt) -> None:
    held = threading.Event()
    held.set()

    def sometimes(unit: object, number: int) -> bytes:
        held.wait()
        return unit.data  # type: ignore[attr-defined,no-any-return]

    box, _ = box_at(camera(SMALL, damage=sometimes))
    box.want(SUB)
    eventually(lambda: box.goes() == {"sub"})
    box.forget()
    held.clear()
    began = time.monotonic()
    eventually(lambda: box.goes() >= {"main"}, 4)
    assert time.monotonic() - began < 3.2
    held.set()


def test_a_camera_without_a_sub_stream_says_so_and_sends_its_main_stream_without_a_break() -> None:
    streams = Streams(CAMERA, Relay(CAMERA))
    streams.main.begin(video_of(LARGE, 640, 360))
    streams.main.take(packets(LARGE)[0])
    for wanted in (SUB, BOTH, SUB):
        streams.want(wanted, 0.0)  # type: ignore[arg-type]
    found = [read_header(message) for _ in range(3) for message in streams.next()]
    assert [(piece.kind, piece.no_sub) for piece in found] == [("end", "none"), ("init", None), ("key", None)]
    streams.want(frozenset(), 0.0)
    streams.main.take(packets(LARGE)[1])
    assert streams.next() == []


def test_a_camera_with_masks_has_neither_stream() -> None:
    settings = {"id": CAMERA, "site": "quang-trung", "url": "rtsp://127.0.0.1/1", "sub_url": "rtsp://127.0.0.1/2"}
    shown = CameraSettings.model_validate(settings)
    assert streams_for([shown])[CAMERA].sub is not None
    assert streams_for([CameraSettings.model_validate(settings | {"masks": [MASK]})]) == {}


def test_both_streams_hang_alike() -> None:
    settings = CameraSettings.model_validate(
        {"id": CAMERA, "site": "s", "url": "rtsp://127.0.0.1/1", "sub_url": "rtsp://127.0.0.1/2", "rotate": 90}
    )
    streams = streams_for([settings])[CAMERA]
    assert streams.sub
    assert streams.sub._rotation() == 90
    video = video_of(LARGE, 640, 360)
    streams.main.begin(type(video)(video.codec, 640, 360, video.time_base, video.extradata, 180))
    assert streams.sub._rotation() == 180
