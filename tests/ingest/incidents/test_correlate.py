from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.incident import Recover, Relapse
from ingest.incidents.commands import Hide, Move, Put
from ingest.incidents.correlate import Book
from storage.correlation import Known, Sighting
from tests.ingest.incidents.worlds import SETTINGS, at, homes, known, opened, run, sighting, silence_of

NEAR = SETTINGS.joins_within_s


@pytest.mark.parametrize(
    ("name", "second", "together"),
    [
        ("the same place and kind at once", {}, True),
        ("another camera of the place", {"camera": "quang-trung-2"}, True),
        ("the same just within reach", {"seconds": NEAR}, True),
        ("the same too late", {"seconds": NEAR + 1}, False),
        ("the same just before", {"seconds": -NEAR}, True),
        ("the same long before", {"seconds": -NEAR - 1}, False),
        ("another kind", {"kind": "crowding"}, False),
        ("another place", {"site": "cho-an-luu"}, False),
        ("a note in the history, once there is an incident", {"severity": "low"}, True),
    ],
)
def test_events_of_one_place_and_kind_gather(name: str, second: dict[str, object], together: bool) -> None:
    changes = dict(second)
    other = sighting(2, changes.pop("seconds", 0), **changes)  # type: ignore[arg-type]
    _, commands = run(sighting(1, closed=True), other)
    assert (len(set(homes(commands).values())) == 1) is together, name
    assert opened(commands) == (1 if together else 2)


def test_what_is_still_going_on_gathers_however_long_it_lasts() -> None:
    _, commands = run(sighting(1), sighting(2, NEAR * 5))
    assert homes(commands) == {1: 1, 2: 1}


def test_the_incident_bears_the_severity_and_kind_of_its_worst() -> None:
    blurred = sighting(1, kind="camera_blurred", severity="medium")
    covered = sighting(2, 5, kind="camera_covered", severity="critical")
    book, commands = run(blurred, covered, sighting(3, 9, kind="camera_frozen", severity="low"))
    (incident,) = book.incidents.values()
    assert (incident.kind, incident.severity) == ("camera_covered", "critical")
    assert set(incident.kinds) == {"camera_blurred", "camera_covered", "camera_frozen"}
    assert [order.raised for order in commands if isinstance(order, Put)] == [False, True, False]


def test_troubles_of_one_camera_gather_and_those_of_another_do_not() -> None:
    _, commands = run(
        sighting(1, kind="camera_covered"),
        sighting(2, 5, kind="camera_moved"),
        sighting(3, 5, kind="camera_moved", camera="quang-trung-2"),
    )
    assert homes(commands) == {1: 1, 2: 1, 3: 2}


def told(number: int, seconds: float = 0, **changes: object) -> Sighting:
    """A device's event."""
    return sighting(number, seconds, **{"camera": None, "site": "cho-an-luu", "device": "khoi-cho-1", **changes})


def test_what_may_be_one_fire_is_one_incident_whatever_tells_of_it() -> None:
    book, commands = run(
        told(1, kind="heat", device="nhiet-cho-1"),
        told(2, 5, kind="smoke", severity="critical"),
        told(3, 9, kind="smoke", severity="critical", device="khoi-cho-2"),
        told(4, 9, kind="gas", site="quang-trung"),
        told(5, 9, kind="door_opened", device="cua-cho"),
    )
    assert homes(commands) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 3}
    fire = book.incidents[UUID(int=1)]
    assert (fire.kind, fire.severity, fire.device, fire.camera) == ("smoke", "critical", "nhiet-cho-1", None)


def test_silences_gather_by_device_and_end_by_themselves() -> None:
    book, commands = run(
        told(1, kind="device_silent", severity="medium", closed=True),
        told(2, 5, kind="device_silent", severity="medium", device="khoi-cho-2"),
        told(3, 9, kind="mains_lost", device="ups-cho", closed=True),
        told(4, 20, kind="device_silent", severity="medium", closed=True),
    )
    assert homes(commands) == {1: 1, 2: 2, 3: 3, 4: 1}
    assert [incident.state for incident in book.incidents.values()] == ["resolved", "new", "resolved"]


def test_devices_that_fall_silent_with_their_box_are_explained_by_it() -> None:
    book = Book({UUID(int=9): silence_of(9)}, {})
    _, commands = run(told(1, 1, kind="gateway_silent"), book=book)
    assert [order.under for order in commands if isinstance(order, Hide)] == [UUID(int=9)]


def test_a_note_in_the_history_opens_nothing_until_it_grows_worse() -> None:
    quiet = sighting(1, severity="low")
    book, commands = run(quiet)
    assert commands == []
    _, commands = run(replace(quiet, revision=1, severity="medium"), book=book)
    assert opened(commands) == 1


def test_a_newer_revision_stays_where_the_event_is_and_is_never_counted_twice() -> None:
    first = sighting(1)
    book, commands = run(first, replace(first, revision=1, closed=True, last_at=at(3600)), sighting(2, 3650))
    assert homes(commands) == {1: 1, 2: 1}
    assert opened(commands) == 1
    (incident,) = book.incidents.values()
    assert incident.open_events == {UUID(int=1002)}


def finished(reason: str, state: str = "resolved", **changes: object) -> Known:
    return known(
        7, key="intrusion/quang-trung", kind="intrusion", kinds=("intrusion",), state=state, reason=reason,
        last_at=at(60), ended_at=at(120), open_events=frozenset(), **changes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "incident", "event", "home", "relapses"),
    [
        ("what comes after an officer was done is new", finished("handled"), sighting(1, 130), 1, False),
        ("what came late from before that is not", finished("handled"), sighting(1, 30, closed=True), 7, False),
        ("unless it is worse", finished("handled"), sighting(1, 30, severity="critical"), 1, False),
        ("nor after a false alarm", finished("animal", "false_alarm"), sighting(1, 130), 1, False),
        ("what ended by itself begins again", finished("recovered"), sighting(1, 130), 7, True),
        ("but not long after", finished("recovered"), sighting(1, 60 + NEAR + 1), 1, False),
        ("and not for what is over already", finished("recovered"), sighting(1, 90, closed=True), 7, False),
    ],
)
def test_what_is_finished_stays_so(name: str, incident: Known, event: Sighting, home: int, relapses: bool) -> None:
    _, commands = run(event, book=Book({incident.id: incident}, {}))
    assert homes(commands) == {1: home}, name
    assert (Move(incident.id, Relapse()) in commands) is relapses


def test_an_event_that_grows_worse_opens_a_resolved_incident_again_but_not_a_false_alarm() -> None:
    worse = sighting(1, severity="critical", revision=3)
    for incident, relapses in ((finished("handled"), True), (finished("animal", "false_alarm"), False)):
        _, commands = run(worse, book=Book({incident.id: incident}, {worse.id: incident.id}))
        assert (Move(incident.id, Relapse()) in commands) is relapses
        assert homes(commands) == {1: 7}


def test_a_camera_that_comes_back_needs_nobody_and_a_covered_one_does() -> None:
    for kind, ends in (("camera_stalled", True), ("camera_covered", False), ("intrusion", False)):
        event = sighting(1, kind=kind)
        book, _ = run(event)
        book, commands = run(replace(event, revision=1, closed=True, last_at=at(9)), book=book)
        assert (Move(UUID(int=1), Recover()) in commands) is ends, kind


def test_a_camera_that_flaps_is_one_incident() -> None:
    events = []
    for number in range(6):
        stalled = sighting(number, number * 30, kind="camera_stalled")
        events += [stalled, replace(stalled, revision=1, closed=True, last_at=at(number * 30 + 5))]
    _, commands = run(*events)
    assert opened(commands) == 1
    assert commands.count(Move(UUID(int=1), Relapse())) == 5


@pytest.mark.parametrize(
    ("kind", "box", "opened_after_s", "hidden"),
    [
        ("camera_stalled", "an-luu-1", 1, True),
        ("camera_frozen", "an-luu-1", -SETTINGS.symptom_lead_s, True),
        ("camera_stalled", "an-luu-1", -SETTINGS.symptom_lead_s - 1, False),
        ("camera_covered", "an-luu-1", 1, False),
        ("intrusion", "an-luu-1", 1, False),
        ("camera_stalled", "an-luu-2", 1, False),
    ],
)
def test_a_silent_box_explains_what_its_cameras_suffer(
    kind: str, box: str, opened_after_s: float, hidden: bool
) -> None:
    silent = silence_of(9)
    _, commands = run(sighting(1, opened_after_s, kind=kind, box=box), book=Book({silent.id: silent}, {}))
    assert (Hide(UUID(int=1), silent.id) in commands) is hidden


def test_a_box_that_is_back_explains_nothing() -> None:
    silent = silence_of(9, state="resolved", reason="recovered", ended_at=at(60))
    _, commands = run(sighting(1, 50, kind="camera_stalled"), book=Book({silent.id: silent}, {}))
    assert not [order for order in commands if isinstance(order, Hide)]


events = st.builds(
    sighting,
    st.integers(0, 9),
    st.integers(-2000, 2000),
    kind=st.sampled_from(["intrusion", "camera_stalled", "camera_covered"]),
    severity=st.sampled_from(["low", "medium", "high", "critical"]),
    camera=st.sampled_from(["quang-trung-1", "quang-trung-2"]),
    closed=st.booleans(),
)


@given(st.lists(events, max_size=25))
def test_whatever_comes_every_event_has_one_incident_and_no_incident_is_milder_than_it(listed: list[Sighting]) -> None:
    book, commands = run(*listed)
    seen: dict[UUID, UUID] = {}
    for order in commands:
        if isinstance(order, Put):
            assert seen.setdefault(order.event.id, order.incident.id) == order.incident.id
    worst = {"low": 0, "medium": 1, "high": 2, "critical": 3}
    for order in commands:
        if isinstance(order, Put):
            assert worst[book.incidents[order.incident.id].severity] >= worst[order.event.severity]
