from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from contracts.status import CameraFault
from demo.processes import free_port
from edge.configuration.credentials import Login
from edge.discover import clock
from edge.discover.clock import read_time
from edge.discover.probe import answers
from edge.discover.search import Camera, Wish, search
from tests.support import cameras
from tests.support.cameras import VIDEO, Line, playing, refusing
from tests.support.locked_cameras import Lock, by_path
from tests.support.onvif_cameras import OnvifCamera

WORD = "bí mật 9"
OWN = Login(user="admin", password=SecretStr(WORD))
HOUR = 3600.0
StartLine = Callable[..., Line]
StartOnvif = Callable[..., OnvifCamera]


def nothing(_connection: object) -> None:
    pass


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def onvif(stack: ExitStack) -> StartOnvif:
    def start(**how: object) -> OnvifCamera:
        camera = OnvifCamera(8554, **how)  # type: ignore[arg-type]
        stack.callback(camera.stop)
        return camera

    return start


def found(*, onvif: int | None = None, rtsp: int | None = None, login: Login | None = OWN) -> list[Camera]:
    """What a search of this machine finds at these ports."""
    nowhere = free_port()
    wish = Wish(
        hosts=("127.0.0.1",),
        multicast=False,
        login=login,
        onvif_ports=(onvif or nowhere,),
        rtsp_ports=(rtsp or nowhere,),
    )
    return list(asyncio.run(search(wish)).cameras)


def test_an_onvif_camera_tells_its_maker_and_its_streams(onvif: StartOnvif) -> None:
    camera = onvif(user="admin", password=WORD, manufacturer="KBVISION", model="KX-Y2001")
    (one,) = found(onvif=camera.port)
    assert (one.maker, one.model, one.fault) == ("KBVISION", "KX-Y2001", None)
    assert one.choice
    assert one.choice.sub
    assert (one.choice.main.url, one.choice.main.width) == ("rtsp://127.0.0.1:8554/video_main", 1920)
    assert (one.choice.sub.url, one.choice.sub.width) == ("rtsp://127.0.0.1:8554/video_sub", 640)
    assert not one.clock_is_off


@pytest.mark.parametrize("ahead_s", [2 * HOUR, -30 * 24 * HOUR])
def test_a_camera_whose_clock_is_wrong_takes_the_right_password_and_is_told(onvif: StartOnvif, ahead_s: float) -> None:
    camera = onvif(user="admin", password=WORD, ahead_s=ahead_s)
    (one,) = found(onvif=camera.port)
    assert one.choice
    assert one.clock_s == pytest.approx(ahead_s, abs=3)
    assert one.clock_is_off


def test_the_camera_itself_refuses_a_proof_by_the_wrong_clock(onvif: StartOnvif) -> None:
    """Without this the test above could not fail."""
    camera = onvif(user="admin", password=WORD, ahead_s=2 * HOUR)

    async def ask_by_our_clock() -> None:
        from onvif import ONVIFCamera

        peer = ONVIFCamera("127.0.0.1", camera.port, "admin", WORD, no_cache=True, adjust_time=False)
        try:
            await (await peer.create_devicemgmt_service()).GetDeviceInformation()
        finally:
            await peer.close()

    with pytest.raises(Exception, match="not authorized"):
        asyncio.run(ask_by_our_clock())


def test_a_wrong_password_is_told_and_not_tried_elsewhere(onvif: StartOnvif, stack: ExitStack) -> None:
    camera = onvif(user="admin", password="khác")
    lock = Lock(playing(VIDEO, nothing), "admin", "khác")
    line = stack.enter_context(closing(Line(lock)))
    (one,) = found(onvif=camera.port, rtsp=line.port)
    assert (one.fault, one.choice) == (CameraFault.UNAUTHORIZED, None)
    assert lock.wrong == 0


def test_the_streams_of_two_lenses_are_two_cameras(onvif: StartOnvif, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = onvif(user="admin", password=WORD)
    profiles = camera.onvif.get_profiles
    one = "<tt:SourceToken>VS_1</tt:SourceToken>"

    def two_lenses() -> str:
        head, _, tail = profiles().rpartition(one)
        return f"{head}{one.replace('VS_1', 'VS_2')}{tail}"

    monkeypatch.setattr(camera.onvif, "get_profiles", two_lenses)
    first, second = found(onvif=camera.port)
    assert (first.place, second.place) == ("127.0.0.1#1", "127.0.0.1#2")
    assert first.choice
    assert second.choice
    assert first.choice.main.url != second.choice.main.url


def test_a_stream_that_names_another_host_is_asked_of_the_camera_itself(onvif: StartOnvif) -> None:
    camera = onvif(user="admin", password=WORD)
    camera.config.local_ip = "10.9.8.7"  # as behind a router, or to have our password sent elsewhere
    (one,) = found(onvif=camera.port)
    assert one.choice
    assert one.choice.main.url.startswith("rtsp://127.0.0.1:8554/")


def test_without_onvif_the_paths_of_makers_are_tried(stack: ExitStack) -> None:
    lock = Lock(playing(VIDEO, nothing), "admin", WORD, realm="Login to 8F")
    behave = by_path({"/cam/realmonitor": lock}, refusing("404 Not Found"))
    line = stack.enter_context(closing(Line(behave)))
    (one,) = found(rtsp=line.port)
    assert one.choice
    assert one.choice.sub
    assert one.maker == "Dahua"
    assert one.choice.main.url == f"rtsp://127.0.0.1:{line.port}/cam/realmonitor?channel=1&subtype=0"
    assert one.choice.sub.url.endswith("subtype=1")
    assert lock.wrong == 0


def test_one_refusal_ends_the_trying_of_paths(stack: ExitStack) -> None:
    lock = Lock(playing(VIDEO, nothing), "admin", "khác")
    line = stack.enter_context(closing(Line(lock)))
    (one,) = found(rtsp=line.port)
    assert (one.fault, one.maker) == (CameraFault.UNAUTHORIZED, "Hikvision, HiLook")
    assert lock.wrong == 1


def test_a_server_that_knows_none_of_the_paths_is_told(stack: ExitStack) -> None:
    line = stack.enter_context(closing(Line(refusing("404 Not Found"))))
    (one,) = found(rtsp=line.port)
    assert (one.fault, one.choice) == (CameraFault.NOT_FOUND, None)


@pytest.mark.parametrize("behaviour", [cameras.garbage, cameras.web_server, cameras.hang_up])
def test_what_is_no_camera_is_left_out(stack: ExitStack, behaviour: cameras.Behaviour) -> None:
    line = stack.enter_context(closing(Line(behaviour)))
    assert found(onvif=line.port, rtsp=line.port) == []


def test_nobody_at_home_is_found_out_quickly() -> None:
    began = time.monotonic()
    wish = Wish(hosts=tuple(f"127.0.3.{last}" for last in range(1, 200)), multicast=False)
    assert asyncio.run(search(wish)).cameras == ()
    assert time.monotonic() - began < 20


def test_a_search_that_is_cancelled_ends_at_once(stack: ExitStack) -> None:
    line = stack.enter_context(closing(Line(cameras.silent)))

    async def cut_short() -> None:
        wish = Wish(hosts=("127.0.0.1",), multicast=False, onvif_ports=(line.port,), rtsp_ports=(line.port,))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await search(wish)

    began = time.monotonic()
    asyncio.run(cut_short())
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("broken", ["<trt:GetProfilesResponse/>", "no XML at all", "<a", ""])
def test_odd_answers_make_a_camera_without_streams_and_no_error(
    onvif: StartOnvif, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    camera = onvif(user="admin", password=WORD)
    monkeypatch.setattr(camera.onvif, "get_profiles", lambda: broken)
    (one,) = found(onvif=camera.port)
    assert (one.streams, one.choice) == ((), None)
    assert one.onvif_port == camera.port


def test_the_clock_is_read_without_a_password_at_the_port_that_answers(onvif: StartOnvif) -> None:
    camera = onvif(user="admin", password=WORD, ahead_s=-2 * HOUR)
    (one,) = clock.clocks("127.0.0.1", (free_port(), camera.port))
    assert one.port == camera.port
    assert one.ahead_s == pytest.approx(-2 * HOUR, abs=3)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n<Envelope> "])
def test_a_camera_that_never_comes_to_an_end_is_left(stack: ExitStack, head: bytes) -> None:
    line = stack.enter_context(closing(Line(cameras.trickling(head, 0.02))))
    began = time.monotonic()
    assert list(clock.clocks("127.0.0.1", (line.port,), timeout_s=1)) == []
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (
            "<tt:UTCDateTime><tt:Time><tt:Hour>7</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>60</tt:Second></tt:Time>"
            "<tt:Date><tt:Year>2026</tt:Year><tt:Month>2</tt:Month><tt:Day>9</tt:Day></tt:Date></tt:UTCDateTime>",
            datetime(2026, 2, 9, 7, 5, 59, tzinfo=UTC),
        ),
        ("<UTCDateTime><Hour>7</Hour></UTCDateTime>", None),
        ("<UTCDateTime><Year>2026</Year><Month>13</Month><Day>1</Day><Hour>1</Hour><Minute>1</Minute><Second>1</Second>"
         "</UTCDateTime>", None),
        ("<UTCDateTime><Year>99999999999</Year><Month>1</Month><Day>1</Day><Hour>1</Hour><Minute>1</Minute>"
         "<Second>1</Second></UTCDateTime>", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_cameras_time_is_read_from_its_answer(text: str, moment: datetime | None) -> None:
    assert read_time(text) == moment


def test_an_answer_by_multicast_is_read_with_its_scopes() -> None:
    services = [
        (["http://192.168.1.9/onvif/device_service", "https://192.168.1.9/x"],
         ["onvif://www.onvif.org/name/C%E1%BB%95ng%20ch%E1%BB%A3", "onvif://www.onvif.org/hardware/KX-Y2001", "other://x"]),
        (["http://192.168.1.8:8000/onvif/device_service"], []),
        (["http://[broken", "ftp://192.168.1.7/"], ["onvif://www.onvif.org/name/x\x1b[31m"]),
    ]  # fmt: skip
    first, second = answers(services)
    assert (first.host, first.port, first.name, first.hardware) == ("192.168.1.9", 80, "Cổng chợ", "KX-Y2001")
    assert (second.host, second.port) == ("192.168.1.8", 8000)


@pytest.mark.parametrize("odd", ["192.168.001.064", "0xC0A80109", "192.168.265"])
def test_an_address_that_some_read_as_another_one_is_no_answer(odd: str) -> None:
    (one,) = answers([([f"http://{odd}/onvif/device_service", "http://192.168.1.9/onvif/device_service"], [])])
    assert one.host == "192.168.1.9"
