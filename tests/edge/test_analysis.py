from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from pydantic import SecretStr

from contracts.event import Event, EventRecord, Phase
from contracts.ids import digest_of
from demo.film import STREET
from edge.analysis import Analysis
from edge.capture.capture import CapturedFrame
from edge.centre.outbox import Outbox
from edge.config import AnalysisSettings, CameraSettings
from edge.detect import Detector
from edge.detect.ssdlite import SsdliteDetector
from edge.events import EventBook
from edge.footage.media import MediaStore
from edge.sight.track import Kind
from edge.station import Station
from edge.supervise import Supervisor
from tests.support.detectors import MAGENTA, PaintedDetector
from tests.support.samples import NOON
from tests.support.waiting import eventually

STEP_S = 0.2
CAMERA = CameraSettings.model_validate(
    {
        "id": "quang-trung-1",
        "site": "quang-trung",
        "url": SecretStr("rtsp://127.0.0.1:1/x"),
        "zones": [{"id": "ben-trai", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}],
        "lines": [{"id": "cua", "points": [[0.7, 0], [0.7, 1]]}],
        "rules": [
            {"id": "vuot-vach", "kind": "line_crossing", "line": "cua", "direction": "in", "clear_after_s": 1},
            {"id": "ngoai-gio", "kind": "intrusion", "zone": "ben-trai", "min_seconds": 2, "clear_after_s": 1},
            {
                "id": "dong-nguoi", "kind": "occupancy", "zone": "ben-trai",
                "threshold": 2, "min_seconds": 1, "clear_after_s": 1,
            },
        ],
    }
)  # fmt: skip


class Scene:
    """The real pipeline behind one camera whose frames the test gives."""

    def __init__(self, folder: Path, detector: Detector, tracker: Kind = "bytetrack") -> None:
        settings = AnalysisSettings(fps=30, tracker=tracker)
        ready = threading.Event()
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=50_000_000)
        self.station = Station(CAMERA, settings, "UTC", ready=ready, on_change=lambda: None)
        self.supervisor = Supervisor()
        book = EventBook(self.outbox)
        analysis = Analysis([self.station], settings, detector, book, self.media, None, ready)
        self.supervisor.start("analysis", lambda: analysis.run(self.supervisor.stop))

    def show(self, frames: Sequence[VideoFrame]) -> None:
        """Have every frame analysed, as if they had come STEP_S apart."""
        for index, frame in enumerate(frames):
            self.station.frames.put(CapturedFrame(frame, NOON + timedelta(seconds=index * STEP_S)))
            self.wait_for(index + 1)

    def wait_for(self, frames: int) -> None:
        eventually(lambda: self.station.analysed == frames or self.supervisor.failed)

    def events(self, rule: str) -> list[Event]:
        records = [EventRecord.model_validate_json(record.body) for record in self.outbox.waiting(100)]
        return [record.event for record in records if record.event.rule == rule]

    def close(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(5)
        self.outbox.close()
        assert not self.supervisor.failed


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path, PaintedDetector())
    yield scene
    scene.close()


def film(frames: int, every: int = 1) -> list[VideoFrame]:
    with av.open(str(STREET)) as container:
        return list(islice(container.decode(video=0), 0, frames * every, every))


def painted(frames: Sequence[VideoFrame], *people: tuple[range, int]) -> list[VideoFrame]:
    """The frames with a magenta person at a column during a range of frames."""
    result = []
    for index, frame in enumerate(frames):
        picture = frame.to_ndarray(format="bgr24")
        for present, left in people:
            if index in present:
                picture[300:370, left : left + 30] = MAGENTA
        result.append(VideoFrame.from_ndarray(picture, format="bgr24"))
    return result


def _all_analysed(stations: Sequence[Station], frames: int) -> bool:
    return all(station.analysed == frames for station in stations)


def test_one_visitor_is_one_event_with_a_picture_that_shows_the_visitor(scene: Scene) -> None:
    scene.show(painted(film(45), (range(5, 25), 100)))
    opened, closed = scene.events("ngoai-gio")
    assert (opened.phase, closed.phase) == (Phase.OPEN, Phase.CLOSE)
    assert (opened.id, opened.count, opened.model) == (closed.id, 1, "painted")
    assert closed.close_reason == "cleared"
    appeared, left = NOON + timedelta(seconds=5 * STEP_S), NOON + timedelta(seconds=25 * STEP_S)
    assert timedelta(seconds=2) <= opened.opened_at - appeared <= timedelta(seconds=2.6)
    assert closed.closed_at is not None
    assert closed.closed_at - left >= timedelta(seconds=1)

    (track,) = opened.tracks
    assert (track.box.x1, track.box.y2) == pytest.approx((100 / 768, 370 / 576), abs=0.02)
    assert opened.snapshot is not None
    path = scene.media.find(opened.snapshot)
    assert path
    jpeg = path.read_bytes()
    assert digest_of(jpeg) == opened.snapshot
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture[335, 115] == pytest.approx(MAGENTA, abs=12)
    assert [upload.digest for upload in scene.outbox.uploads()][:2] == [opened.thumbnail, opened.snapshot]
    assert scene.events("dong-nguoi") == []


def test_a_second_visitor_is_an_update_and_a_crowd_of_its_own(scene: Scene) -> None:
    scene.show(painted(film(40), (range(30), 100), (range(14, 30), 250)))
    assert [(event.phase, event.count) for event in scene.events("ngoai-gio")] == [
        (Phase.OPEN, 1),
        (Phase.UPDATE, 2),
    ]
    (crowd,) = scene.events("dong-nguoi")
    assert (crowd.phase, crowd.count, crowd.severity) == (Phase.OPEN, 2, "medium")


@pytest.mark.parametrize(
    "people", [[], [(range(5, 13), 100)], [(range(40), 600)]], ids=["nobody", "too short", "outside the zone"]
)
def test_nothing_to_tell_is_no_event(scene: Scene, people: list[tuple[range, int]]) -> None:
    scene.show(painted(film(40), *people))
    assert scene.outbox.pending == 0
    assert scene.outbox.uploads() == []


def test_who_walks_over_a_line_is_counted_once_and_shown_in_the_moment_of_crossing(scene: Scene) -> None:
    way = [(range(index, index + 1), 640 - 12 * index) for index in range(1, 20)]  # the line is at column 538
    scene.show(painted(film(30), *way))
    opened, closed, *_ = scene.events("vuot-vach")  # a better picture may follow
    assert (opened.phase, opened.zone, opened.count, opened.why["direction"]) == (Phase.OPEN, "cua", 1, "in")
    (track,) = opened.tracks
    assert track.box.x1 < 538 / 768
    assert closed.close_reason == "cleared"
    assert scene.station.lookout.take_counts() == {"cua": {"line.in": 1, "line.out": 0}}


def test_somebody_who_never_moves_is_found_by_the_full_look(scene: Scene) -> None:
    scene.show(painted(film(40), (range(40), 20)))
    opened, *betters = scene.events("ngoai-gio")
    assert (opened.phase, opened.count) == (Phase.OPEN, 1)
    assert opened.opened_at - NOON <= timedelta(seconds=4)
    assert all((event.phase, event.count) == (Phase.UPDATE, 1) for event in betters)


@pytest.mark.parametrize("tracker", ["bytetrack", "ocsort"])
def test_the_real_detector_follows_people_of_the_real_film_with_either_tracker(
    ssdlite: SsdliteDetector, tmp_path: Path, tracker: Kind
) -> None:
    scene = Scene(tmp_path, ssdlite, tracker)
    seen: set[object] = set()
    frames = film(40, every=2)
    intrusion = [watch for watch in scene.station.lookout.watches if watch.settings.kind == "intrusion"]
    for index, frame in enumerate(frames):
        scene.station.frames.put(CapturedFrame(frame, NOON + timedelta(seconds=index * STEP_S)))
        scene.wait_for(index + 1)
        seen |= {stay for watch in intrusion for stay in watch.state.presence.stays}
    most = dict(scene.station.people)
    scene.close()
    assert len(seen) == 2  # so many people go through the zone, says the film's ground truth
    assert most["ben-trai"] >= 1


def test_cameras_of_other_sizes_are_analysed_side_by_side(tmp_path: Path) -> None:
    settings, ready = AnalysisSettings(fps=30), threading.Event()
    sizes = [(64, 48), (1920, 1080), (100, 1000)]
    stations = [
        Station(
            CAMERA.model_copy(update={"id": f"camera-{number}"}), settings, "UTC", ready=ready, on_change=lambda: None
        )
        for number in range(len(sizes))
    ]
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    media = MediaStore(tmp_path / "media", max_bytes=50_000_000)
    supervisor = Supervisor()
    analysis = Analysis(stations, settings, PaintedDetector(), EventBook(outbox), media, None, ready)
    supervisor.start("analysis", lambda: analysis.run(supervisor.stop))
    for turn in range(5):
        for station, (width, height) in zip(stations, sizes, strict=True):
            picture = np.full((height, width, 3), 40 * turn, np.uint8)
            station.frames.put(
                CapturedFrame(VideoFrame.from_ndarray(picture, format="bgr24"), NOON + timedelta(seconds=turn * STEP_S))
            )
        eventually(partial(_all_analysed, stations, turn + 1))
    supervisor.stop.set()
    supervisor.join(5)
    outbox.close()
    assert not supervisor.failed
