"""A lean box: what it says a centre takes whole, and it waits and repeats as a real box does."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from contracts.records import SeqRange
from contracts.status import BoxState, BoxStatus
from contracts.topics import Channel
from contracts.wire import read
from demo.sim.fleet import Fleet
from demo.sim.lean import LeanBox, Outgoing, Settled
from demo.sim.timetable import MOST_AT_ONCE, Timetable
from edge.centre.link import MAX_BATCH_RECORDS, MAX_IN_FLIGHT, RESEND_S, batch_json
from ingest.decode import Status, decode
from storage.records import Commit, KnownBox

SIM = Fleet(boxes=1, cameras=2, devices=3).all()[0]
NOW = datetime(2026, 2, 10, 5, 0, 0, 123_456, tzinfo=UTC)
KNOWN = {SIM.id: KnownBox(SIM.id, SIM.ward, list(SIM.cameras), list(SIM.devices), [SIM.site])}


@pytest.fixture
def box() -> LeanBox:
    return LeanBox(SIM, seed=1)


def taken(box: LeanBox, messages: list[Outgoing]) -> Commit:
    """What a centre makes of these messages."""
    commit = Commit()
    for one in messages:
        payload = batch_json(SIM.id, str(box.epoch), list(one.records))
        decode(box.topic(one.channel), payload, KNOWN, commit)
    return commit


def test_all_that_it_says_is_sound(box: LeanBox) -> None:
    box.measure(0.0, NOW)
    box.sense(SIM.devices[0], 0.0, NOW)
    for _ in range(5):
        box.see(0.0, NOW)
    messages = list(box.outgoing(0.0))
    assert {one.channel for one in messages} == {Channel.TELEMETRY, Channel.EVENTS}
    commit = taken(box, messages)
    assert commit.rejected == []
    assert len(commit.events) + len(commit.samples) == box.made == box.pending
    assert [span for spans in commit.ranges().values() for span in spans] == [SeqRange(first=1, last=box.made)]


def test_its_status_and_its_will_are_of_one_session(box: LeanBox) -> None:
    words = [box.status(NOW), box.status(NOW), box.status(NOW, BoxState.OFFLINE)]
    first, second, will = (read(BoxStatus, word) for word in words)
    assert first.session == second.session == will.session
    assert (first.n, second.n, len(first.cameras)) == (1, 2, 2)
    heard = decode(box.topic(Channel.STATUS), words[0], KNOWN, Commit())
    assert isinstance(heard, Status)
    box.disconnected()
    assert read(BoxStatus, box.status(NOW)).session != first.session


def test_what_is_committed_is_forgotten_and_how_long_it_took_is_told(box: LeanBox) -> None:
    box.sense(SIM.devices[0], 10.0, NOW)
    box.sense(SIM.devices[1], 11.0, NOW)
    settled = box.acknowledged(box.epoch, [SeqRange(first=1, last=4)], 11.5)
    assert settled == [Settled(1.5, 3), Settled(0.5, 1)]
    assert box.pending == 2
    assert box.acknowledged(box.epoch, [SeqRange(first=1, last=4)], 12.0) == [], "a repeat changes nothing"


def test_no_more_than_a_real_box_is_on_its_way(box: LeanBox) -> None:
    for _ in range(2 * MAX_IN_FLIGHT):
        box.measure(0.0, NOW)
        list(box.outgoing(0.0))
    assert list(box.outgoing(0.1)) == []
    assert box.pending > MAX_IN_FLIGHT
    box.acknowledged(box.epoch, [SeqRange(first=1, last=box.made // 2)], 0.2)
    assert all(len(one.records) <= MAX_BATCH_RECORDS for one in box.outgoing(0.2))


def test_what_is_not_acknowledged_goes_again_and_waits_longer_then(box: LeanBox) -> None:
    box.measure(0.0, NOW)
    (first,) = box.outgoing(0.0)
    assert list(box.outgoing(RESEND_S - 0.1)) == []
    (again,) = box.outgoing(RESEND_S + 0.1)
    assert again.records == first.records
    assert (first.again_s, again.again_s) == (RESEND_S, 2 * RESEND_S)
    assert list(box.outgoing(2 * RESEND_S + 0.2)) == []
    box.reconnected()
    assert [one.records for one in box.outgoing(2 * RESEND_S + 0.3)] == [first.records], "a new connection begins again"


def test_a_duty_keeps_its_rhythm_and_many_do_not_keep_others_waiting() -> None:
    times, done = Timetable(), [0]

    def count(_now: float) -> None:
        done[0] += 1

    start = time.monotonic() - 10
    times.at(start, count, every_s=4)
    while times.wait_s(1.0) == 0.0:
        times.do()
    assert done == [3], "at 0, 4 and 8 seconds"
    assert 9_000 < times.behind_ms < 60_000
    for _ in range(2 * MOST_AT_ONCE):
        times.at(start, count)
    times.do()
    assert done == [3 + MOST_AT_ONCE]
