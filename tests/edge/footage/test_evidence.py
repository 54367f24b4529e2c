from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest

from contracts.event import Event, EventRecord, Phase, Severity
from contracts.ids import new_id
from edge.centre.outbox import MediaKind, Outbox
from edge.config import IntrusionSettings
from edge.detect import Picture
from edge.events import EventBook, Place
from edge.footage.evidence import THUMBNAIL_WIDTH, Candidate, Evidence, thumbnail_crop
from edge.footage.media import MediaStore
from edge.footage.snapshot import MOST_BETTER
from edge.geometry import Rect
from edge.rules.command import Close, Open, Update
from edge.rules.presence import Sighting
from tests.support.samples import NOON

CAMERA = "quang-trung-1"
RULE = IntrusionSettings(id="ngoai-gio", kind="intrusion", zone="via-he", severity=Severity.HIGH)
PLACE = Place("quang-trung", CAMERA, "ssdlite-mobilenet-person")
WIDTH, HEIGHT = 1280, 720
TRACK, OTHER = new_id(), new_id()


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def person(height: float, track: UUID = TRACK, left: float = 0.5) -> Sighting:
    return Sighting(track, "person", (left, 0.1, left + height / 3, 0.1 + height), 0.9)


def picture(*people: Sighting) -> Picture:
    """Grey, with a chequered figure where somebody is."""
    canvas = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    for one in people:
        x1, y1, x2, y2 = one.box
        left, top, right, bottom = int(x1 * WIDTH), int(y1 * HEIGHT), int(x2 * WIDTH), int(y2 * HEIGHT)
        rows, columns = np.mgrid[top:bottom, left:right]
        canvas[top:bottom, left:right] = np.where((rows // 8 + columns // 8) % 2, 230, 20)[:, :, None]
    return canvas


class Scene:
    """An event of one camera, and the frames that the test shows."""

    def __init__(self, folder: Path, max_bytes: int = 50_000_000) -> None:
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=max_bytes)
        self.book = EventBook(self.outbox)
        self.evidence = Evidence(self.media, self.book, None)

    def say(self, command: Open | Update | Close, seconds: float, people: Sequence[Sighting] = ()) -> Event:
        frame = Candidate(picture(*people), at(seconds), tuple(people))
        moment = self.evidence.moment(frame, RULE.severity)
        event = self.book.carry_out(RULE, PLACE, command, moment)
        self.evidence.hear(event, frame)
        return event

    def open(self, *people: Sighting) -> Event:
        return self.say(Open(len(people), people, {}), 0, people)

    def show(self, seconds: float, *people: Sighting, camera: str = CAMERA) -> None:
        self.evidence.look(camera, Candidate(picture(*people), at(seconds), people))

    def told(self) -> list[Event]:
        return [EventRecord.model_validate_json(record.body).event for record in self.outbox.waiting(100)]

    def image(self, digest: str | None) -> Picture:
        assert digest
        path = self.media.find(digest)
        assert path
        read = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert read is not None
        return read.astype(np.uint8)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.outbox.close()


def test_the_first_picture_and_its_thumbnail_come_with_the_opening(scene: Scene) -> None:
    opened = scene.open(person(0.2))
    assert opened.phase is Phase.OPEN
    assert scene.image(opened.snapshot).shape == (HEIGHT, WIDTH, 3)
    small = scene.image(opened.thumbnail)
    assert small.shape[1] == THUMBNAIL_WIDTH
    assert small.std() > 2 * scene.image(opened.snapshot).std()  # the figure fills more of it
    kinds = [(upload.digest, upload.kind) for upload in scene.outbox.uploads()]
    assert kinds == [(opened.thumbnail, MediaKind.THUMBNAIL), (opened.snapshot, MediaKind.SNAPSHOT)]


def test_a_better_picture_is_a_revision_with_the_tracks_seen_in_it(scene: Scene) -> None:
    opened = scene.open(person(0.1))
    scene.show(1, person(0.2))
    scene.show(1.5, person(0.45, left=0.3))
    assert len(scene.told()) == 1
    scene.show(2.5, person(0.2))
    _, better = scene.told()
    assert (better.id, better.revision, better.phase) == (opened.id, 1, Phase.UPDATE)
    assert (better.captured_at, better.count, better.peak_count) == (at(1.5), 1, 1)
    assert better.tracks[0].box.x1 == 0.3
    assert better.snapshot != opened.snapshot
    assert len(scene.outbox.uploads()) == 4


def test_what_is_not_clearly_better_is_no_revision(scene: Scene) -> None:
    scene.open(person(0.4))
    for second in range(1, 20):
        scene.show(second, person(0.41))
    assert len(scene.told()) == 1


def test_others_and_other_cameras_are_not_this_events_business(scene: Scene) -> None:
    scene.open(person(0.1))
    for second in range(1, 6):
        scene.show(second, person(0.5, OTHER))
        scene.show(second, person(0.5), camera="cho-an-luu-1")
    assert len(scene.told()) == 1


def test_of_several_people_no_picture_is_better_that_shows_fewer(scene: Scene) -> None:
    scene.open(person(0.1), person(0.12, OTHER, left=0.2))
    scene.show(3, person(0.5))
    scene.show(6, person(0.1))
    assert len(scene.told()) == 1
    scene.show(7, person(0.4), person(0.3, OTHER, left=0.2))
    scene.show(9, person(0.1))
    assert [len(event.tracks) for event in scene.told()] == [2, 2]


def test_somebody_who_walks_up_to_the_camera_makes_only_a_few_revisions(scene: Scene) -> None:
    scene.open(person(0.02))
    for step in range(200):
        scene.show(step / 5, person(min(0.8, 0.02 * 1.05**step)))
    assert len(scene.told()) == 1 + MOST_BETTER


def test_the_best_picture_is_not_lost_when_the_event_closes_soon(scene: Scene) -> None:
    scene.open(person(0.1))
    scene.show(0.4, person(0.4))
    scene.say(Close("cleared"), 0.6)
    scene.show(0.8)
    opened, closed, better = scene.told()
    assert (closed.phase, better.phase) == (Phase.CLOSE, Phase.CLOSE)
    assert (better.revision, better.closed_at, better.captured_at) == (2, closed.closed_at, at(0.4))
    assert better.snapshot not in (None, opened.snapshot)


def test_an_event_that_is_over_at_once_is_still_looked_for_a_while_and_then_forgotten(scene: Scene) -> None:
    scene.open(person(0.1))
    scene.say(Close("cleared"), 0)
    scene.show(3, person(0.3))
    scene.show(6, person(0.3))
    scene.show(7, person(0.8))
    assert len(scene.told()) == 3


def test_without_room_for_pictures_the_event_is_told_all_the_same(tmp_path: Path) -> None:
    scene = Scene(tmp_path, max_bytes=100)
    opened = scene.open(person(0.2))
    assert (opened.snapshot, opened.thumbnail, opened.count) == (None, None, 1)
    assert scene.told() == [opened]
    scene.outbox.close()


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [Rect(0.5, 0.5, 0.52, 0.56)],
        [Rect(0, 0, 0.1, 0.3)],
        [Rect(0.9, 0.7, 1, 1)],
        [Rect(0, 0, 1, 1)],
        [Rect(0.1, 0.1, 0.15, 0.3), Rect(0.8, 0.6, 0.9, 0.9)],
        [Rect(0.4, 0, 0.45, 1)],
    ],
)
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (100, 1000), (64, 48)])
def test_a_thumbnail_lies_in_the_picture_and_holds_what_fits(boxes: list[Rect], width: int, height: int) -> None:
    left, top, right, bottom = thumbnail_crop(boxes, width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    if len(boxes) == 1 and boxes[0].x2 - boxes[0].x1 < 0.15 and width > height:
        middle = (boxes[0].x1 + boxes[0].x2) / 2 * width
        assert left <= middle <= right
