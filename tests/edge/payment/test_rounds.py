from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from contracts.event import Event, EventRecord, Phase, Severity
from contracts.telemetry import SampleRecord
from edge.capture.mask import COLOUR
from edge.centre.outbox import Kind, MediaKind, Outbox
from edge.config import AnalysisSettings, CameraSettings
from edge.events import RESTARTED, EventBook
from edge.figures import Figures
from edge.footage.media import MediaStore
from edge.geometry import Box
from edge.measure import Measurements
from edge.payment.alarms import Alarms
from edge.payment.allowed import AllowSets
from edge.payment.rounds import CLOSE_SAVED_S, Allowance, Rounds
from edge.rules.calendar import Calendar
from edge.station import Station, Tracks
from tests.edge.payment.stalls import HEIGHT, OTHER, POINT, REGION, TEXT, WIDTH, fingerprints, frame, said, stall
from tests.support.samples import NOON
from tests.support.waiting import eventually

MASK = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.5), (0.0, 0.5))
LEFT = ((0.02, 0.2), (0.35, 0.2), (0.35, 0.9), (0.02, 0.9))


class Watched:
    """The watch of a box with one camera, whose clock the test turns."""

    def __init__(self, folder: Path, **camera: object) -> None:
        settings = CameraSettings.model_validate(
            {
                "id": "cho-1", "site": "cho-an-luu", "url": "rtsp://127.0.0.1/1",
                "payment_points": [{"id": POINT, "region": REGION}],
            }
            | camera
        )  # fmt: skip
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=50_000_000)
        self.book = EventBook(self.outbox)
        self.allow = AllowSets(folder)
        self.station = Station(settings, AnalysisSettings(), "UTC", ready=threading.Event(), on_change=lambda: None)
        self.clock = 0.0
        self.rounds = Rounds(
            [self.station], self.allow, Alarms(self.media, self.book, None), self.outbox,
            time_zone="UTC", calendar=Calendar(), clock=lambda: self.clock,
        )  # fmt: skip

    def show(self, picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]], seconds: float, fps: int = 5) -> None:
        for _ in range(round(seconds * fps)):
            self.station.codes.put(frame(picture, NOON + timedelta(seconds=self.clock)))
            self.rounds.tick()
            self.clock += 1 / fps

    def events(self) -> list[Event]:
        return [
            EventRecord.model_validate_json(record.body).event
            for record in self.outbox.waiting(1000)
            if record.kind is Kind.EVENT
        ]

    def samples(self) -> list[tuple[str, str, float]]:
        records = [
            SampleRecord.model_validate_json(record.body)
            for record in self.outbox.waiting(1000)
            if record.kind is Kind.SAMPLE
        ]
        return [(record.device, record.metric, record.value) for record in records]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Watched]:
    box = Watched(tmp_path)
    box.allow.hear(said(TEXT))
    yield box
    box.outbox.close()


def test_a_point_is_looked_at_once_a_period_and_not_once_a_frame(box: Watched) -> None:
    box.show(stall(), 5)
    ((_, watch),) = box.rounds.watches
    assert watch.looks == 5


def test_a_swap_is_an_event_with_the_board_cut_out_and_its_place(box: Watched) -> None:
    box.show(stall(), 3)
    box.show(stall(OTHER), 6)
    (event,) = box.events()
    assert (event.phase, event.kind, event.severity) == (Phase.OPEN, "payment_code_mismatch", Severity.CRITICAL)
    assert (event.site, event.camera, event.rule) == ("cho-an-luu", "cho-1", "payment-code")
    assert (event.payment_point, event.zone, event.tracks, event.model) == (POINT, None, (), None)
    assert event.why["code"] == fingerprints(OTHER)[0][:12]
    assert event.place is not None
    assert event.place.x1 * WIDTH == pytest.approx(312, abs=3)
    assert event.place.y1 * HEIGHT == pytest.approx(132, abs=3)
    assert {upload.kind for upload in box.outbox.uploads()} == {MediaKind.SNAPSHOT, MediaKind.THUMBNAIL}
    whole, cut = (_picture(box, digest) for digest in (event.snapshot, event.thumbnail))
    assert whole.shape == (HEIGHT, WIDTH, 3)
    assert cut.shape[1] == 320
    assert np.std(cut[cut.shape[0] // 3 : -cut.shape[0] // 3]) > 60  # the code fills it
    box.show(stall(), 15)
    closed = box.events()[-1]
    assert (closed.id, closed.phase, closed.close_reason) == (event.id, Phase.CLOSE, "verified")
    assert (closed.payment_point, closed.place, closed.why) == (POINT, event.place, event.why)


def _picture(box: Watched, digest: str | None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert digest
    path = box.media.find(digest)
    assert path
    read = cv2.imread(str(path))
    assert read is not None
    return read.astype(np.uint8)


def test_no_picture_of_a_point_shows_what_a_mask_covers(tmp_path: Path) -> None:
    box = Watched(tmp_path, masks=[MASK])
    box.allow.hear(said(TEXT))
    box.show(stall(OTHER), 12)
    (event,) = box.events()
    assert np.abs(_picture(box, event.snapshot)[:150, :150].astype(int) - COLOUR[0]).max() < 12
    box.outbox.close()


def test_what_becomes_of_a_point_is_measured_at_once(box: Watched) -> None:
    box.show(stall(), 3)
    assert box.samples()[0] == (POINT, "code.verified", 1.0)
    assert box.samples()[1][:2] == (POINT, "code.pixels_per_module")
    box.show(stall(OTHER), 6)
    assert (POINT, "code.verified", 0.0) in box.samples()


def test_nothing_is_measured_of_a_point_that_is_unknown(tmp_path: Path) -> None:
    box = Watched(tmp_path)
    box.show(stall(), 3)
    assert list(box.rounds.samples(NOON + timedelta(seconds=3))) == []
    box.allow.hear(said(TEXT))
    box.show(stall(), 3)
    assert len(list(box.rounds.samples(NOON + timedelta(seconds=6)))) == 2
    assert list(box.rounds.samples(NOON + timedelta(seconds=60))) == []  # the camera is lost
    box.outbox.close()


IN_FRONT: Box = (0.4, 0.2, 0.8, 1.0)


@pytest.mark.parametrize(("late_s", "told"), [(0.0, []), (2.0, []), (10.0, ["payment_code_covered"])])
def test_who_was_seen_there_a_moment_ago_hides_the_board(box: Watched, late_s: float, told: list[str]) -> None:
    box.show(stall(), 3)
    covered = stall()
    covered[100:260, 290:450] = 60
    for _ in range(25):
        seen_at = NOON + timedelta(seconds=box.clock - late_s)
        box.station.tracks = Tracks(seen_at, (IN_FRONT,))
        box.show(covered, 1, fps=1)
    assert [event.kind for event in box.events()] == told


def test_two_points_of_a_camera_have_events_of_their_own_at_one_time(tmp_path: Path) -> None:
    box = Watched(tmp_path, payment_points=[{"id": POINT, "region": REGION}, {"id": "sap-13", "region": LEFT}])
    both = said(TEXT)
    box.allow.hear(both.model_copy(update={"points": (*both.points, *said(TEXT, point="sap-13").points)}))
    picture = stall(OTHER)
    picture[:, :240] = stall(OTHER, at=(60, 120))[:, :240]
    box.show(picture, 12)
    assert sorted(event.payment_point or "" for event in box.events()) == [POINT, "sap-13"]
    box.show(np.where(np.arange(WIDTH) < 240, picture, stall()), 12)
    assert [(event.payment_point, event.phase) for event in box.events()][2:] == [(POINT, Phase.CLOSE)]
    box.outbox.close()


def test_an_event_that_was_open_when_the_box_stopped_is_closed_and_told_anew(box: Watched, tmp_path: Path) -> None:
    box.show(stall(), 3)
    box.show(stall(OTHER), 6)
    box.outbox.close()
    again = Watched(tmp_path)
    assert again.book.close_left_open(NOON + timedelta(minutes=1)) == 1
    again.show(stall(OTHER), 12)
    opened, closed, anew = again.events()
    assert (closed.id, closed.close_reason, closed.payment_point) == (opened.id, RESTARTED, POINT)
    assert (anew.phase, anew.kind) == (Phase.OPEN, opened.kind)
    again.outbox.close()


def test_every_sixth_measurement_tells_of_the_points(box: Watched, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    box.station.codes.put(frame(stall(), now))
    box.rounds.tick()
    before = len(box.samples())
    measurements, stop = Measurements("an-luu-1", tmp_path, [], box.outbox, 0.02, box.rounds), threading.Event()
    thread = threading.Thread(target=measurements.run, args=(stop,))
    thread.start()
    eventually(lambda: len([one for one in box.samples() if one[1] == "outbox.pending"]) >= 13)
    stop.set()
    thread.join()
    after = box.samples()[before:]
    turns = sum(one[1] == "outbox.pending" for one in after)
    assert after.count((POINT, "code.verified", 1.0)) == turns // 6


def test_prometheus_is_told_how_every_point_is_and_what_looking_costs(box: Watched) -> None:
    box.station.codes.put(frame(stall(), datetime.now(UTC)))
    box.rounds.tick()
    figures = Figures([], box.outbox, {}, box.rounds)
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in figures.collect()
        for sample in metric.samples
    }
    where = (("camera", "cho-1"), ("point", POINT))
    assert values["phoan_edge_payment_code_state", *where, ("state", "verified")] == 1.0
    assert values["phoan_edge_payment_code_state", *where, ("state", "mismatch")] == 0.0
    assert values["phoan_edge_payment_code_looks_total", *where] == 1.0
    assert values["phoan_edge_payment_code_reads_total", *where, ("way", "native")] == 1.0
    assert values["phoan_edge_payment_code_pixels_per_module", *where] == pytest.approx(3, rel=0.05)
    assert values[("phoan_edge_payment_code_cpu_seconds_total",)] > 0


def test_close_looks_are_shared_when_there_is_not_enough_for_all(tmp_path: Path) -> None:
    box = Watched(tmp_path, payment_points=[{"id": POINT, "region": REGION}, {"id": "sap-13", "region": LEFT}])
    box.allow.hear(said(TEXT))
    box.rounds._allowance.share = 0.002
    box.show(stall(None), 300, fps=1)
    first, second = (watch for _, watch in box.rounds.watches)
    assert (first.looks, second.looks) == (300, 300)
    assert 20 < first.close_looks < 290
    assert abs(first.close_looks - second.close_looks) <= 1
    box.outbox.close()


def test_an_allowance_is_saved_up_to_a_point_and_may_be_overdrawn_once() -> None:
    allowance = Allowance(share=0.1)
    assert allowance.there(0)
    allowance.spend(CLOSE_SAVED_S + 0.2)
    assert [allowance.there(now) for now in (0, 1, 1.9, 2.1)] == [False, False, False, True]
    assert allowance.there(10_000)
    allowance.spend(CLOSE_SAVED_S + 0.01)
    assert not allowance.there(10_000)
