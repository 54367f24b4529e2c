from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from contracts.incident import Cause, Recover, Relapse
from ingest.incidents.commands import Blame, Command, Hide, Move, Open, Show
from ingest.incidents.silence import Ward, look
from storage.correlation import BoxWord, Known, Mains
from tests.ingest.incidents.worlds import SETTINGS, at, ids, known, silence_of, word

NOW = 1000.0
GRACE, SILENT = SETTINGS.box_grace_s, SETTINGS.box_silent_s
DEAD = word("an-luu-1", state="offline", said=NOW - 60, heard=NOW - 60)
WELL = word("an-luu-1", said=NOW - 2, heard=NOW - 2)


def after(
    *boxes: BoxWord, incidents: tuple[Known, ...] = (), mains: tuple[Mains, ...] = (), listening: float | None = 0
) -> list[Command]:
    heard = None if listening is None else at(listening)
    ward = Ward(boxes, {fact.box: fact for fact in mains}, incidents, heard)
    return look(ward, at(NOW), SETTINGS, ids())


def opened(commands: list[Command]) -> list[Known]:
    return [order.incident for order in commands if isinstance(order, Open)]


@pytest.mark.parametrize(
    ("name", "box", "listening", "silent"),
    [
        ("its last will came a while ago", DEAD, None, True),
        ("its last will came just now", word("an-luu-1", state="offline", said=NOW - GRACE + 1), 0, False),
        ("it says it is there and says nothing else", word("an-luu-1", said=NOW - SILENT, heard=NOW - SILENT), 0, True),
        ("it speaks", WELL, 0, False),
        ("its records arrive, its word does not", word("an-luu-1", said=0, heard=NOW - 5), 0, False),
        ("we have just begun to listen", word("an-luu-1", said=0, heard=0), NOW - SILENT + 1, False),
        ("we do not hear the broker", word("an-luu-1", said=0, heard=0), None, False),
        ("it was never heard of", BoxWord("an-luu-1", "quang-trung", "unknown", None, None), 0, False),
    ],
)
def test_a_box_is_silent_when_that_is_sure(name: str, box: BoxWord, listening: float | None, silent: bool) -> None:
    assert bool(opened(after(box, listening=listening))) is silent, name


def test_the_incident_says_which_box_where_and_since_when() -> None:
    (incident,) = opened(after(DEAD))
    assert (incident.kind, incident.box, incident.site, incident.severity) == (
        "box_silent",
        "an-luu-1",
        "quang-trung",
        "high",
    )
    assert incident.opened_at == at(NOW - 60)


def other(number: int = 2, *, state: str = "online", heard: float = NOW - 2, site: str = "quang-trung") -> BoxWord:
    return word(f"an-luu-{number}", site=site, state=state, said=heard, heard=heard)


@pytest.mark.parametrize(
    ("name", "boxes", "mains", "cause"),
    [
        ("nothing is known of a lone box", (DEAD,), (), Cause.UNKNOWN),
        ("power was gone", (DEAD,), (Mains("an-luu-1", at(NOW - 70), False),), Cause.POWER),
        (
            "power was there, and nothing else is known",
            (DEAD,),
            (Mains("an-luu-1", at(NOW - 70), True),),
            Cause.UNKNOWN,
        ),
        ("its word on power is old", (DEAD,), (Mains("an-luu-1", at(NOW - 60 - 1801), False),), Cause.UNKNOWN),
        ("its neighbour is heard", (DEAD, other()), (), Cause.BOX),
        ("its neighbour fell silent too", (DEAD, other(state="offline", heard=NOW - 90)), (), Cause.UPLINK_OR_POWER),
        (
            "its neighbour fell silent too, with power",
            (DEAD, other(state="offline", heard=NOW - 90)),
            (Mains("an-luu-2", at(NOW - 100), True),),
            Cause.UPLINK,
        ),
        (
            "its neighbour fell silent too, without power",
            (DEAD, other(state="offline", heard=NOW - 90)),
            (Mains("an-luu-1", at(NOW - 100), True), Mains("an-luu-2", at(NOW - 91), False)),
            Cause.POWER,
        ),
        ("one of two neighbours is heard", (DEAD, other(state="offline", heard=NOW - 90), other(3)), (), Cause.BOX),
        ("its neighbour has been silent for long", (DEAD, other(state="offline", heard=0)), (), Cause.BOX),
        ("a box elsewhere is heard", (DEAD, other(site="cho-an-luu")), (), Cause.UNKNOWN),
    ],
)
def test_the_cause_is_what_can_be_told(
    name: str, boxes: tuple[BoxWord, ...], mains: tuple[Mains, ...], cause: Cause
) -> None:
    commands = after(*boxes, incidents=(silence_of(9, opened_at=at(NOW - 60)),), mains=mains)
    blamed = [order.cause for order in commands if isinstance(order, Blame) and order.id == UUID(int=9)]
    assert blamed == ([] if cause is Cause.UNKNOWN else [cause]), name


def test_what_was_known_of_a_cause_is_not_taken_back() -> None:
    silence = silence_of(9, opened_at=at(NOW - 60), cause="power")
    assert not [order for order in after(DEAD, other(), incidents=(silence,)) if isinstance(order, Blame)]


def test_one_card_is_enough_where_a_whole_site_is_silent() -> None:
    first = silence_of(8, "an-luu-2", opened_at=at(NOW - 90))
    second = silence_of(9, opened_at=at(NOW - 60))
    commands = after(DEAD, other(state="offline", heard=NOW - 90), incidents=(second, first))
    assert Hide(second.id, first.id) in commands
    assert Hide(first.id, second.id) not in commands


def test_two_boxes_that_fail_by_themselves_are_two_cards() -> None:
    boxes = (DEAD, other(state="offline", heard=NOW - 90), other(3))
    silences = (silence_of(8, "an-luu-2", opened_at=at(NOW - 90)), silence_of(9, opened_at=at(NOW - 60)))
    assert not [order for order in after(*boxes, incidents=silences) if isinstance(order, Hide)]


@pytest.mark.parametrize(
    ("name", "incident", "hidden"),
    [
        ("a camera that stalled with it", known(3, opened_at=at(NOW - 70)), True),
        ("a camera that an officer looks at already", known(3, opened_at=at(NOW - 70), state="seen"), True),
        ("a camera that stalled long before", known(3, opened_at=at(NOW - 70 - SETTINGS.symptom_lead_s)), False),
        ("a covered camera", known(3, opened_at=at(NOW - 70), kinds=("camera_covered", "camera_stalled")), False),
        ("a camera of another box", known(3, opened_at=at(NOW - 70), box="an-luu-2"), False),
        ("what is finished", known(3, opened_at=at(NOW - 70), state="resolved", ended_at=at(NOW)), False),
    ],
)
def test_what_its_cameras_suffer_hangs_under_the_box(name: str, incident: Known, hidden: bool) -> None:
    commands = after(DEAD, incidents=(incident,))
    (silence,) = opened(commands)
    assert (Hide(incident.id, silence.id) in commands) is hidden, name


def test_a_box_that_returns_ends_its_incident_and_shows_what_still_lasts() -> None:
    silence = silence_of(9, opened_at=at(100))
    lasting, over = known(3, under=silence.id), known(4, under=silence.id, open_events=frozenset())
    commands = after(WELL, incidents=(silence, lasting, over))
    assert commands == [Move(silence.id, Recover()), Show(lasting.id), Move(over.id, Recover())]


def test_a_box_that_stays_silent_after_its_companion_returned_is_shown() -> None:
    first = silence_of(8, "an-luu-2", opened_at=at(NOW - 90), cause="uplink_or_power")
    second = silence_of(9, opened_at=at(NOW - 60), cause="uplink_or_power", under=first.id)
    assert after(DEAD, other(), incidents=(first, second)) == [Move(first.id, Recover()), Show(second.id)]


def test_an_officer_who_is_done_with_a_silent_box_is_not_called_again_until_it_was_heard() -> None:
    done = silence_of(9, opened_at=at(NOW - 60), state="resolved", reason="handled", ended_at=at(NOW - 10))
    assert after(DEAD, incidents=(done,)) == []
    again = replace(DEAD, state_at=at(NOW - 30), heard_at=at(NOW - 5))
    assert len(opened(after(again, incidents=(done,)))) == 1


def test_a_box_that_flaps_is_one_incident_and_one_that_fails_later_is_another() -> None:
    back = silence_of(9, opened_at=at(0), last_at=at(0), state="resolved", reason="recovered", ended_at=at(NOW - 100))
    assert Move(back.id, Relapse()) in after(DEAD, incidents=(back,))
    moment = replace(back, ended_at=at(NOW - 59))  # it said nothing more after that
    assert Move(back.id, Relapse()) in after(DEAD, incidents=(moment,))
    long_ago = replace(back, ended_at=at(NOW - 61 - SETTINGS.joins_within_s))
    assert len(opened(after(DEAD, incidents=(long_ago,)))) == 1


def test_looking_again_changes_nothing() -> None:
    commands = after(DEAD)
    assert after(DEAD, incidents=tuple(opened(commands))) == []
