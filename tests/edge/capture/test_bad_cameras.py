"""Cameras that do get through and send what no camera should, all at once, next to a camera that does as it should."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field

import pytest

from contracts.status import CameraFault, CameraState
from edge.capture.packets import VideoFormat, VideoPacket
from edge.station import Station
from tests.support import cameras
from tests.support.cameras import Behaviour, Line, playing
from tests.support.pulling import Box, frame_rates, is_in, kept, seconds_until
from tests.support.streams import Film, camera, damaged, encode, pictures, sending
from tests.support.waiting import eventually

FPS = 10.0
SHOWN_WITHIN_S, BACK_WITHIN_S = 10.0, 5.0
WATCHED_S = 16.0

FILM = encode("h264", 320, 180)
HEVC = encode("hevc", 320, 180)
LARGE = encode("h264", 640, 360)
BIDIRECTIONAL = encode("h264", 320, 180, bframes=2, gop=12, count=48)
SLOW = encode("h264", 320, 180, fps=1.0, gop=5, count=10)
RARE_KEYS = encode("h264", 320, 180, gop=60, count=60)
LYING = encode("h264", 320, 180, gop=40, change="h264_metadata=display_orientation=insert:rotate=90")


class Sink:
    """Keeps what it is given, and whether it came in the right order."""

    def __init__(self) -> None:
        self.formats: list[VideoFormat] = []
        self.packets: list[VideoPacket] = []
        self.ends = 0
        self.open = False

    def begin(self, video: VideoFormat) -> None:
        self.formats.append(video)
        self.open = True

    def take(self, packet: VideoPacket) -> None:
        assert self.open
        self.packets.append(packet)

    def end(self) -> None:
        assert self.open
        self.ends += 1
        self.open = False


@dataclass(slots=True)
class Watched:
    """A camera, and how it looked from outside as time went by."""

    line: Line
    station: Station
    sink: Sink
    faults: list[tuple[float, CameraFault]] = field(default_factory=list)
    streaming_s: list[float] = field(default_factory=list)
    sizes: list[tuple[int | None, int | None]] = field(default_factory=list)

    def look(self, after_s: float) -> None:
        status = self.station.status()
        if status.state is CameraState.STREAMING:
            self.streaming_s.append(after_s)
            if (size := (status.width, status.height)) not in self.sizes:
                self.sizes.append(size)
        if status.fault and (not self.faults or self.faults[-1][1] != status.fault):
            self.faults.append((after_s, CameraFault(status.fault)))

    def back_after_s(self) -> float:
        """Seconds from the last fault to the next picture."""
        fault_at = self.faults[-1][0]
        return next(at for at in self.streaming_s if at > fault_at) - fault_at


def one_after_another(*behaviours: Behaviour) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        for behaviour in behaviours:
            behaviour(connection)

    return behave


def another_codec_on_the_same_connection() -> Behaviour:
    """From H.264 to H.265 as when somebody changes it in the camera's menu; whoever comes anew is told so."""
    seen = []

    def behave(connection: socket.socket) -> None:
        seen.append(1)
        first = playing(FILM.sdp, one_after_another(sending(FILM, times=1), sending(HEVC)))
        (first if len(seen) == 1 else camera(HEVC))(connection)

    return behave


def jumping(number: int) -> int:
    """A clock that is set back by an hour, stands still, and jumps ahead by a day."""
    step = 9000
    if number < 20:
        return number * step
    if number < 40:
        return number * step - 3600 * 90_000
    if number < 60:
        return 40 * step
    return number * step + 86_400 * 90_000


def without_parameter_sets_in_sdp(film: Film) -> Behaviour:
    return playing(cameras.VIDEO, sending(film))


CAMERAS: dict[str, Behaviour] = {
    "it is good": camera(FILM),
    "it is good and H.265": camera(HEVC),
    "it has B-frames": camera(BIDIRECTIONAL),
    "it sends one picture a second": camera(SLOW),
    "it changes its resolution": playing(FILM.sdp, one_after_another(sending(FILM, times=1), sending(LARGE))),
    "it changes its codec": another_codec_on_the_same_connection(),
    "its clock jumps": camera(FILM, stamp=jumping),
    "its pictures arrive damaged": camera(FILM, damage=damaged),
    "it is joined between rare key frames": playing(
        RARE_KEYS.sdp, one_after_another(sending(Film("h264", FPS, RARE_KEYS.units[5:]), times=1), sending(RARE_KEYS))
    ),
    "it announces no parameter sets": without_parameter_sets_in_sdp(FILM),
    "it hangs on its side": camera(LYING),
    "it stops between key frames": camera(Film("h264", FPS, FILM.units[:27]), after=[cameras.silent], times=1),
    "it opens slowly and falls silent": playing(FILM.sdp, cameras.silent, thinks_s=4.7),
}


@dataclass(slots=True)
class Day:
    cameras: dict[str, Watched]
    good_rates: list[float]


@pytest.fixture(scope="module")
def day() -> Day:
    box, watched = Box(), {}
    for number, (name, behaviour) in enumerate(CAMERAS.items()):
        line, sink = Line(behaviour), Sink()
        watched[name] = Watched(line, box.pull(f"camera-{number}", line.port, sinks=[sink]), sink)
    began, pause = time.monotonic(), threading.Event()
    rates: list[float] = []
    good = watched["it is good"].station

    def over() -> bool:
        return time.monotonic() - began > WATCHED_S

    counting = threading.Thread(target=lambda: rates.extend(frame_rates(good, over)))
    counting.start()
    while not over():
        for one in watched.values():
            one.look(time.monotonic() - began)
        pause.wait(0.02)
    counting.join()
    box.stop()
    for one in watched.values():
        one.line.close()
    assert not box.supervisor.failed
    return Day(watched, rates)


@pytest.mark.parametrize(
    "name",
    [
        "it is good",
        "it is good and H.265",
        "it has B-frames",
        "it sends one picture a second",
        "it changes its resolution",
        "its clock jumps",
        "its pictures arrive damaged",
        "it is joined between rare key frames",
        "it announces no parameter sets",
        "it hangs on its side",
    ],
)
def test_what_can_be_borne_is_no_fault_and_no_reason_to_connect_again(day: Day, name: str) -> None:
    watched = day.cameras[name]
    assert watched.faults == []
    assert watched.line.accepted == 1
    assert watched.streaming_s[-1] > WATCHED_S - 0.5


def test_the_first_picture_comes_with_the_first_key_frame(day: Day) -> None:
    for name in ("it is good", "it is good and H.265", "its clock jumps"):
        assert day.cameras[name].streaming_s[0] < 2.0


@pytest.mark.parametrize(
    ("name", "fps"),
    [
        ("it is good", 10),
        ("it sends one picture a second", 1),
        ("its clock jumps", 10),
        ("its pictures arrive damaged", 10),
    ],
)
def test_the_frame_rate_is_the_cameras(day: Day, name: str, fps: float) -> None:
    watched = day.cameras[name]
    assert watched.station.capture.packets_seen == pytest.approx(fps * WATCHED_S, rel=0.15, abs=2)


def test_a_change_of_resolution_is_shown_and_told_to_those_who_keep_packets(day: Day) -> None:
    watched = day.cameras["it changes its resolution"]
    assert watched.sizes == [(320, 180), (640, 360)]
    assert [(video.width, video.height) for video in watched.sink.formats] == [(320, 180), (640, 360)]
    assert watched.sink.formats[0].extradata != watched.sink.formats[1].extradata


def test_a_change_of_codec_is_a_fault_for_a_moment(day: Day) -> None:
    watched = day.cameras["it changes its codec"]
    assert [fault for _, fault in watched.faults] == [CameraFault.CORRUPT]
    assert watched.faults[0][0] < len(FILM.units) / FPS + SHOWN_WITHIN_S
    assert watched.back_after_s() < BACK_WITHIN_S
    assert [video.codec for video in watched.sink.formats] == ["h264", "hevc"]


def test_a_camera_that_stops_is_shown_as_stalled(day: Day) -> None:
    watched = day.cameras["it stops between key frames"]
    stopped_at, fault = watched.faults[0]
    assert fault is CameraFault.STALLED
    assert stopped_at < 2.7 + SHOWN_WITHIN_S


def test_a_camera_that_opens_slowly_and_falls_silent_is_shown_in_time(day: Day) -> None:
    shown_at, fault = day.cameras["it opens slowly and falls silent"].faults[0]
    assert fault is CameraFault.TIMEOUT
    assert shown_at < SHOWN_WITHIN_S


def test_a_camera_that_hangs_on_its_side_is_turned_upright(day: Day) -> None:
    watched = day.cameras["it hangs on its side"]
    assert watched.sizes == [(180, 320)]
    assert watched.sink.formats[-1].rotation == watched.station.frames.take().rotation  # type: ignore[union-attr]
    assert watched.sink.formats[-1].rotation in (90, 270)
    assert (watched.sink.formats[-1].width, watched.sink.formats[-1].height) == (320, 180)


@pytest.mark.parametrize("name", [*CAMERAS])
def test_those_who_keep_packets_hear_begin_before_and_end_after(day: Day, name: str) -> None:
    sink = day.cameras[name].sink
    assert not sink.open
    assert all(packet.data.startswith((b"\0\0\1", b"\0\0\0\1")) for packet in sink.packets)
    assert all(video.width and video.extradata.startswith(b"\0\0\0\1") for video in sink.formats)


def test_those_who_keep_packets_get_what_the_camera_sent(day: Day) -> None:
    for name, film in (("it is good", FILM), ("it is good and H.265", HEVC), ("it announces no parameter sets", FILM)):
        sink = day.cameras[name].sink
        assert sink.packets[0].keyframe
        sent = [_bare(unit.data) for unit in film.units * 5]
        got = [_bare(packet.data) for packet in sink.packets]
        assert got == sent[: len(got)]
        assert len(got) > 0.8 * FPS * WATCHED_S


def _bare(data: bytes) -> bytes:
    return data.replace(b"\0\0\0\1", b"\0\0\1")


def test_meanwhile_the_good_camera_keeps_its_frame_rate(day: Day) -> None:
    assert len(day.good_rates) >= 5
    assert kept(day.good_rates, FPS)


def test_a_camera_of_8k_is_looked_at_and_disturbs_nobody() -> None:
    huge = encode("h264", 7680, 4320, fps=2.0, gop=2, frames=list(pictures(7680, 4320, 2)))
    box, good, large = Box(), Line(camera(FILM)), Line(camera(huge))
    steady, station = box.pull("good", good.port), box.pull("large", large.port)
    shown = seconds_until(lambda: is_in(station, CameraState.STREAMING))
    ends = time.monotonic() + 6
    rates = frame_rates(steady, lambda: time.monotonic() > ends)
    status, frame = station.status(), station.frames.take()
    box.stop()
    good.close()
    large.close()
    assert shown < SHOWN_WITHIN_S
    assert frame is not None
    assert (status.state, status.width, status.height) == (CameraState.STREAMING, 7680, 4320)
    assert kept(rates, FPS)


def test_a_dead_name_server_is_shown_and_holds_up_no_other_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    alive, system = threading.Event(), socket.getaddrinfo

    def dead(host: str, *arguments: object, **more: object) -> object:
        if host == "localhost":
            alive.wait(30)
        return system(host, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", dead)
    box, line = Box(), Line(camera(FILM))
    with contextlib.closing(line):
        steady, station = box.pull("good", line.port), box.pull("named", line.port, host="localhost")
        shown = seconds_until(lambda: is_in(station, CameraState.FAILED))
        ends = time.monotonic() + 4
        rates = frame_rates(steady, lambda: time.monotonic() > ends)
        fault = station.status().fault
        alive.set()
        back = seconds_until(lambda: is_in(station, CameraState.STREAMING))
        box.stop()
    assert fault == CameraFault.UNREACHABLE
    assert shown < SHOWN_WITHIN_S
    assert back < BACK_WITHIN_S
    assert kept(rates, FPS)
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "lookup"])
