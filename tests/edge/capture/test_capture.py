"""Every way in which a camera fails, at the same time and in one process, next to a camera that does not fail."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.status import CameraFault, CameraState
from edge.capture.capture import Capture
from edge.capture.rtsp import CameraError
from edge.capture.slot import LatestSlot
from tests.support import cameras
from tests.support.cameras import AUDIO, PASSWORD, VIDEO, Behaviour, GoodCamera, Line, playing, refusing
from tests.support.pulling import Box, frame_rates, is_in, kept, seconds_until
from tests.support.waiting import eventually

SHOWN_WITHIN_S = 10.0
BACK_WITHIN_S = 5.0
FILM_FPS = 10.0

CHALLENGE = 'WWW-Authenticate: Digest realm="camera", nonce="1"\r\n'
BAD: dict[str, tuple[Behaviour | None, *tuple[CameraFault, ...]]] = {
    "nothing listens": (None, CameraFault.REFUSED),
    "it accepts and stays silent": (cameras.silent, CameraFault.TIMEOUT),
    "it hangs up": (cameras.hang_up, CameraFault.PROTOCOL),
    "it talks garbage": (cameras.garbage, CameraFault.PROTOCOL),
    "it talks garbage without end": (cameras.babble, CameraFault.PROTOCOL, CameraFault.TIMEOUT),
    "it is a web server": (cameras.web_server, CameraFault.PROTOCOL),
    "it wants another password": (refusing("401 Unauthorized", CHALLENGE), CameraFault.UNAUTHORIZED),
    "it forbids": (refusing("403 Forbidden"), CameraFault.UNAUTHORIZED),
    "it knows no such stream": (refusing("404 Not Found"), CameraFault.NOT_FOUND),
    "it has sound only": (playing(AUDIO, cameras.silent), CameraFault.NO_VIDEO),
    "it plays and stays silent": (playing(VIDEO, cameras.silent), CameraFault.TIMEOUT),
    "its pictures are noise": (playing(VIDEO, cameras.garbage_rtp), CameraFault.CORRUPT),
    "it plays and talks garbage": (
        playing(VIDEO, cameras.babble),
        CameraFault.CORRUPT,
        CameraFault.TIMEOUT,
        CameraFault.ENDED,
    ),
}
BROKEN: dict[str, tuple[CameraFault, ...]] = {
    "it loses power": (CameraFault.ENDED,),
    "its line freezes": (CameraFault.STALLED,),
}
STREAMS_A_SERVER = 4
"""What one process of the simulated camera carries with ease."""


@dataclass(slots=True)
class Story:
    """How one camera fared."""

    fault: str | None
    shown_after_s: float
    back_after_s: float


def bad_from_the_start(box: Box, name: str, behaviour: Behaviour | None, good: GoodCamera) -> Story:
    """A camera that fails when the box starts, and later is mended."""
    line = Line(behaviour)
    station = box.pull(name, line.port)
    shown = seconds_until(lambda: is_in(station, CameraState.FAILED))
    threading.Event().wait(max(0.0, SHOWN_WITHIN_S - shown))  # it stays as it is, and is tried again meanwhile
    fault = station.status().fault
    line.forward(good.port)
    back = seconds_until(lambda: is_in(station, CameraState.STREAMING))
    return Story(fault, shown, back)


def broken_in_use(box: Box, name: str, port: int, break_it: Callable[[], None], mend: Callable[[], None]) -> Story:
    station = box.pull(name, port)
    eventually(lambda: is_in(station, CameraState.STREAMING))
    break_it()
    shown = seconds_until(lambda: is_in(station, CameraState.FAILED))
    fault = station.status().fault
    threading.Event().wait(4.0)  # the back-off has grown by then
    mend()
    back = seconds_until(lambda: is_in(station, CameraState.STREAMING))
    return Story(fault, shown, back)


class Witness(logging.Handler):
    """Keeps every line that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass(slots=True)
class Day:
    """What happened to all cameras."""

    stories: dict[str, Future[Story]]
    steady_rates: list[float]
    log: list[str]
    failed: bool


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    mortal, good, *spare = servers = [
        GoodCamera(tmp_path_factory.mktemp("camera")) for _ in range(2 + math.ceil(len(BAD) / STREAMS_A_SERVER))
    ]
    for server in servers:
        server.start()
    witness, root = Witness(), logging.getLogger()
    level = root.level
    root.addHandler(witness)
    root.setLevel(logging.DEBUG)
    box, line = Box(), Line()
    line.forward(good.port)
    steady = box.pull("steady", good.port)
    with ThreadPoolExecutor(len(BAD) + len(BROKEN)) as threads:
        stories = {
            name: threads.submit(bad_from_the_start, box, f"bad-{number}", behaviour, spare[number // STREAMS_A_SERVER])
            for number, (name, (behaviour, *_)) in enumerate(BAD.items())
        }
        power = partial(broken_in_use, box, "mortal", mortal.port, mortal.kill, mortal.start)
        frozen = partial(broken_in_use, box, "frozen", line.port, line.freeze, line.thaw)
        stories |= {"it loses power": threads.submit(power), "its line freezes": threads.submit(frozen)}
        rates = frame_rates(steady, lambda: all(story.done() for story in stories.values()))
    box.stop()
    root.removeHandler(witness)
    root.setLevel(level)
    line.close()
    for server in servers:
        server.stop()
    return Day(stories, rates, witness.lines, box.supervisor.failed)


@pytest.mark.parametrize(("name", "faults"), [*((name, faults) for name, (_, *faults) in BAD.items()), *BROKEN.items()])
def test_a_camera_that_fails_is_shown_as_such_and_comes_back_by_itself(
    day: Day, name: str, faults: Sequence[CameraFault]
) -> None:
    story = day.stories[name].result()
    assert story.fault in faults
    assert story.shown_after_s < SHOWN_WITHIN_S
    assert story.back_after_s < BACK_WITHIN_S


def test_meanwhile_another_camera_keeps_its_frame_rate(day: Day) -> None:
    assert len(day.steady_rates) >= 5
    assert kept(day.steady_rates, FILM_FPS)


def test_no_fault_ends_the_process(day: Day) -> None:
    assert not day.failed


def test_the_log_tells_each_change_once_and_no_password(day: Day) -> None:
    text = "\n".join(day.log)
    assert PASSWORD not in text
    assert text.count("camera frozen stopped: stalled") == 1
    assert text.count("camera mortal streaming again after") == 1


@pytest.mark.parametrize(
    "url",
    [
        f"rtsp://admin:{PASSWORD}@127.0.0.1:1/stream",
        f"rtsp://admin:a@{PASSWORD}@127.0.0.1:1/stream",
        f"rtsp://admin:a/{PASSWORD}@127.0.0.1:1/stream",
        f"rtsp://127.0.0.1:1/user=admin&password={PASSWORD}&channel=1",
    ],
)
def test_an_exception_says_no_password(url: str) -> None:
    capture = Capture(SecretStr(url), LatestSlot(), lambda news: None)
    with pytest.raises(CameraError) as caught:
        capture.run(threading.Event())
    assert PASSWORD not in repr(caught.value) + str(caught.value)


def test_a_host_that_does_not_exist_is_unreachable() -> None:
    capture = Capture(SecretStr("rtsp://camera.invalid/s"), LatestSlot(), lambda news: None)
    with pytest.raises(CameraError) as caught:
        capture.run(threading.Event())
    assert caught.value.fault is CameraFault.UNREACHABLE


def test_a_stopped_box_lets_go_of_its_cameras_at_once(tmp_path: Path) -> None:
    good = GoodCamera(tmp_path)
    good.start()
    box = Box()
    station = box.pull("good", good.port)
    eventually(lambda: is_in(station, CameraState.STREAMING))
    assert (station.status().width, station.status().height) == (768, 576)
    box.supervisor.stop.set()
    began = time.monotonic()
    box.supervisor.join(5)
    good.stop()
    assert time.monotonic() - began < 4
