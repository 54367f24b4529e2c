from __future__ import annotations

import pytest

from edge.rules.presence import GAP, NOBODY, Observation, Presence
from tests.edge.rules.frames import at, frame, frames, track


def after(text: str, step_s: float = 1.0) -> Presence:
    presence = NOBODY
    for observation in frames(text, step_s):
        presence = presence.after(observation)
    return presence


@pytest.mark.parametrize(
    ("seen", "seconds"),
    [
        ("-", {}),
        ("a", {"a": 0}),
        ("a a a", {"a": 2}),
        ("a ab ab", {"a": 2, "b": 1}),
        ("a - - a", {"a": 0}),
        ("a - a", {"a": 2}),
        ("a a - -", {"a": 1}),
        ("a a - - -", {}),
        ("a ab b b b", {"b": 3}),
    ],
)
def test_a_stay_spans_a_gap_and_ends_with_a_longer_one(seen: str, seconds: dict[str, float]) -> None:
    stays = after(seen).stays
    assert {name: stays[track(name)].seconds() for name in seconds} == seconds
    assert len(stays) == len(seconds)


def test_a_gap_of_exactly_gap_is_still_one_stay() -> None:
    presence = NOBODY.after(frame(0, "a")).after(frame(GAP.total_seconds(), "a"))
    assert presence.stays[track("a")].since == at(0)


def test_the_longest_stay_is_found() -> None:
    longest = after("a ab ab").longest()
    assert longest is not None
    assert longest.since == at(0)
    assert NOBODY.longest() is None


def test_taking_in_a_frame_leaves_the_old_presence_as_it_was() -> None:
    before = NOBODY.after(frame(0, "a"))
    before.after(frame(1, "b"))
    assert list(before.stays) == [track("a")]


@pytest.mark.parametrize("back_s", [1, 3600])
def test_a_clock_that_is_set_back_neither_keeps_who_has_left_nor_forgets_who_is_here(back_s: float) -> None:
    presence = NOBODY.after(frame(0, "ab")).after(frame(-back_s, "b"))
    for second in range(1, 5):
        presence = presence.after(frame(second - back_s, "b"))
    assert list(presence.stays) == [track("b")]
    assert presence.stays[track("b")].seconds() == 4


def test_who_is_seen_elsewhere_is_not_here_and_is_back_with_all_its_time() -> None:
    presence = NOBODY.after(frame(0, "ab"))
    outside = Observation(at(1), frame(1, "b").inside, frozenset({track("a")}))
    presence = presence.after(outside)
    assert list(presence.here(outside).stays) == [track("b")]
    back = frame(2, "ab")
    presence = presence.after(back)
    assert presence.here(back).stays[track("a")].seconds() == 2


def test_who_is_hidden_is_still_here() -> None:
    hidden = frame(1, "b")
    presence = NOBODY.after(frame(0, "ab")).after(hidden)
    assert len(presence.here(hidden).stays) == 2
