from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.geometry import Box
from edge.payment.candidate import FORGOTTEN, MOST, SPAN, SWAYS, Candidate, Code, Nature, weighed

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def code(x: float, key: str = "theirs", y: float = 0.4) -> Code:
    """A code of a tenth of the picture whose left edge is at `x`."""
    return Code(Nature.NOT_OURS, key, (x, y, x + 0.1, y + 0.1))


def read(*places: float) -> tuple[Candidate, ...]:
    """The candidates after a code was read at these places, once a second."""
    candidates: tuple[Candidate, ...] = ()
    for second, x in enumerate(places):
        candidates = weighed(candidates, [code(x)], at(second))
    return candidates


def test_a_sticker_is_sure_after_some_seconds_though_its_corners_are_found_a_little_elsewhere_each_time() -> None:
    (one,) = read(0.4, 0.402, 0.399, 0.401)
    assert (one.reads, one.first, one.sure()) == (4, START, True)


def test_a_telephone_in_a_trembling_hand_is_not_sure_for_as_long_as_anybody_holds_one_up() -> None:
    for places in ([0.4, 0.41] * 7, [0.4, 0.415, 0.43, 0.415] * 3, [0.4, 0.7] * 40):
        assert not any(one.sure() for one in read(*places)), places


def test_a_sticker_before_a_camera_that_sways_in_the_wind_is_sure_in_the_end() -> None:
    (one,) = read(*[0.4, 0.41] * 8)
    assert (one.reads, one.first, one.sure()) == (16, START, True)


def test_a_telephone_that_comes_again_begins_anew_even_where_the_first_was() -> None:
    (one,) = weighed(read(*[0.4, 0.41] * 3), [code(0.42)], at(5) + SWAYS + timedelta(seconds=1))
    assert one.reads == 1


def test_what_came_to_rest_is_sure_as_soon_as_a_sticker_is() -> None:
    (one,) = read(0.42, 0.41, 0.4, 0.4, 0.4, 0.4)
    assert (one.reads, one.sure(), one.rest) == (6, True, code(0.4).place)


def test_a_code_that_is_moved_away_and_back_begins_anew() -> None:
    (one,) = read(0.4, 0.4, 0.7, 0.4)
    assert (one.reads, one.first) == (1, at(3))


def test_two_stickers_of_one_code_are_both_weighed() -> None:
    candidates: tuple[Candidate, ...] = ()
    for second in range(4):
        candidates = weighed(candidates, [code(0.2), code(0.6)], at(second))
    assert [(one.reads, one.sure()) for one in candidates] == [(4, True), (4, True)]


@pytest.mark.parametrize(("gap", "reads"), [(FORGOTTEN, 2), (FORGOTTEN + timedelta(seconds=1), 1)])
def test_what_was_not_read_for_long_is_forgotten(gap: timedelta, reads: int) -> None:
    (one,) = weighed(weighed((), [code(0.4)], START), [code(0.4)], START + gap)
    assert one.reads == reads


def test_the_shops_own_code_is_no_candidate_and_a_screen_full_of_codes_no_reason_to_remember_them_all() -> None:
    place: Box = (0.1, 0.1, 0.2, 0.2)
    assert weighed((), [Code(Nature.OURS, "ours", place)], START) == ()
    many = weighed((), [code(0.01 * n, str(n)) for n in range(3 * MOST)], START)
    assert len(many) == MOST


def test_two_readings_at_one_moment_prove_nothing() -> None:
    (one,) = weighed(weighed((), [code(0.4)], START), [code(0.4)], START)
    assert (one.reads, one.sure(), timedelta(0) < SPAN) == (2, False, True)
