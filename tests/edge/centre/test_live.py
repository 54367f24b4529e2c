from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from pydantic import SecretStr
from websockets.sync.server import Server, ServerConnection, serve

from contracts.command import PaymentPoints, PointPayees
from contracts.feed import Watch
from contracts.picture import NoVideo, PictureHeader, unpack
from contracts.video import VideoHeader, is_video, read_header
from edge.capture.packets import VideoFormat, VideoPacket
from edge.centre.live import TRANSIENT, Live, Offer
from edge.centre.streams import streams_for
from edge.config import CameraSettings, CentreSettings
from edge.supervise import Supervisor
from tests.edge.centre.test_relay import FILM, packets, video_of
from tests.support.samples import NOON
from tests.support.waiting import eventually

OPEN, MASKED = "quang-trung-1", "cho-an-luu-1"
MASK = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))
CAMERAS = (
    CameraSettings(id=OPEN, site="quang-trung", url=SecretStr("rtsp://127.0.0.1/1")),
    CameraSettings(id=MASKED, site="cho-an-luu", url=SecretStr("rtsp://127.0.0.1/2"), masks=(MASK,)),
)
BOTH = (OPEN, MASKED)
PICTURE = np.zeros((36, 64, 3), np.uint8)


class Centre:
    """An API that says what a test lets it say, and keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.words: queue.Queue[Watch | PaymentPoints | None] = queue.Queue()
        self._server: Server = serve(self._serve, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def _serve(self, socket: ServerConnection) -> None:
        hearing = threading.Thread(target=self._hear, args=(socket,))
        hearing.start()
        while word := self.words.get():
            socket.send(word.to_bytes().decode())
        socket.close()
        hearing.join()

    def _hear(self, socket: ServerConnection) -> None:
        for message in socket:
            assert isinstance(message, bytes)
            self.messages.append(message)

    @property
    def pieces(self) -> list[VideoHeader]:
        return [read_header(message) for message in self.messages if is_video(message)]

    @property
    def pictures(self) -> list[PictureHeader]:
        return [unpack(message)[0] for message in self.messages if not is_video(message)]

    def close(self) -> None:
        self.words.put(None)
        self._server.shutdown()
        self._thread.join()


class Box:
    """Two cameras that send what a test lets them send, one of them with a privacy mask."""

    def __init__(self, centre: Centre) -> None:
        self.allowed: list[PaymentPoints] = []
        settings = CentreSettings(url=centre.url, token=SecretStr("x" * 32))
        self.live = Live(settings, BOTH, streams=streams_for(CAMERAS), allow=self.allowed.append)
        self.supervisor = Supervisor()
        self.supervisor.keep_running("live", lambda: self.live.run(self.supervisor.stop), transient=TRANSIENT)

    def begin(self, video: VideoFormat) -> None:
        for camera in BOTH:
            for sink in self.live.sinks(camera):
                sink.begin(video)

    def take(self, packet: VideoPacket) -> None:
        """A packet and an analysed frame of each camera."""
        for camera in BOTH:
            for sink in self.live.sinks(camera):
                sink.take(packet)
            self.live.offer(camera, Offer(PICTURE, packet.captured_at, ()))


@pytest.fixture
def centre() -> Iterator[Centre]:
    centre = Centre()
    yield centre
    centre.close()


@pytest.fixture
def box(centre: Centre) -> Iterator[Box]:
    box = Box(centre)
    box.begin(video_of(FILM))
    yield box
    box.supervisor.stop.set()
    box.supervisor.join(5)
    assert not box.supervisor.failed


def kinds(centre: Centre) -> list[str]:
    return [piece.kind for piece in centre.pieces if piece.kind != "tracks"]


def ask(centre: Centre, box: Box, *, cameras: tuple[str, ...] = BOTH, **more: tuple[str, ...]) -> None:
    centre.words.put(Watch(cameras=cameras, **more))
    eventually(lambda: all(box.live.watched(camera) for camera in cameras))


def test_video_goes_out_as_soon_as_it_is_wanted_and_what_is_seen_in_it_after_it(centre: Centre, box: Box) -> None:
    for packet in packets(FILM)[:13]:
        box.take(packet)
    ask(centre, box, cameras=(OPEN,), video=(OPEN,))
    eventually(lambda: kinds(centre) == ["init", "key", "delta", "delta"])
    box.take(packets(FILM)[13])
    seen = eventually(lambda: next((piece for piece in centre.pieces if piece.kind == "tracks"), None))
    assert seen.captured_at == packets(FILM)[13].captured_at
    assert centre.pictures == [], "nothing is encoded for nobody"


def test_no_packet_of_a_camera_with_masks_leaves_the_box(centre: Centre, box: Box) -> None:
    assert box.live.sinks(MASKED) == ()
    ask(centre, box, video=BOTH)
    for packet in packets(FILM)[:12]:
        box.take(packet)
    pictures = eventually(lambda: centre.pictures)
    eventually(lambda: len(kinds(centre)) == 13)
    assert {piece.camera for piece in centre.pieces} == {OPEN}
    assert {(picture.camera, picture.no_video) for picture in pictures} == {(MASKED, NoVideo.MASKED)}


def test_an_api_that_knows_no_video_gets_pictures(centre: Centre, box: Box) -> None:
    ask(centre, box)
    box.take(packets(FILM)[0])
    eventually(lambda: {picture.camera for picture in centre.pictures} == set(BOTH))
    assert all(picture.no_video is None for picture in centre.pictures)
    assert centre.pieces == []


def test_pictures_go_out_besides_where_some_want_them(centre: Centre, box: Box) -> None:
    ask(centre, box, cameras=(OPEN,), video=(OPEN,), pictures=(OPEN,))
    box.take(packets(FILM)[0])
    eventually(lambda: centre.pictures and kinds(centre) == ["init", "key"])
    assert [picture.no_video for picture in centre.pictures] == [None]


def test_a_camera_whose_codec_no_browser_plays_is_shown_in_pictures(centre: Centre, box: Box) -> None:
    box.begin(VideoFormat("mjpeg", 64, 36, Fraction(1, 90_000), b""))
    ask(centre, box, cameras=(OPEN,), video=(OPEN,))
    box.take(VideoPacket(b"\xff\xd8", 0, 0, True, NOON))
    assert [picture.no_video for picture in eventually(lambda: centre.pictures)] == [NoVideo.CODEC]
    assert kinds(centre) == []


def test_who_stops_and_watches_again_gets_a_stream_anew(centre: Centre, box: Box) -> None:
    box.take(packets(FILM)[0])
    ask(centre, box, cameras=(OPEN,), video=(OPEN,))
    eventually(lambda: kinds(centre) == ["init", "key"])
    for word in (Watch(cameras=()), Watch(cameras=(OPEN,), video=(OPEN,))):  # which may be read at once
        centre.words.put(word)
    eventually(lambda: kinds(centre) == ["init", "key"] * 2)


def test_a_lost_line_ends_what_was_watched(centre: Centre, box: Box) -> None:
    ask(centre, box, video=BOTH)
    centre.words.put(None)
    eventually(lambda: not any(box.live.watched(camera) for camera in BOTH))
    box.take(packets(FILM)[0])
    assert centre.messages == []


def test_who_may_be_paid_is_handed_on_whole_each_time_it_is_said(centre: Centre, box: Box) -> None:
    most = PaymentPoints(
        key="a" * 44, points=tuple(PointPayees(id=f"sap-{n}", payees=("ab" * 32,) * 16) for n in range(500))
    )
    said = [most, PaymentPoints(key="b" * 44, points=())]
    for word in said:
        centre.words.put(word)
    eventually(lambda: len(box.allowed) == 2)
    assert box.allowed == said
