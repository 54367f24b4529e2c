from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.event import EventKind, Severity
from edge.geometry import Box
from edge.payment.candidate import Code, Nature
from edge.payment.point import Clear, Look, Point, PointRule, Raise, decide, rejudged
from edge.payment.state import ALARMS, TRANSITIONS, Appearance, Happening, PointState

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOME: Box = (0.4, 0.4, 0.5, 0.5)
BESIDE: Box = (0.6, 0.4, 0.7, 0.5)
OURS = Code(Nature.OURS, "ours", HOME)
THEIRS = Code(Nature.NOT_OURS, "theirs", HOME)
PAGE = Code(Nature.FOREIGN, "page", HOME)
RULE = PointRule(unread_after=timedelta(minutes=2), changed_after=timedelta(seconds=20))
S = PointState
SIGN = {Raise: "+", Clear: "-"}


class Stall:
    """A point, looked at once a second."""

    def __init__(self) -> None:
        self.point = Point()
        self.at = START
        self.alarms: list[Raise | Clear] = []

    def look(self, *codes: Code, seconds: int = 1, **look: object) -> Stall:
        for _ in range(seconds):
            self.point, alarms = decide(RULE, self.point, Look(self.at, codes, **look))  # type: ignore[arg-type]
            self.alarms += alarms
            self.at += timedelta(seconds=1)
        return self

    @property
    def told(self) -> list[str]:
        return [
            f"{'+' if isinstance(one, Raise) else '-'}{one.kind.removeprefix('payment_code_')}" for one in self.alarms
        ]


def verified() -> Stall:
    return Stall().look(OURS, seconds=3)


def test_ours_is_verified_by_one_reading() -> None:
    stall = Stall().look(OURS)
    assert (stall.point.state, stall.alarms) == (S.VERIFIED, [])


def test_a_sticker_over_ours_is_an_alarm_after_three_seconds() -> None:
    stall = verified().look(THEIRS, seconds=3)
    assert (stall.point.state, stall.told) == (S.VERIFIED, [])
    stall.look(THEIRS)
    assert (stall.point.state, stall.told) == (S.MISMATCH, ["+mismatch"])
    (alarm,) = stall.alarms
    assert isinstance(alarm, Raise)
    assert alarm.severity is Severity.CRITICAL
    assert alarm.since == START + timedelta(seconds=3)
    assert alarm.why == {"code": "theirs", "nature": "not_ours", "reads": 4, "seconds": 3.0}
    assert alarm.place == HOME


def test_two_readings_far_apart_are_enough_when_a_camera_reads_badly() -> None:
    stall = verified().look(THEIRS).look(seconds=60).look(THEIRS)
    assert stall.told == ["+mismatch"]


@pytest.mark.parametrize("gap", [0, 1, 30])
def test_one_reading_is_no_alarm(gap: int) -> None:
    assert verified().look(THEIRS).look(seconds=gap).look(OURS, seconds=60).told == []


def test_a_telephone_that_moves_before_the_board_is_no_alarm() -> None:
    stall = verified()
    for step in range(20):
        shift = 0.03 * step
        stall.look(replace(THEIRS, place=(0.3 + shift, 0.3, 0.42 + shift, 0.42)))
    assert (stall.told, stall.point.state) == ([], S.VERIFIED)


def test_a_telephone_held_still_beside_ours_for_a_moment_is_no_alarm() -> None:
    assert verified().look(OURS, replace(THEIRS, place=BESIDE), seconds=9).look(OURS, seconds=60).told == []


def test_a_code_put_up_beside_ours_is_told_as_added_and_as_taken_away() -> None:
    stall = verified().look(OURS, replace(THEIRS, place=BESIDE), seconds=12)
    assert (stall.told, stall.point.state) == (["+added"], S.VERIFIED)
    stall.look(OURS, seconds=125)
    assert stall.told == ["+added", "-added"]


def test_a_stand_exchanged_and_put_down_elsewhere_is_a_mismatch() -> None:
    stall = verified().look(replace(THEIRS, place=BESIDE), seconds=10)
    assert stall.told == []
    assert stall.look(replace(THEIRS, place=BESIDE)).told == ["+mismatch"]


def test_a_swap_is_over_when_ours_is_read_for_a_while() -> None:
    stall = verified().look(THEIRS, seconds=5).look(OURS, seconds=10)
    assert stall.point.state is S.MISMATCH
    stall.look(OURS)
    assert (stall.point.state, stall.told) == (S.VERIFIED, ["+mismatch", "-mismatch"])
    assert stall.alarms[-1] == Clear(EventKind.PAYMENT_CODE_MISMATCH, "verified")


def test_a_swap_is_not_over_because_ours_is_read_now_and_then_between() -> None:
    stall = verified().look(THEIRS, seconds=5)
    for _ in range(10):
        stall.look(OURS, seconds=4).look(THEIRS)
    assert (stall.point.state, stall.told) == (S.MISMATCH, ["+mismatch"])


def test_ours_may_be_read_with_gaps_and_still_settle() -> None:
    stall = verified().look(THEIRS, seconds=5)
    for _ in range(5):
        stall.look(OURS).look(seconds=2)
    assert stall.look(OURS).told == ["+mismatch", "-mismatch"]


def test_the_address_of_a_page_over_ours_is_foreign() -> None:
    stall = verified().look(PAGE, seconds=5)
    assert (stall.point.state, stall.told) == (S.FOREIGN, ["+foreign"])
    assert stall.look(THEIRS, seconds=5).told == ["+foreign", "-foreign", "+mismatch"]


def test_unread_for_two_minutes_is_unreadable_and_one_reading_ends_it() -> None:
    stall = verified().look(seconds=119, appearance=Appearance.SAME)
    assert stall.told == []
    assert stall.look(appearance=Appearance.SAME).told == ["+unreadable"]
    assert stall.look(OURS).told == ["+unreadable", "-unreadable"]


def test_a_changed_look_for_twenty_seconds_is_covered() -> None:
    stall = verified().look(seconds=19, appearance=Appearance.CHANGED)
    assert stall.told == []
    assert stall.look(appearance=Appearance.CHANGED).told == ["+covered"]


def test_the_bare_wall_for_twenty_seconds_is_missing() -> None:
    assert verified().look(seconds=20, appearance=Appearance.GONE).told == ["+missing"]


def test_who_stands_before_the_board_covers_nothing() -> None:
    stall = verified().look(seconds=400, appearance=Appearance.CHANGED, hidden=True)
    assert (stall.told, stall.point.state) == ([], S.VERIFIED)


def test_a_glance_that_cannot_tell_neither_covers_nor_uncovers() -> None:
    stall = verified()
    for _ in range(10):
        stall.look(seconds=2, appearance=Appearance.CHANGED).look(appearance=Appearance.UNSURE)
    assert stall.told == ["+covered"]


def test_hands_that_pass_are_no_cover() -> None:
    stall = verified()
    for _ in range(10):
        stall.look(seconds=15, appearance=Appearance.CHANGED).look(seconds=2, appearance=Appearance.SAME)
    assert "+covered" not in stall.told


def test_a_gap_between_looks_proves_little() -> None:
    stall = verified().look(appearance=Appearance.CHANGED)
    stall.at += timedelta(hours=8)
    assert stall.look(appearance=Appearance.CHANGED).told == []


def test_a_clock_that_is_set_back_hides_no_swap() -> None:
    stall = verified()
    stall.at -= timedelta(hours=1)
    assert stall.look(THEIRS, seconds=15).told == ["+mismatch"]


def test_a_swap_seen_before_ours_was_ever_read_is_one_too() -> None:
    assert Stall().look(THEIRS, seconds=11).told == ["+mismatch"]


def test_what_shows_itself_slowly_is_told_with_when_it_began_and_not_when_it_was_last_seen_to_go_on() -> None:
    stall = verified().look(seconds=10, appearance=Appearance.CHANGED)
    stall.look(seconds=30, appearance=Appearance.CHANGED, hidden=True).look(seconds=10, appearance=Appearance.CHANGED)
    (alarm,) = stall.alarms
    assert isinstance(alarm, Raise)
    assert alarm.since == START + timedelta(seconds=2)
    assert alarm.why["seconds"] == 20.0


def test_who_stays_before_the_board_makes_it_unreadable_and_no_more() -> None:
    stall = verified().look(seconds=900, appearance=Appearance.CHANGED, hidden=True)
    assert stall.told == ["+unreadable"]


NIGHT = {"open": False}


def left_out() -> Stall:
    """Ten minutes after closing, and the board is still there."""
    return verified().look(OURS, seconds=5).look(seconds=601, appearance=Appearance.SAME, **NIGHT)


@pytest.mark.parametrize("appearance", Appearance)
def test_out_of_hours_a_board_may_be_away_or_covered_and_then_nothing_is_known(appearance: Appearance) -> None:
    stall = verified().look(seconds=300, appearance=appearance, **NIGHT)
    assert (stall.told, stall.point.state) == ([], S.UNKNOWN)


@pytest.mark.parametrize("appearance", [Appearance.SAME, Appearance.CHANGED, Appearance.GONE])
def test_what_is_wrong_with_a_board_ends_with_the_hours(appearance: Appearance) -> None:
    stall = verified().look(seconds=130, appearance=appearance)
    assert len(stall.told) == 1
    stall.look(seconds=30, appearance=appearance, **NIGHT)
    assert (len(stall.told), stall.point.state) == (2, S.UNKNOWN)
    assert isinstance(stall.alarms[-1], Clear)


@pytest.mark.parametrize(("code", "told"), [(THEIRS, "+mismatch"), (PAGE, "+foreign")])
def test_a_wrong_code_is_an_alarm_at_any_hour(code: Code, told: str) -> None:
    assert verified().look(code, seconds=5, **NIGHT).told == [told]


def test_a_swap_does_not_end_because_the_board_is_put_away() -> None:
    stall = verified().look(THEIRS, seconds=5).look(seconds=600, appearance=Appearance.GONE, **NIGHT)
    assert (stall.told, stall.point.state) == (["+mismatch"], S.MISMATCH)


def test_somebody_before_a_board_that_was_left_out_and_looks_otherwise_since_is_told_of() -> None:
    stall = left_out()
    came = stall.at - timedelta(seconds=1)
    stall.look(seconds=12, appearance=Appearance.CHANGED, hidden=True, **NIGHT)
    assert stall.look(seconds=19, appearance=Appearance.CHANGED, **NIGHT).told == []
    stall.look(appearance=Appearance.CHANGED, **NIGHT)
    (alarm,) = stall.alarms
    assert isinstance(alarm, Raise)
    assert (alarm.kind, alarm.since) == (EventKind.PAYMENT_CODE_COVERED, came)
    assert alarm.why == {"seconds": 20.0, "threshold_s": 20.0, "somebody_s": 12.0}


@pytest.mark.parametrize("seconds", [1, 5, 9])
def test_who_passes_a_board_at_night_has_not_touched_it(seconds: int) -> None:
    stall = left_out().look(seconds=seconds, appearance=Appearance.CHANGED, hidden=True, **NIGHT)
    assert stall.look(seconds=60, appearance=Appearance.CHANGED, **NIGHT).told == []


def test_who_stood_before_a_board_that_looks_as_before_has_not_touched_it() -> None:
    stall = left_out().look(seconds=60, appearance=Appearance.CHANGED, hidden=True, **NIGHT)
    stall.look(seconds=5, appearance=Appearance.SAME, **NIGHT).look(seconds=60, appearance=Appearance.CHANGED, **NIGHT)
    assert stall.told == []


def test_a_shutter_pulled_down_soon_after_closing_is_no_alarm() -> None:
    stall = verified().look(seconds=300, appearance=Appearance.SAME, **NIGHT)
    stall.look(seconds=30, appearance=Appearance.CHANGED, hidden=True, **NIGHT)
    assert stall.look(seconds=3600, appearance=Appearance.CHANGED, **NIGHT).told == []


def test_a_shop_that_opens_late_is_no_alarm_and_is_verified_when_it_opens() -> None:
    stall = verified().look(seconds=3600, appearance=Appearance.GONE, **NIGHT)
    stall.look(seconds=1200, appearance=Appearance.GONE)
    assert (stall.told, stall.point.state) == ([], S.UNKNOWN)
    assert stall.look(OURS).point.state is S.VERIFIED


def test_while_nobody_is_known_only_what_is_no_payment_code_is_told() -> None:
    stall = Stall().look(seconds=600, known=False)
    assert (stall.told, stall.point.state) == ([], S.UNKNOWN)
    assert stall.look(PAGE, seconds=12, known=False).told == ["+foreign"]


def test_what_is_known_anew_is_judged_anew() -> None:
    stall = verified().look(OURS, replace(THEIRS, place=BESIDE), seconds=12)
    point, voided = rejudged(stall.point, known=True)
    assert [one.kind for one in voided] == [EventKind.PAYMENT_CODE_ADDED]
    assert (point.state, point.home, point.candidates) == (S.VERIFIED, HOME, ())


@pytest.mark.parametrize("state", PointState)
def test_what_is_known_no_more_is_unknown_but_for_what_is_no_payment_code(state: PointState) -> None:
    point, voided = rejudged(Point(state), known=False)
    assert point.state is (S.FOREIGN if state is S.FOREIGN else S.UNKNOWN)
    assert len(voided) == (state in ALARMS and state is not S.FOREIGN)


@pytest.mark.parametrize(("state", "happening"), TRANSITIONS)
def test_every_row_of_the_table_leads_somewhere_else(state: PointState, happening: Happening) -> None:
    assert TRANSITIONS[state, happening] is not state


def test_the_table_forgets_no_danger() -> None:
    for state in PointState:
        if state is not S.MISMATCH:
            assert TRANSITIONS[state, Happening.WRONG] is S.MISMATCH
    assert (S.MISMATCH, Happening.UNREAD) not in TRANSITIONS
    assert (S.MISMATCH, Happening.CHANGED) not in TRANSITIONS
    assert set(ALARMS) == set(PointState) - {S.UNKNOWN, S.VERIFIED}


CODES = st.builds(
    Code, st.sampled_from(Nature), st.sampled_from("ab"), st.sampled_from([HOME, BESIDE, (0.1, 0.1, 0.2, 0.2)])
)
LOOKS = st.lists(
    st.tuples(
        st.lists(CODES, max_size=2),
        st.sampled_from(Appearance),
        st.tuples(st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, None, None, True, False])),
        st.integers(-3, 40),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(LOOKS)
def test_alarms_open_and_close_in_pairs_and_tell_the_state(
    looks: Iterable[tuple[list[Code], Appearance, tuple[bool, bool, bool, bool | None], int]],
) -> None:
    point, at, open_ = Point(), START, set[EventKind]()
    for codes, appearance, (hidden, in_hours, known, anew), seconds in looks:
        at += timedelta(seconds=seconds)
        alarms: tuple[Raise | Clear, ...] = ()
        if anew is not None:
            point, alarms = rejudged(point, known=anew)
        point, decided = decide(RULE, point, Look(at, tuple(codes), appearance, hidden, in_hours, known))
        for alarm in (*alarms, *decided):
            if isinstance(alarm, Raise):
                assert alarm.kind not in open_
                assert alarm.since <= at
                open_.add(alarm.kind)
            else:
                open_.remove(alarm.kind)
        expected = {ALARMS[point.state][0]} if point.state in ALARMS else set()
        assert open_ - {EventKind.PAYMENT_CODE_ADDED} == expected
