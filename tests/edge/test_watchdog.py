from __future__ import annotations

import contextlib
import logging
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.status import CameraFault, CameraState
from edge.capture.packets import VideoFormat, VideoPacket
from edge.centre.sub import Sub
from edge.crew import replace_sub, start_sub
from edge.notify import ServiceNotice
from edge.station import SILENT_S
from edge.supervise import Supervisor
from edge.watchdog import LIMIT_S, MOST_REPLACED, TICK_S, Pulse, Verdict, Watchdog, judge
from tests.support.cameras import Line
from tests.support.pulling import Box, is_in, seconds_until
from tests.support.streams import camera, encode
from tests.support.waiting import eventually


@pytest.mark.parametrize(
    ("pulse", "verdict"),
    [
        (Pulse(0.1), Verdict.FINE),
        (Pulse(60.0), Verdict.FINE),
        (Pulse(60.1), Verdict.END),
        (Pulse(60.1, replaced=0), Verdict.REPLACE),
        (Pulse(60.1, replaced=MOST_REPLACED - 1), Verdict.REPLACE),
        (Pulse(60.1, replaced=MOST_REPLACED), Verdict.END),
        (Pulse(59.0, replaced=MOST_REPLACED), Verdict.FINE),
    ],
)
def test_who_does_not_come_by_is_replaced_a_few_times_or_ends_the_process(pulse: Pulse, verdict: Verdict) -> None:
    assert judge(pulse, limit_s=60.0) is verdict


@dataclass(slots=True)
class Duty:
    beat_at: float


@pytest.fixture
def systemd() -> Iterator[tuple[socket.socket, ServiceNotice]]:
    """What systemd offers to its services, and the service's end of it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        name = str(Path(folder) / "notify")
        receiver.bind(name)
        receiver.settimeout(3 * TICK_S)
        yield receiver, ServiceNotice({"NOTIFY_SOCKET": name})


def start(duty: Duty, notice: ServiceNotice) -> Supervisor:
    supervisor = Supervisor()
    watchdog = Watchdog(supervisor, [], {"analysis": duty}, lambda station: None, notice, limit_s=0.5)
    supervisor.start("watchdog", lambda: watchdog.run(supervisor.stop))
    return supervisor


def test_while_all_come_by_systemd_hears_that_the_box_is_alive(systemd: tuple[socket.socket, ServiceNotice]) -> None:
    receiver, notice = systemd
    supervisor = start(Duty(time.monotonic() + 60), notice)
    assert [receiver.recv(100), receiver.recv(100)] == [b"WATCHDOG=1"] * 2
    supervisor.stop.set()
    supervisor.join(2)
    assert not supervisor.failed


def test_analysis_that_hangs_ends_the_process_and_systemd_hears_no_more(
    systemd: tuple[socket.socket, ServiceNotice], caplog: pytest.LogCaptureFixture
) -> None:
    receiver, notice = systemd
    supervisor = start(Duty(time.monotonic() - 1), notice)
    assert supervisor.stop.wait(3)
    supervisor.join(2)
    assert supervisor.failed
    assert "analysis hangs since" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(100)


class Trap:
    """A sink that keeps the camera's thread, as a C library that hangs would, the first `times` times."""

    def __init__(self, times: int) -> None:
        self.release = threading.Event()
        self.caught = 0
        self.taken = 0
        self._times = times

    def begin(self, video: VideoFormat) -> None:
        pass

    def take(self, packet: VideoPacket) -> None:
        if self.caught < self._times:
            self.caught += 1
            self.release.wait(60)
        else:
            self.taken += 1

    def end(self) -> None:
        pass


def test_a_camera_thread_that_hangs_is_replaced_and_the_camera_streams_again(caplog: pytest.LogCaptureFixture) -> None:
    trap, box = Trap(times=1), Box(limit_s=1.5)
    with contextlib.closing(Line(camera(encode("h264", 320, 180)))) as line:
        station = box.pull("camera", line.port, sinks=[trap])
        back = seconds_until(lambda: is_in(station, CameraState.STREAMING))
        assert "the thread of camera camera hangs" in caplog.text
        # The old thread wakes up: nobody listens to it.
        trap.release.set()
        time.sleep(1.0)
        assert is_in(station, CameraState.STREAMING)
        assert len([thread for thread in threading.enumerate() if thread.name == "camera camera"]) == 1
        box.stop()
    assert back < 6
    assert trap.taken > 5
    assert not box.supervisor.failed


def test_a_camera_that_leaves_is_not_called_back() -> None:
    """While a configuration is taken over, its old connection has ended and it is among the cameras still."""
    box = Box(limit_s=0.5)
    with contextlib.closing(Line(camera(encode("h264", 320, 180)))) as line:
        station = box.pull("camera", line.port)
        eventually(lambda: is_in(station, CameraState.STREAMING))
        left = station.capture
        left.abandon()
        time.sleep(0.5 + 3 * TICK_S)
        assert station.capture is left
        box.stop()
    assert not box.supervisor.failed


def test_a_hanging_camera_is_shown_as_failed_before_its_thread_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SILENT_S + 2 <= 10 < LIMIT_S
    monkeypatch.setattr("edge.station.SILENT_S", 1.0)
    trap, box = Trap(times=1), Box()
    with contextlib.closing(Line(camera(encode("h264", 320, 180)))) as line:
        station = box.pull("camera", line.port, sinks=[trap])
        shown = seconds_until(lambda: is_in(station, CameraState.FAILED))
        assert shown < 4
        assert station.status().fault == CameraFault.TIMEOUT
        trap.release.set()
        eventually(lambda: is_in(station, CameraState.STREAMING))
        box.stop()


def test_a_camera_whose_thread_hangs_again_and_again_ends_the_process() -> None:
    trap, box = Trap(times=99), Box(limit_s=0.5)
    with contextlib.closing(Line(camera(encode("h264", 320, 180)))) as line:
        box.pull("camera", line.port, sinks=[trap])
        assert box.supervisor.stop.wait(30)
        trap.release.set()
        box.stop()
    assert box.supervisor.failed
    assert trap.caught == MOST_REPLACED + 1


def test_a_sub_stream_that_hangs_again_and_again_is_given_up_and_the_box_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.watchdog.TICK_S", 0.05)
    supervisor, sub = Supervisor(), Sub("quang-trung-1", SecretStr("rtsp://127.0.0.1:1/small"))
    replaced: list[Sub] = []

    def replace(hung: Sub) -> None:
        replaced.append(hung)
        replace_sub(supervisor, hung)

    watchdog = Watchdog(
        supervisor, [], {}, lambda station: None, ServiceNotice({}), subs=[sub], replace_sub=replace, limit_s=-1.0
    )  # whoever has come by at all is too late
    start_sub(supervisor, sub)
    supervisor.start("watchdog", lambda: watchdog.run(supervisor.stop))
    eventually(lambda: sub.capture.abandoned)
    time.sleep(0.2)
    assert len(replaced) == MOST_REPLACED
    assert "nobody sees it until this box starts anew" in caplog.text
    supervisor.stop.set()
    supervisor.join(2)
    assert not supervisor.failed
