from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.event import Event, Phase, Severity
from contracts.model import ModelCard
from edge.centre.outbox import Outbox
from edge.config import IntrusionSettings, OccupancySettings
from edge.events import MAX_TRACKS, EventBook, Moment, Place
from edge.rules.command import Close, Open, Update
from edge.rules.presence import Sighting
from tests.edge.rules.frames import frame
from tests.support.samples import NOON

RULE = IntrusionSettings(id="ngoai-gio", kind="intrusion", zone="via-he", severity=Severity.CRITICAL)
OTHER = OccupancySettings(id="dong-nguoi", kind="occupancy", zone="via-he", threshold=5)
PLACE = Place("quang-trung", "quang-trung-1", "ssdlite-mobilenet-person")
PICTURES = ["a" * 64, "b" * 64]


def moment(seconds: float, snapshot: str | None = None) -> Moment:
    seen = NOON + timedelta(seconds=seconds)
    return Moment(seen, seen + timedelta(milliseconds=80), snapshot)


def seen(names: str) -> tuple[Sighting, ...]:
    return frame(0, names).inside


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    yield outbox
    outbox.close()


def test_an_event_keeps_its_id_from_open_to_close_and_every_change_is_a_revision(outbox: Outbox) -> None:
    book = EventBook(outbox)
    opened = book.carry_out(RULE, PLACE, Open(1, seen("a"), {"seconds_in_zone": 2.0}), moment(0, PICTURES[0]))
    updated = book.carry_out(RULE, PLACE, Update(3, seen("abc"), {"seconds_in_zone": 4.0}), moment(2, PICTURES[1]))
    closed = book.carry_out(RULE, PLACE, Close("cleared"), moment(9))
    revisions = [opened, updated, closed]
    assert {event.id for event in revisions} == {opened.id}
    assert {event.opened_at for event in revisions} == {NOON}
    assert [(event.revision, event.phase, event.count, event.peak_count) for event in revisions] == [
        (0, Phase.OPEN, 1, 1),
        (1, Phase.UPDATE, 3, 3),
        (2, Phase.CLOSE, 0, 3),
    ]
    assert [event.snapshot for event in revisions] == [PICTURES[0], PICTURES[1], PICTURES[1]]
    assert (closed.closed_at, closed.close_reason) == (NOON + timedelta(seconds=9), "cleared")
    assert (opened.kind, opened.severity, opened.zone, opened.rule) == ("intrusion", "critical", "via-he", "ngoai-gio")


def test_the_networks_card_travels_with_every_revision(outbox: Outbox) -> None:
    card = ModelCard(name=PLACE.model, digest="c" * 64, licence="MIT", source="a package 0.2", classes=("person",))
    book, place = EventBook(outbox), replace(PLACE, card=card)
    opened = book.carry_out(RULE, place, Open(1, seen("a"), {}), moment(0))
    closed = book.carry_out(RULE, place, Close("cleared"), moment(9))
    assert (opened.card, closed.card) == (card, card)


def test_every_revision_is_a_record_that_says_what_the_book_says(outbox: Outbox) -> None:
    book = EventBook(outbox)
    said = [
        book.carry_out(RULE, PLACE, Open(1, seen("a"), {}), moment(0, PICTURES[0])),
        book.carry_out(RULE, PLACE, Close("schedule"), moment(9)),
    ]
    for event, record in zip(said, outbox.waiting(10), strict=True):
        assert event.model_dump_json(exclude_none=True) in record.body
        Event.model_validate(event.model_dump())


def test_only_the_first_tracks_are_listed_and_all_are_counted(outbox: Outbox) -> None:
    names = "".join(chr(ord("A") + index) for index in range(MAX_TRACKS + 5))
    event = EventBook(outbox).carry_out(OTHER, PLACE, Open(len(names), seen(names), {}), moment(0))
    assert (len(event.tracks), event.count) == (MAX_TRACKS, MAX_TRACKS + 5)


def test_an_event_whose_people_are_hidden_for_a_moment_has_no_tracks_and_is_valid(outbox: Outbox) -> None:
    event = EventBook(outbox).carry_out(OTHER, PLACE, Open(5, (), {}), moment(0))
    assert (event.tracks, event.confidence) == ((), 0.0)


def test_two_rules_of_one_camera_have_events_of_their_own(outbox: Outbox) -> None:
    book = EventBook(outbox)
    first = book.carry_out(RULE, PLACE, Open(1, seen("a"), {}), moment(0))
    second = book.carry_out(OTHER, PLACE, Open(5, seen("a"), {}), moment(0))
    assert book.carry_out(RULE, PLACE, Close("cleared"), moment(5)).id == first.id
    assert book.carry_out(OTHER, PLACE, Close("cleared"), moment(5)).id == second.id


def test_after_its_close_the_next_is_a_new_event(outbox: Outbox) -> None:
    book = EventBook(outbox)
    first = book.carry_out(RULE, PLACE, Open(1, seen("a"), {}), moment(0))
    book.carry_out(RULE, PLACE, Close("cleared"), moment(5))
    assert book.carry_out(RULE, PLACE, Open(1, seen("a"), {}), moment(9)).id != first.id


def test_revising_what_is_not_open_is_a_bug_of_the_caller(outbox: Outbox) -> None:
    with pytest.raises(KeyError):
        EventBook(outbox).carry_out(RULE, PLACE, Close("cleared"), moment(5))


def test_what_was_open_when_the_box_stopped_is_closed_as_restarted_once(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "outbox.db", max_records=1000)
    book = EventBook(before)
    left_open = book.carry_out(RULE, PLACE, Open(2, seen("ab"), {}), moment(0, PICTURES[0]))
    ended = book.carry_out(OTHER, PLACE, Open(5, seen("ab"), {}), moment(0))
    book.carry_out(OTHER, PLACE, Close("cleared"), moment(1))
    before.close()

    after = Outbox(tmp_path / "outbox.db", max_records=1000)
    assert EventBook(after).close_left_open(NOON + timedelta(hours=1)) == 1
    assert EventBook(after).close_left_open(NOON + timedelta(hours=2)) == 0
    *_, last = after.waiting(10)
    after.close()
    assert f'"id":"{left_open.id}","revision":1,"phase":"close"' in last.body
    assert '"close_reason":"restarted"' in last.body
    assert '"closed_at":"2026-02-10T06:00:00.000Z"' in last.body
    assert str(ended.id) not in last.body
