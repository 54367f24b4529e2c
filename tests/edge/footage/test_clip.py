from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import cv2
import pytest

from contracts.event import Event, EventRecord, Phase, Severity
from contracts.ids import digest_of, new_id
from edge.capture.picture import Pixels
from edge.centre.outbox import MediaKind, Outbox, Upload
from edge.config import IntrusionSettings
from edge.events import EventBook, Moment, Place
from edge.footage.clip import ClipRule, Clips, Span
from edge.footage.media import MediaStore
from edge.footage.redact import Redactor
from edge.footage.ring import Ring
from edge.footage.settings import ClipSettings
from edge.rules.command import Close, Open, Update
from tests.edge.rules.frames import frame
from tests.support.films import Film, painted, seen_in, street
from tests.support.samples import NOON, event

CAMERA = "quang-trung-1"
PLACE = Place("quang-trung", CAMERA, "ssdlite-mobilenet-person")
SETTINGS = ClipSettings(before_s=4, after_s=6, longest_s=20, payment_before_s=2)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Box:
    """A ring, the thread that cuts clips (its work done in steps), and rules that the test plays."""

    def __init__(self, folder: Path, redactor: Redactor | None = None, **bounds: int) -> None:
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=bounds.get("max_bytes", 50_000_000))
        self.book = EventBook(self.outbox)
        self.ring = Ring(CAMERA, seconds=9, max_bytes=bounds.get("ring_bytes", 20_000_000))
        self.now = NOON
        redactor = redactor or Redactor({})
        self.clips = Clips(SETTINGS, {CAMERA: self.ring}, self.media, self.book, redactor, lambda: self.now)

    def film(self, film: Film, until: float | None = None) -> None:
        """Have a connection deliver `film`, and the clips cut as time passes."""
        self.ring.begin(film.video)
        for packet in film.packets:
            if until is not None and packet.captured_at > at(until):
                break
            self.ring.take(packet)
            if packet.keyframe:
                self.now = packet.captured_at
                self.clips.tick()

    def pass_time(self, until: float) -> None:
        """Nothing comes any more."""
        self.ring.end()
        self.now = at(until)
        self.clips.tick()
        self.keep()

    def keep(self) -> None:
        while not self.clips.finished.empty():
            self.clips.finish(self.clips.finished.get())

    def say(
        self, command: Open | Update | Close, seconds: float, rule: str = "ngoai-gio", sign: float | None = None
    ) -> Event:
        settings = IntrusionSettings(id=rule, kind="intrusion", zone="via-he", severity=Severity.HIGH)
        moment = Moment(at(seconds), at(seconds))
        said = self.book.carry_out(settings, PLACE, command, moment)
        self.clips.hear(said, at(sign) if sign is not None else None)
        return said

    def open(self, seconds: float, rule: str = "ngoai-gio", sign: float | None = None) -> UUID:
        return self.say(Open(1, frame(0, "a").inside, {}), seconds, rule, sign).id

    def close(self, seconds: float, rule: str = "ngoai-gio") -> None:
        self.say(Close("cleared"), seconds, rule)

    def told(self) -> list[Event]:
        return [EventRecord.model_validate_json(record.body).event for record in self.outbox.waiting(1000)]

    def clip_of(self, event_id: UUID) -> Event:
        """The event's last revision, which bears its clip."""
        last = [event for event in self.told() if event.id == event_id][-1]
        assert last.clip
        return last

    def path_of(self, digest: str | None) -> Path:
        assert digest
        path = self.media.find(digest)
        assert path
        return path


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    yield box
    box.outbox.close()


RULE = ClipRule(timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=120))


@pytest.mark.parametrize(
    ("closed", "ends"), [(None, 110), (5, 20), (20, 20), (21, 21), (60, 60), (110, 110), (111, 110), (9999, 110)]
)
def test_a_clip_shows_the_seconds_around_the_opening_and_goes_on_to_a_later_close(
    closed: float | None, ends: float
) -> None:
    seen = event(closed_at=at(closed), phase=Phase.CLOSE) if closed is not None else event()
    assert RULE.span(seen) == Span(at(-10), at(ends))


SIGNS = ClipRule(timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=120), timedelta(seconds=30))


@pytest.mark.parametrize("closed", [None, 5, 600])
def test_a_clip_of_what_showed_itself_earlier_begins_before_that_and_does_not_wait_for_the_close(
    closed: float | None,
) -> None:
    seen = event(closed_at=at(closed), phase=Phase.CLOSE) if closed is not None else event()
    assert SIGNS.span(seen, at(-25)) == Span(at(-55), at(20))


def test_the_moments_before_the_first_sign_are_in_the_clip_though_it_opened_later(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 10.05)
    opened = box.open(10, sign=4)
    box.film(replace(film, packets=film.packets[101:]), 30)
    box.keep()
    told = box.clip_of(opened)
    assert told.phase is Phase.UPDATE  # still open
    assert told.clip_began_at == at(2)
    assert seen_in(box.path_of(told.clip)).seconds == pytest.approx(14.1, abs=0.15)


def test_a_clip_begins_before_the_opening_and_ends_after_it(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 10.05)
    opened = box.open(10)
    box.film(replace(film, packets=film.packets[101:]), 12)
    box.close(12)
    box.film(replace(film, packets=film.packets[121:]), 30)
    box.keep()

    told = box.clip_of(opened)
    assert (told.phase, told.revision, told.closed_at) == (Phase.CLOSE, 2, at(12))
    assert told.clip_began_at == at(6)
    path = box.path_of(told.clip)
    assert digest_of(path.read_bytes()) == told.clip
    seen = seen_in(path)
    assert seen.seconds == pytest.approx(10.1, abs=0.15)
    assert (seen.width, seen.height, seen.tag) == (768, 576, "avc1")
    assert box.outbox.uploads() == [Upload(told.clip or "", MediaKind.CLIP, 3)]


def test_an_event_that_stays_open_has_a_clip_of_the_greatest_length_while_it_is_open(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 10.05)
    opened = box.open(10)
    box.film(replace(film, packets=film.packets[101:]), 40)
    box.keep()
    told = box.clip_of(opened)
    assert (told.phase, told.revision) == (Phase.UPDATE, 1)
    assert seen_in(box.path_of(told.clip)).seconds == pytest.approx(20, abs=0.3)

    box.say(Update(2, frame(0, "ab").inside, {}), 41)
    box.close(42)
    box.pass_time(100)
    last = box.clip_of(opened)
    assert (last.phase, last.revision, last.clip, last.count) == (Phase.CLOSE, 3, told.clip, 0)
    assert len(box.outbox.uploads()) == 1


def test_overlapping_events_have_a_clip_each(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 10.05)
    first = box.open(10)
    box.film(replace(film, packets=film.packets[101:]), 13.05)
    second = box.open(13, "dong-nguoi")
    box.close(13)
    box.close(13, "dong-nguoi")
    box.film(replace(film, packets=film.packets[131:]), 40)
    box.keep()
    one, other = box.clip_of(first), box.clip_of(second)
    assert (one.clip_began_at, other.clip_began_at) == (at(6), at(8))
    assert one.clip != other.clip
    assert len(box.outbox.uploads()) == 2


def test_a_camera_that_dies_leaves_what_there_is(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 11)
    opened = box.open(10)
    box.film(replace(film, packets=film.packets[111:]), 13)
    box.pass_time(30)
    assert seen_in(box.path_of(box.clip_of(opened).clip)).seconds == pytest.approx(7.1, abs=0.2)


def test_a_camera_that_sends_nothing_has_no_clip_and_the_log_says_so(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    opened = box.open(10)
    box.pass_time(60)
    assert [told.clip for told in box.told() if told.id == opened] == [None]
    assert f"no clip of event {opened}" in caplog.text


def test_of_a_camera_that_changes_its_size_the_longer_part_is_kept(box: Box) -> None:
    small, large = painted("libx264", 320, 240, 80), painted("libx264", 640, 480, 60)
    box.film(small.starting(at(0)), 7.95)
    opened = box.open(6)
    box.film(large.starting(at(8)))
    box.close(13)
    box.pass_time(30)
    seen = seen_in(box.path_of(box.clip_of(opened).clip))
    assert (seen.width, seen.height) == (320, 240)
    assert seen.seconds == pytest.approx(6, abs=0.3)


def test_h265_is_cut_as_it_comes(box: Box) -> None:
    film = painted("libx265", 320, 240, 200)
    box.film(film.starting(NOON), 10.05)
    opened = box.open(10)
    box.close(11)
    box.film(film.starting(at(10.1)))
    box.pass_time(60)
    seen = seen_in(box.path_of(box.clip_of(opened).clip))
    assert (seen.codec, seen.tag) == ("hevc", "hvc1")


def blackened(picture: Pixels) -> Pixels:
    cv2.rectangle(picture, (0, 0), (400, 300), (0, 0, 0), -1)
    return picture


def test_of_a_camera_with_masks_nothing_leaves_unmasked(tmp_path: Path) -> None:
    box = Box(tmp_path, Redactor({CAMERA: blackened}))
    film = street().starting(NOON)
    box.film(film, 10.05)
    opened = box.open(10)
    box.close(11)
    box.film(replace(film, packets=film.packets[101:]), 30)
    box.keep()
    path = box.path_of(box.clip_of(opened).clip)
    seen = seen_in(path)
    assert (seen.width, seen.height, seen.tag) == (768, 576, "avc1")
    assert seen.seconds == pytest.approx(10.1, abs=0.3)
    reader = cv2.VideoCapture(str(path))
    for _ in range(len(seen.times)):
        read, picture = reader.read()
        assert read
        assert picture[10:280, 10:380].mean() < 8
        assert picture[320:, 420:].mean() > 30
    reader.release()
    assert list(box.media.drafts.iterdir()) == []
    box.outbox.close()


def test_a_box_that_stops_keeps_the_clip_of_an_event_that_is_open(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film, 12)
    opened = box.open(10)
    box.clips.tick()
    stop = threading.Event()
    stop.set()
    box.clips.run(stop)
    told = box.clip_of(opened)
    assert told.phase is Phase.UPDATE
    assert seen_in(box.path_of(told.clip)).seconds == pytest.approx(6, abs=0.3)


def test_when_the_store_is_too_small_the_event_stays_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box = Box(tmp_path, max_bytes=1000)
    box.film(street().starting(NOON), 10.05)
    opened = box.open(10)
    box.close(11)
    box.pass_time(60)
    assert [told.clip for told in box.told()] == [None, None]
    assert f"no clip of event {opened}" in caplog.text
    assert list(box.media.drafts.iterdir()) == []
    box.outbox.close()


def test_a_clip_that_comes_long_after_its_event_was_forgotten_changes_nothing(box: Box) -> None:
    assert box.book.add_clip(new_id(), "a" * 64, NOON, NOON) is None
    assert box.told() == []
    assert box.outbox.uploads() == []
