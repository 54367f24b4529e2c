from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from contracts.command import RecordingReply, RecordingWanted, Refusal, ReplyState
from contracts.ids import digest_of, new_id
from edge.capture.picture import Pixels
from edge.centre.outbox import MediaKind, Outbox, Upload
from edge.footage import requests
from edge.footage.media import MediaStore
from edge.footage.recorder import Recorder
from edge.footage.redact import Redactor
from edge.footage.requests import Requests, judge, ready
from edge.footage.ring import Ring
from edge.footage.segments import Segment
from edge.footage.settings import RecordingSettings
from tests.support.films import seen_in, street
from tests.support.samples import NOON

CAMERA = "quang-trung-1"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def wanted(begin: float, end: float, camera: str = CAMERA, request: UUID | None = None) -> RecordingWanted:
    return RecordingWanted(id=request or new_id(), camera=camera, begin=at(begin), end=at(end))


class Box:
    """A box that has recorded the sample film from NOON on, 79 seconds in all."""

    def __init__(self, folder: Path, redactor: Redactor | None = None) -> None:
        self.now = at(200)
        self.outbox = Outbox(folder / "outbox.db", max_records=100)
        self.media = MediaStore(folder / "media", max_bytes=100_000_000)
        self.ring = Ring(CAMERA, seconds=15, max_bytes=50_000_000)
        (folder / "recordings").mkdir()
        self.recorder = Recorder(
            RecordingSettings(segment_s=20), {CAMERA: self.ring}, folder / "recordings", now=lambda: self.now
        )
        self.requests = Requests(self.recorder, self.media, self.outbox, redactor or Redactor({}), lambda: self.now)

    def film(self, packets: int, begin: float = 0) -> None:
        film = street().starting(at(begin), packets)
        self.ring.begin(film.video)
        for packet in film.packets:
            self.ring.take(packet)
            if packet.keyframe:
                self.recorder.tick()
        self.ring.end()
        self.recorder.tick()

    def ask(self, *asked: RecordingWanted) -> list[RecordingReply]:
        for one in asked:
            self.requests.hear(one)
        return self.pass_time()

    def pass_time(self, seconds: float = 0) -> list[RecordingReply]:
        self.now += timedelta(seconds=seconds)
        self.requests.tick()
        replies = []
        while not self.requests.replies.empty():
            replies.append(self.requests.replies.get())
        return replies

    def path_of(self, reply: RecordingReply) -> Path:
        assert reply.digest
        path = self.media.find(reply.digest)
        assert path
        return path


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    yield box
    box.outbox.close()


KEPT = [Segment(Path("x"), at(0), at(60))]


@pytest.mark.parametrize(
    ("asked", "recorded", "refusal"),
    [
        (wanted(10, 20), True, None),
        (wanted(-500, 0), True, None),
        (wanted(60, 100), True, None),
        (wanted(10, 20), False, Refusal.NOT_RECORDED),
        (wanted(61, 100), True, Refusal.NOTHING_LEFT),
        (wanted(-20, -10), True, Refusal.NOTHING_LEFT),
        (wanted(20, 10), True, Refusal.BAD_RANGE),
        (wanted(10, 10), True, Refusal.BAD_RANGE),
        (wanted(0, 601), True, Refusal.BAD_RANGE),
        (wanted(50, 200), True, Refusal.BAD_RANGE),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_reason(
    asked: RecordingWanted, recorded: bool, refusal: Refusal | None
) -> None:
    assert judge(asked, recorded=recorded, kept=KEPT, now=at(100)) == refusal


@pytest.mark.parametrize(
    ("reached", "now", "is_ready"), [(20, 20, True), (19, 20, False), (None, 20, False), (19, 41, True), (99, 99, True)]
)
def test_the_last_pictures_of_a_range_are_waited_for_but_not_for_ever(
    reached: float | None, now: float, is_ready: bool
) -> None:
    assert ready(wanted(10, 20), None if reached is None else at(reached), at(now)) is is_ready


def test_a_range_becomes_one_film_that_is_uploaded(box: Box) -> None:
    box.film(795)
    asked = wanted(15, 45)
    accepted, done = box.ask(asked)
    assert (accepted.id, accepted.state, accepted.digest) == (asked.id, ReplyState.ACCEPTED, None)
    assert (done.id, done.state, done.began_at, done.ended_at) == (asked.id, ReplyState.DONE, at(14), at(45))
    path = box.path_of(done)
    assert digest_of(path.read_bytes()) == done.digest
    assert seen_in(path).seconds == pytest.approx(31.1, abs=0.1)
    assert box.outbox.uploads() == [Upload(done.digest or "", MediaKind.RECORDING, 4)]


def test_a_range_that_is_just_being_recorded_is_waited_for(box: Box) -> None:
    box.now = at(30)
    box.film(295)
    (accepted,) = box.ask(wanted(20, 31))
    assert accepted.state is ReplyState.ACCEPTED
    assert box.pass_time(1) == []
    box.film(100, begin=29.5)
    (done,) = box.pass_time(1)
    assert (done.state, done.ended_at) == (ReplyState.DONE, at(31))


def test_of_a_camera_that_died_meanwhile_comes_what_there_is(box: Box) -> None:
    box.now = at(30)
    box.film(255)
    (accepted,) = box.ask(wanted(10, 29))
    assert accepted.state is ReplyState.ACCEPTED
    (done,) = box.pass_time(20)
    assert done.state is ReplyState.DONE
    assert done.ended_at
    assert at(23) <= done.ended_at <= at(25.5)


def test_a_request_that_comes_again_is_answered_as_before_and_done_once(box: Box) -> None:
    box.film(795)
    asked = wanted(15, 45)
    *_, done = box.ask(asked)
    assert box.ask(asked, asked) == [done, done]
    assert len(box.outbox.uploads()) == 1


def test_many_requests_do_not_disturb_each_other(box: Box) -> None:
    box.film(795)
    replies = box.ask(wanted(0, 10), wanted(5, 1), wanted(10, 20, "cho-an-luu-1"), wanted(60, 70))
    assert [reply.state for reply in replies].count(ReplyState.DONE) == 2
    assert {reply.reason for reply in replies if reply.state is ReplyState.REFUSED} == {"bad_range", "not_recorded"}


def test_a_box_that_records_nothing_refuses(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", max_records=100)
    media = MediaStore(tmp_path / "media", max_bytes=1_000_000)
    nothing = Requests(None, media, outbox, Redactor({}))
    nothing.hear(wanted(0, 10))
    nothing.tick()
    assert nothing.replies.get().reason == "not_recorded"
    outbox.close()


def test_what_is_larger_than_the_centre_takes_is_refused(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MAX_MEDIA_BYTES", 100_000)
    box.film(795)
    *_, refused = box.ask(wanted(15, 45))
    assert (refused.state, refused.reason) == (ReplyState.REFUSED, "too_large")
    assert list(box.media.drafts.iterdir()) == []


def test_of_a_camera_with_masks_nothing_leaves_unmasked(tmp_path: Path) -> None:
    def black(picture: Pixels) -> Pixels:
        return np.zeros_like(picture)

    box = Box(tmp_path, Redactor({CAMERA: black}))
    box.film(300)
    *_, done = box.ask(wanted(5, 15))
    path = box.path_of(done)
    assert len(seen_in(path).times) == 111
    assert path.stat().st_size < 50_000  # all black
    box.outbox.close()
