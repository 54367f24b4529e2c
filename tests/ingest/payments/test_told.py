"""How what is told follows the evidence: nothing of seconds, times of the data, one cause for each span."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.payments.evidence import ALIVE, SILENT, UNKNOWN, State
from ingest.payments.settings import PayabilitySettings
from ingest.payments.told import Begin, End, Span, Told, Verdict, Widen, follow, patience
from tests.ingest.payments.streets import SETTINGS, SITE, Street, stall, ward
from tests.support.samples import NOON

OUT, GOOD, BLIND, CLOSED = State.NOT_PAYABLE, State.PAYABLE, State.UNKNOWN, State.CLOSED
MINUTE = timedelta(minutes=1)


def out(cause: str = "stall", place: str = "q1", *, sure: bool = False) -> Verdict:
    return Verdict(OUT, NOON, cause, place, sure)


@pytest.mark.parametrize(
    ("verdict", "seconds"),
    [
        (out("device"), SETTINGS.alone_after_s),
        (out("stall"), SETTINGS.alone_after_s),
        (out("power", SITE), SETTINGS.crowd_after_s),
        (out("power", SITE, sure=True), SETTINGS.told_after_s),
        (out("uplink", "an-luu-1"), SETTINGS.crowd_after_s),
        (out("bank", "970436"), SETTINGS.bank_after_s),
        (out("bank", "970436", sure=True), 0),
        (out("code", sure=True), 0),
        (Verdict(GOOD, NOON), SETTINGS.back_after_s),
    ],
)
def test_each_change_must_last_as_long_as_its_cause_asks(verdict: Verdict, seconds: float) -> None:
    assert patience(verdict, SETTINGS) == timedelta(seconds=seconds)


def test_an_outage_is_told_when_it_lasted_and_begins_when_it_began() -> None:
    told = Told(GOOD, NOON - MINUTE)
    for passed in range(0, 120, 10):
        at = NOON + timedelta(seconds=passed)
        verdict = Verdict(OUT, at, "stall", "q1")
        told, changes = follow("q1", told, verdict, Span(at - timedelta(seconds=10), at), SETTINGS)
        assert (told.state, changes) == (GOOD, [])
    at = NOON + timedelta(seconds=120)
    told, changes = follow("q1", told, Verdict(OUT, at, "stall", "q1"), Span(at, at), SETTINGS)
    assert changes == [Begin("q1", "stall", "q1", NOON)]
    assert (told.state, told.since) == (OUT, NOON)


def test_a_flap_of_seconds_opens_nothing_and_ends_nothing() -> None:
    street = Street()
    on, off = ward(stall("q1")), ward(stall("q1", SILENT, SILENT))
    street.looks(on, NOON, 60)
    for number in range(10):
        at = NOON + timedelta(minutes=2 + 2 * number)
        street.looks(off, at, 50)
        street.looks(on, at + MINUTE, 50)
    assert (street.spans, street.incidents) == ([], {})
    street.looks(off, NOON + timedelta(hours=1), 130)
    assert street.lasting() == [("q1", "stall", "q1")]
    street.looks(on, NOON + timedelta(hours=1, minutes=3), 20)
    street.looks(off, NOON + timedelta(hours=1, minutes=4), 60)
    assert len(street.spans) == 1, "a sign of life of seconds is none"


def test_an_outage_that_nobody_hears_of_any_more_ends_where_it_was_last_heard() -> None:
    told = Told(OUT, NOON, "power", SITE)
    heard = NOON + timedelta(minutes=5)
    now = NOON + timedelta(minutes=9)
    after, changes = follow("q1", told, Verdict(BLIND, heard, "box"), Span(now - MINUTE, now), SETTINGS)
    assert changes == [End("q1", heard)]
    assert (after.state, after.cause) == (BLIND, "box")


def test_closing_time_ends_an_outage_and_the_morning_begins_another() -> None:
    told, changes = follow("q1", Told(OUT, NOON, "stall", "q1"), Verdict(CLOSED, NOON), Span(NOON, NOON), SETTINGS)
    assert changes == [End("q1", NOON)]
    morning = NOON + timedelta(hours=18)
    told, changes = follow("q1", told, Verdict(OUT, morning, "stall", "q1"), Span(morning, morning), SETTINGS)
    assert changes == []
    later = morning + timedelta(minutes=3)
    told, changes = follow("q1", told, Verdict(OUT, later, "stall", "q1"), Span(morning, later), SETTINGS)
    assert changes == [Begin("q1", "stall", "q1", morning)]


def test_a_wider_cause_found_soon_after_takes_the_place_of_the_first() -> None:
    told = Told(OUT, NOON, "device", "q1")
    span = Span(NOON + MINUTE, NOON + 2 * MINUTE)
    for verdict in (out("stall", SITE), out("uplink", SITE), out("power", SITE), out("device", SITE)):
        after, changes = follow("q1", told, verdict, span, SETTINGS)
        assert changes == [Widen("q1", str(verdict.cause), SITE)]
        assert (after.since, after.cause) == (NOON, verdict.cause)


def test_what_was_out_long_before_keeps_its_own_cause() -> None:
    told = Told(OUT, NOON - timedelta(days=2), "device", "q1")
    after, changes = follow("q1", told, out("power", SITE, sure=True), Span(NOON - MINUTE, NOON), SETTINGS)
    assert (after, changes) == (told, [])


def test_a_narrower_cause_must_last_and_makes_a_span_of_its_own() -> None:
    told = Told(OUT, NOON - timedelta(hours=1), "power", SITE)
    told, changes = follow("q1", told, out(), Span(NOON, NOON), SETTINGS)
    assert (changes, told.cause) == ([], "power")
    at = NOON + 3 * MINUTE
    told, changes = follow("q1", told, Verdict(OUT, at, "stall", "q1"), Span(NOON, at), SETTINGS)
    assert changes == [End("q1", NOON), Begin("q1", "stall", "q1", NOON)]


def test_a_time_from_before_the_last_look_or_after_this_one_is_not_believed() -> None:
    span = Span(NOON, NOON + MINUTE)
    assert span.within(NOON - MINUTE) == NOON
    assert span.within(NOON + 9 * MINUTE) == NOON + MINUTE
    assert Span(None, NOON).within(NOON - MINUTE) == NOON - MINUTE


def test_a_dead_gateway_makes_unknown_what_it_carries_and_no_outage() -> None:
    street = Street()
    street.looks(ward(stall("q1"), stall("q2", ALIVE, None)), NOON, 60)
    street.looks(ward(stall("q1", UNKNOWN, UNKNOWN), stall("q2", UNKNOWN, None)), NOON + 2 * MINUTE, 600)
    assert {told.cause for told in street.told.values()} == {"gateway"}
    assert (street.spans, street.incidents) == ([], {})


def test_settings_can_tell_at_once() -> None:
    at_once = PayabilitySettings(alone_after_s=0)
    _, changes = follow("q1", Told(GOOD, NOON), out(), Span(NOON, NOON), at_once)
    assert changes == [Begin("q1", "stall", "q1", NOON)]
