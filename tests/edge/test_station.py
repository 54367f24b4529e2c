from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pydantic import SecretStr

from contracts.model import ModelCard
from contracts.status import CameraState
from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings, CameraSettings
from edge.detect import NOTHING, Detections, Picture
from edge.sight.sight import Eye, Sight
from edge.station import Station
from tests.support.cameras import Line
from tests.support.pulling import Box, is_in
from tests.support.samples import NOON
from tests.support.streams import camera, encode, pictures
from tests.support.waiting import eventually


def frames_in(seconds: float, station: Station) -> int:
    """How many decoded frames come within some seconds."""
    frames, pause, ends = 0, threading.Event(), time.monotonic() + seconds
    while time.monotonic() < ends:
        frames += station.frames.take() is not None
        pause.wait(0.01)
    return frames


@dataclass(frozen=True, slots=True)
class Night:
    """How many frames were decoded before, while and after nothing moved, and what the camera is said to send."""

    awake: int
    asleep: int
    again: int
    fps: float | None


def night(quiet: str, port: int) -> Night:
    box = Box(AnalysisSettings.model_validate({"fps": 10, "quiet": quiet, "decode": "cpu"}))
    station = box.pull("camera", port)
    eventually(lambda: is_in(station, CameraState.STREAMING))
    station.stir()
    awake = frames_in(3.0, station)
    eventually(lambda: station.quiet)
    time.sleep(1.1)  # until the next key frame
    asleep = frames_in(4.0, station)
    rate = station.status().fps
    station.stir()
    time.sleep(1.1)
    again = frames_in(2.0, station)
    box.stop()
    return Night(awake, asleep, again, rate)


def test_while_nothing_moves_key_frames_are_enough_if_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.station.QUIET_AFTER_S", 4.0)
    with (
        contextlib.closing(Line(camera(encode("h264", 320, 180, fps=10, gop=10)))) as line,
        ThreadPoolExecutor(2) as threads,
    ):
        saving, full = threads.map(night, ("keyframes", "full"), (line.port, line.port))
    assert 3 <= saving.asleep <= 5
    assert 35 <= full.asleep <= 42
    for one in (saving, full):
        assert one.awake >= 25
        assert one.again >= 16
        assert one.fps == pytest.approx(10, abs=1.5)  # what the camera sends, not what is decoded


@pytest.mark.parametrize(("rotate", "size"), [(0, (320, 180)), (90, (180, 320)), (180, (320, 180))])
def test_a_camera_mounted_on_its_side_is_turned_as_the_settings_say(rotate: int, size: tuple[int, int]) -> None:
    box = Box()
    with contextlib.closing(Line(camera(encode("h264", 320, 180)))) as line:
        station = box.pull("camera", line.port, rotate=rotate)
        eventually(lambda: is_in(station, CameraState.STREAMING))
        frame = eventually(station.frames.take)
        box.stop()
    assert (station.status().width, station.status().height) == size
    assert frame.rotation == rotate


class Blind:
    """A detector that never sees anybody."""

    name = "blind"
    batch = 8
    inputs = ((300, 300),)
    card = ModelCard(name=name, digest="0" * 64, licence="Apache-2.0", source="this test", classes=("person",))

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [NOTHING] * len(pictures)


def test_a_glance_tells_whether_anything_stirs() -> None:
    settings = AnalysisSettings(fps=10)
    sight, eye = Sight(settings, Blind()), Eye(settings.fps)
    still = [*pictures(320, 180, 1)] * 20
    moving = [*pictures(320, 180, 20)]
    told = [
        sight.glance(eye, CapturedFrame(picture, NOON + number * timedelta(seconds=0.1))).stirring
        for number, picture in enumerate(still + moving)
    ]
    assert not any(told[5:20])
    assert all(told[22:])


def test_quiet_is_what_has_not_stirred_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.station.QUIET_AFTER_S", 0.2)
    settings = CameraSettings.model_validate({"id": "a", "site": "b", "url": SecretStr("rtsp://127.0.0.1:1/x")})
    station = Station(settings, AnalysisSettings(), "UTC", ready=threading.Event(), on_change=lambda: None)
    assert not station.quiet
    eventually(lambda: station.quiet)
    station.stir()
    assert not station.quiet
