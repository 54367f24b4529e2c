from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

import pytest

from contracts.announcement import PlayFault, PlayState, Priority
from edge.announce.turn import Drop, Play, Waiting, choose, gives_way, is_quiet
from tests.support.samples import NOON

LATER = NOON + timedelta(minutes=5)


def waits(number: int, priority: Priority = Priority.NORMAL, digest: str = "a", **changes: object) -> Waiting:
    given = {"expires_at": LATER, **changes}
    return Waiting(UUID(int=number), "loa-1", digest, priority, **given)  # type: ignore[arg-type]


FIRST, SECOND, FIRE = waits(1), waits(2), waits(3, Priority.FIRE)
ABSENT = waits(4, Priority.FIRE, "absent")
LATE = waits(5, Priority.FIRE, expires_at=NOON)
LATE_AND_ABSENT = waits(6, digest="absent", expires_at=NOON)


@pytest.mark.parametrize(
    ("waiting", "quiet", "chosen"),
    [
        ([], False, None),
        ([FIRST, SECOND], False, Play(FIRST)),
        ([FIRST, SECOND, FIRE], False, Play(FIRE)),
        ([FIRST, waits(7, Priority.URGENT), FIRE], False, Play(FIRE)),
        ([FIRST, waits(7, Priority.URGENT)], False, Play(waits(7, Priority.URGENT))),
        ([ABSENT], False, None),
        ([ABSENT, FIRST], False, Play(FIRST)),
        ([FIRST, LATE], False, Drop(LATE, PlayState.EXPIRED, None)),
        ([LATE_AND_ABSENT], False, Drop(LATE_AND_ABSENT, PlayState.EXPIRED, PlayFault.NOT_FETCHED)),
        ([FIRE, FIRST], True, Drop(FIRST, PlayState.FAILED, PlayFault.QUIET_HOURS)),
        ([FIRE], True, Play(FIRE)),
    ],
)
def test_what_is_next(waiting: list[Waiting], quiet: bool, chosen: object) -> None:
    assert choose(waiting, lambda digest: digest == "a", NOON, quiet=quiet) == chosen


@pytest.mark.parametrize(
    ("playing", "waiting", "gives"),
    [
        (Priority.NORMAL, [FIRST, FIRE], True),
        (Priority.URGENT, [FIRE], True),
        (Priority.FIRE, [FIRE], False),
        (Priority.NORMAL, [waits(7, Priority.URGENT)], False),
        (Priority.NORMAL, [ABSENT], False),
    ],
)
def test_only_a_fire_that_can_be_told_interrupts(playing: Priority, waiting: list[Waiting], gives: bool) -> None:
    assert gives_way(playing, waiting, lambda digest: digest == "a") is gives


@pytest.mark.parametrize(
    ("at", "quiet"), [(time(21, 59), False), (time(22), True), (time(0), True), (time(4, 59), True), (time(5), False)]
)
def test_quiet_hours_reach_over_midnight(at: time, quiet: bool) -> None:
    assert is_quiet(at, time(22), time(5)) is quiet
    assert is_quiet(time(13), time(12), time(14))
