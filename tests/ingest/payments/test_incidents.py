"""One incident for a cause and its place, whatever happens: by examples, and by any days that hypothesis thinks of."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.incident import IncidentState
from ingest.payments.evidence import ALIVE, SILENT, UNKNOWN, Point, State, Ward
from storage.correlation import Known
from tests.ingest.payments.streets import BOX, SITE, Street, place_of, stall, ward
from tests.support.samples import NOON

MINUTE = timedelta(minutes=1)
FORTY = [f"q{n:02}" for n in range(40)]


def known(number: int, kind: str, **changes: object) -> Known:
    incident = Known(
        id=UUID(int=1000 + number), key=f"{kind}/x", kind=kind, kinds=(kind,), severity="medium",
        state=IncidentState.NEW.value, reason=None, site=SITE, box=None, camera=None, opened_at=NOON, last_at=NOON,
        ended_at=None, cause=None, under=None, open_events=frozenset({UUID(int=number)}),
    )  # fmt: skip
    return replace(incident, **changes)  # type: ignore[arg-type]


def market(value: float, mains: float | None = None) -> Ward:
    return ward(*(stall(name, value, value) for name in FORTY), mains=mains)


def test_a_market_without_power_is_one_incident_that_ends_with_it() -> None:
    street = Street()
    street.looks(market(ALIVE), NOON, 60)
    street.looks(market(SILENT), NOON + 2 * MINUTE, 300)
    (incident,) = street.open_incidents()
    assert (incident.kind, incident.site, incident.severity) == ("payment_outage_power", SITE, "high")
    assert incident.opened_at == NOON + 2 * MINUTE
    assert {(cause, place) for _, cause, place in street.lasting()} == {("power", SITE)}
    assert len(street.lasting()) == 40
    street.looks(market(ALIVE), NOON + 10 * MINUTE, 60)
    assert (street.lasting(), street.open_incidents()) == ([], [])
    assert {span[4] for span in street.spans} == {NOON + 10 * MINUTE}
    assert len(street.incidents) == 1


def test_plugs_that_are_found_silent_one_after_the_other_still_are_one_incident() -> None:
    """Each is missed after three of its periods, so they go within minutes; some may be told before the others."""
    street = Street()
    street.looks(market(ALIVE), NOON, 60)
    start = NOON + 2 * MINUTE
    for passed in range(0, 480, 10):
        gone = min(40, passed // 8)
        points = [stall(name, None, SILENT if n < gone else ALIVE) for n, name in enumerate(FORTY)]
        street.looks(ward(*points), start + timedelta(seconds=passed), 0)
        assert len(street.open_incidents()) <= 1, passed
    (incident,) = street.open_incidents()
    assert incident.kind == "payment_outage_power"


def test_a_dead_soundbox_is_one_incident_of_its_stall() -> None:
    street = Street()
    street.looks(ward(stall("q1", SILENT), stall("q2")), NOON, 200)
    (incident,) = street.open_incidents()
    assert (incident.kind, incident.key, incident.severity) == (
        "payment_outage_device",
        "payment/device/q1",
        "medium",
    )


def test_what_begins_again_soon_is_the_same_incident_and_later_another() -> None:
    street = Street()
    street.looks(market(SILENT), NOON, 120)
    street.looks(market(ALIVE), NOON + 5 * MINUTE, 60)
    street.looks(market(SILENT), NOON + 10 * MINUTE, 120)
    assert len(street.incidents) == 1
    assert len(street.open_incidents()) == 1
    street.looks(market(ALIVE), NOON + 20 * MINUTE, 60)
    street.looks(market(SILENT), NOON + 60 * MINUTE, 120)
    assert len(street.incidents) == 2


def test_what_an_officer_finished_stays_finished_while_it_lasts() -> None:
    street = Street()
    street.looks(market(SILENT), NOON, 120)
    (incident,) = street.open_incidents()
    done = {"state": "resolved", "reason": "handled", "ended_at": NOON + 3 * MINUTE}
    street.incidents[incident.id] = replace(incident, **done)  # type: ignore[arg-type]
    street.looks(market(SILENT), NOON + 4 * MINUTE, 1800, 60)
    assert street.open_incidents() == []
    street.looks(market(ALIVE), NOON + 40 * MINUTE, 60)
    street.looks(market(SILENT), NOON + 42 * MINUTE, 120)
    assert len(street.open_incidents()) == 1, "a new outage is new work"


def test_a_soundbox_told_alone_before_its_street_lost_power_goes_under_that() -> None:
    street = Street()
    street.looks(ward(stall("q1", SILENT, SILENT), stall("q2"), stall("q3"), stall("q4")), NOON, 120)
    (alone,) = street.open_incidents()
    assert alone.kind == "payment_outage_stall"
    points = [stall(name, SILENT, SILENT) for name in ("q1", "q2", "q3", "q4")]
    street.looks(ward(*points), NOON + 130 * timedelta(seconds=1), 90)
    (power,) = street.open_incidents()
    assert power.kind == "payment_outage_power"
    assert street.incidents[alone.id].under == power.id
    assert {cause for _, cause, _ in street.lasting()} == {"power"}
    street.looks(ward(*(stall(name) for name in ("q1", "q2", "q3", "q4"))), NOON + 10 * MINUTE, 60)
    assert [one for one in street.incidents.values() if one.ended_at is None] == []


def test_a_dead_box_hides_its_outage_and_shows_it_again_when_it_lasts() -> None:
    street = Street()
    street.looks(market(SILENT), NOON, 120)
    (power,) = street.open_incidents()
    silent = known(1, "box_silent", box=BOX, open_events=frozenset())
    street.incidents[silent.id] = silent
    dead = market(SILENT)
    for minute in range(3, 9):
        street.look(dead, NOON + minute * MINUTE)  # nothing new is measured
    assert {told.state for told in street.told.values()} == {State.UNKNOWN}
    assert street.incidents[power.id].under == silent.id
    assert street.lasting() == []
    street.incidents[silent.id] = replace(silent, state="resolved", ended_at=NOON + 9 * MINUTE, reason="recovered")
    street.looks(market(SILENT), NOON + 10 * MINUTE, 120)
    assert [one.id for one in street.open_incidents()] == [power.id]
    street.looks(market(ALIVE), NOON + 15 * MINUTE, 60)
    assert street.open_incidents() == []


def test_a_box_that_comes_back_to_a_street_that_works_ends_the_outage() -> None:
    street = Street()
    street.looks(market(SILENT), NOON, 120)
    for minute in range(3, 9):
        street.look(market(SILENT), NOON + minute * MINUTE)
    assert len(street.open_incidents()) == 1, "nobody knows whether it is over"
    street.looks(market(ALIVE), NOON + 10 * MINUTE, 60)
    assert street.open_incidents() == []


def test_silent_devices_of_an_outage_and_the_sensor_of_its_mains_go_under_it() -> None:
    street = Street()
    device = known(1, "device_silent", device="q01-o-cam")
    smoke = known(2, "device_silent", device="bao-khoi-1")
    mains = known(3, "mains_lost", device="ups-1")
    elsewhere = known(4, "mains_lost", device="ups-2", site="quang-trung")
    street.incidents = {one.id: one for one in (device, smoke, mains, elsewhere)}
    street.looks(market(SILENT, mains=0), NOON, 120)
    (power,) = [one for one in street.open_incidents() if one.kind.startswith("payment")]
    assert [street.incidents[one.id].under for one in (device, smoke, mains, elsewhere)] == [
        power.id,
        None,  # a smoke detector that is silent is another matter
        power.id,
        None,
    ]
    street.looks(market(ALIVE, mains=1), NOON + 5 * MINUTE, 60)
    assert street.incidents[device.id].under is None
    assert street.incidents[device.id].ended_at is None, "it is still open: its own event ends it"


def test_a_bank_that_is_down_is_one_incident_of_the_ward() -> None:
    street = Street()
    points = [replace(stall(name), banks=frozenset({"970436"})) for name in ("q1", "q2")]
    street.look(ward(*points, notices={"970436": NOON}), NOON)
    (incident,) = street.open_incidents()
    assert (incident.kind, incident.key) == ("payment_outage_bank", "payment/bank/970436")
    street.looks(ward(*points), NOON + MINUTE, 60)
    assert street.open_incidents() == []


def test_a_wrong_code_is_an_outage_and_no_incident_of_its_own() -> None:
    street = Street()
    point = replace(stall("q1"), alarms=frozenset({"payment_code_covered"}), alarmed_at=NOON)
    street.looks(ward(point), NOON, 60)
    assert street.lasting() == [("q1", "code", "q1")]
    assert street.incidents == {}


VALUE = st.sampled_from([ALIVE, UNKNOWN, SILENT, None])
MOMENT = st.tuples(
    st.lists(st.tuples(VALUE, VALUE), min_size=6, max_size=6),
    st.sampled_from([0, 1, None]),
    st.sampled_from([0, 1, None]),
    st.integers(10, 200),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MOMENT, min_size=2, max_size=8))
def test_whatever_happens_every_outage_has_one_cause_and_one_incident(
    moments: list[tuple[list[tuple[float | None, float | None]], float | None, float | None, int]],
) -> None:
    street, at = Street(), NOON
    for said, mains, internet, seconds in moments:
        points: list[Point] = [stall(f"q{n}", *values) for n, values in enumerate(said)]
        found = ward(*points, mains=mains, internet=internet)
        street.looks(found, at, seconds)
        at += timedelta(seconds=seconds + 10)
        unfinished = [one for one in street.incidents.values() if one.ended_at is None]
        assert len({one.key for one in unfinished}) == len(unfinished), "one incident for a cause and its place"
        out = {point for point, told in street.told.items() if told.state is State.NOT_PAYABLE}
        assert out == {point for point, _, _ in street.lasting()}, "out is who has an outage, unknown has none"
        keys = {f"payment/{cause}/{place}" for _, cause, place in street.lasting()}
        assert keys <= {one.key for one in unfinished}
        for one in unfinished:
            waits = all(street.told[p.id].state is State.UNKNOWN for p in points if place_of(p, found).site == SITE)
            single = one.key.rpartition("/")[2] in street.told
            assert one.key in keys or one.under is not None or waits or single
    for point in street.told:
        own = sorted((began, ended) for name, _, _, began, ended in street.spans if name == point)
        for (_, ended), (began, _) in itertools.pairwise(own):
            assert ended is not None
            assert ended <= began, "spans of a point never overlap"


@settings(max_examples=40, deadline=None)
@given(
    delays=st.lists(st.integers(0, 170), min_size=12, max_size=40),
    kinds=st.sampled_from(["plug", "both"]),
    mains=st.sampled_from([None, 1, 0]),
)
def test_stalls_that_lose_power_together_are_never_more_than_one_card(
    delays: list[int], kinds: str, mains: float | None
) -> None:
    street = Street()
    names = [f"q{n:02}" for n in range(len(delays))]
    for passed in range(0, 420, 10):
        points = []
        for name, delay in zip(names, delays, strict=True):
            value = SILENT if passed >= delay else ALIVE
            points.append(stall(name, value if kinds == "both" else None, value))
        street.looks(ward(*points, mains=mains), NOON + timedelta(seconds=passed), 0)
        assert len(street.open_incidents()) <= 1
    (incident,) = street.open_incidents()
    assert incident.kind == ("payment_outage_uplink" if mains == 1 else "payment_outage_power")
    assert len(street.lasting()) == len(delays)
    assert {place for _, _, place in street.lasting()} == {SITE}
