"""A camera's health as events: with the picture that shows it, or without one when no pictures come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import cv2
import pytest
from av.video.frame import VideoFrame
from pydantic import SecretStr

from contracts.event import Event, EventKind, EventRecord, Phase
from edge.analysis import Analysis
from edge.capture.capture import CapturedFrame
from edge.centre.outbox import Outbox
from edge.config import AnalysisSettings, CameraSettings
from edge.crew import start_camera
from edge.events import EventBook
from edge.footage.media import MediaStore
from edge.health.settings import HealthSettings
from edge.measure import Measurements
from edge.station import Station
from edge.supervise import Supervisor
from tests.support import footage
from tests.support.cameras import GoodCamera, address
from tests.support.detectors import PaintedDetector
from tests.support.samples import NOON
from tests.support.waiting import eventually

QUICK = HealthSettings.model_validate({"stalled": {"after_s": 1, "clear_after_s": 1}})


class Scene:
    """The real analysis behind one camera."""

    def __init__(self, folder: Path, url: str, health: HealthSettings) -> None:
        camera = CameraSettings.model_validate({"id": "yersin-1", "site": "yersin", "url": SecretStr(url)})
        settings, ready = AnalysisSettings(fps=30, decode="cpu"), threading.Event()
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=50_000_000)
        self.supervisor = Supervisor()
        self.station = Station(camera, settings, "UTC", ready=ready, on_change=lambda: None, health=health)
        book, stop = EventBook(self.outbox), self.supervisor.stop
        analysis = Analysis([self.station], settings, PaintedDetector(), book, self.media, None, ready)
        measurements = Measurements("yersin", folder, [self.station], self.outbox, 0.2)
        self.supervisor.start("analysis", lambda: analysis.run(stop))
        self.supervisor.start("measurements", lambda: measurements.run(stop))

    def events(self, kind: EventKind) -> list[Event]:
        records = [record.body for record in self.outbox.waiting(1000) if '"event":' in record.body]
        events = [EventRecord.model_validate_json(body).event for body in records]
        return [event for event in events if event.kind == kind]

    def metrics(self) -> str:
        return "".join(record.body for record in self.outbox.waiting(1000) if '"event":' not in record.body)

    def has(self, kind: EventKind, count: int) -> bool:
        return len(self.events(kind)) >= count

    def analysed(self, frames: int) -> bool:
        return self.station.analysed >= frames

    def close(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(6)
        self.outbox.close()
        assert not self.supervisor.failed


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[[str, HealthSettings], Scene]]:
    scenes: list[Scene] = []

    def make(url: str, health: HealthSettings) -> Scene:
        scenes.append(Scene(tmp_path, url, health))
        return scenes[-1]

    yield make
    for made in scenes:
        made.close()


def test_a_covered_camera_is_an_event_with_a_picture_of_what_covers_it(
    scene: Callable[[str, HealthSettings], Scene],
) -> None:
    box = scene("rtsp://127.0.0.1:1/x", HealthSettings.model_validate({"stalled": {"enabled": False}}))
    for second, picture in enumerate(footage.looped(48)):
        shown = footage.hand(picture, second - 20) if 20 <= second < 32 else picture
        frame = VideoFrame.from_ndarray(shown, format="bgr24")
        box.station.frames.put(CapturedFrame(frame, NOON + timedelta(seconds=second)))
        eventually(partial(box.analysed, second + 1))
    opened, closed = box.events(EventKind.CAMERA_COVERED)
    assert (opened.phase, opened.rule, opened.zone, opened.severity) == (Phase.OPEN, "camera-covered", None, "high")
    assert (closed.phase, closed.close_reason) == (Phase.CLOSE, "restored")
    assert NOON + timedelta(seconds=25) <= opened.opened_at <= NOON + timedelta(seconds=30)
    assert float(opened.why["lost"]) > float(opened.why["limit"]) == 0.6
    assert opened.snapshot
    assert opened.thumbnail
    path = box.media.find(opened.snapshot)
    assert path
    kept = cv2.imread(str(path))
    assert kept is not None
    assert kept.mean(axis=(0, 1)) == pytest.approx((80, 100, 150), abs=15)


def test_a_camera_that_loses_power_is_an_event_without_a_picture_until_it_is_back(
    scene: Callable[[str, HealthSettings], Scene], tmp_path: Path
) -> None:
    camera = GoodCamera(tmp_path)
    camera.start()
    box = scene(address(camera.port), QUICK)
    start_camera(box.supervisor, box.station)
    eventually(lambda: "camera.sharpness" in box.metrics() and "camera.brightness" in box.metrics(), 20)
    camera.kill()
    eventually(partial(box.has, EventKind.CAMERA_STALLED, 1), 20)
    camera.start()
    eventually(partial(box.has, EventKind.CAMERA_STALLED, 2), 20)
    camera.stop()
    opened, closed = box.events(EventKind.CAMERA_STALLED)[:2]
    assert (opened.phase, opened.snapshot) == (Phase.OPEN, None)
    assert opened.why["fault"] in ("ended", "refused")
    assert (closed.phase, closed.close_reason) == (Phase.CLOSE, "restored")
