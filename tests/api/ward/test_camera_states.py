from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from api.ward.camera_states import Stretch, bucket_of, stretches
from storage.history import Span
from storage.timeline import CameraNow, Share
from tests.support.samples import NOON

FIVE = timedelta(minutes=5)
ONLINE = CameraNow("an-luu", "quang-trung", "streaming", NOON, "online")
FAILED = CameraNow("an-luu", "quang-trung", "failed", NOON, "online")
CUT_OFF = CameraNow("an-luu", "quang-trung", "streaming", NOON, "offline")


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def told(
    shares: str, start: float = 0, end: float | None = None, now: float = 600, camera: CameraNow = ONLINE
) -> list[str]:
    """The stretches as text. A sign in `shares` is what one bucket says: digits are tenths, x all, - nothing."""
    measured = [
        Share(minutes(5 * number), 1.0 if sign == "x" else int(sign) / 10)
        for number, sign in enumerate(shares)
        if sign != "-"
    ]
    span = Span(minutes(start), minutes(5 * len(shares) if end is None else end))
    return [text(one) for one in stretches(measured, span, FIVE, now=minutes(now), camera=camera)]


def text(one: Stretch) -> str:
    start, end = ((moment - NOON) / timedelta(minutes=1) for moment in (one.start, one.end))
    return f"{start:g}-{end:g} {one.state}" + ("" if one.share is None else f" {one.share:.2g}")


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ("xxx", ["0-15 streaming 1"]),
        ("x00x", ["0-5 streaming 1", "5-15 down 0", "15-20 streaming 1"]),
        ("x--x", ["0-5 streaming 1", "5-15 silent", "15-20 streaming 1"]),
        ("24", ["0-10 partly 0.3"]),
        ("0-", ["0-5 down 0", "5-10 silent"]),
        ("---", ["0-15 silent"]),
    ],
)
def test_neighbours_that_say_the_same_are_one_stretch(shares: str, expected: list[str]) -> None:
    assert told(shares) == expected


def test_the_first_and_the_last_stretch_end_with_the_span() -> None:
    assert told("x0", start=2, end=7) == ["2-5 streaming 1", "5-7 down 0"]


def test_what_has_not_been_is_not_told() -> None:
    assert told("xx", end=60, now=8) == ["0-8 streaming 1"]
    assert told("", start=10, end=20, now=5) == []


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (ONLINE, ["0-6 streaming 1"]),
        (FAILED, ["0-5 streaming 1", "5-6 down 0"]),
        (CUT_OFF, ["0-5 streaming 1", "5-6 silent"]),
    ],
)
def test_a_bucket_that_has_just_begun_is_what_the_camera_says_now(camera: CameraNow, expected: list[str]) -> None:
    assert told("x-", now=6, camera=camera) == expected


def test_every_moment_of_the_span_has_one_state() -> None:
    span = Span(minutes(1), minutes(2000))
    shares = [Share(minutes(5 * number), number % 3 / 2) for number in range(400) if number % 7]
    found = stretches(shares, span, FIVE, now=minutes(9999), camera=ONLINE)
    assert found[0].start == span.start
    assert found[-1].end == span.end
    assert all(one.end == other.start and one.state != other.state for one, other in pairwise(found))


def test_buckets_begin_where_the_database_lets_them_begin() -> None:
    assert bucket_of(minutes(7.5), FIVE) == minutes(5)
    assert bucket_of(minutes(-1), timedelta(hours=1)) == minutes(-60)
