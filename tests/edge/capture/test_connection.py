from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.status import CameraFault, CameraState
from edge.capture.connection import TRANSITIONS, Attempted, Broke, CameraNews, Connection, FrameArrived, advance
from tests.support.samples import NOON

LATER = NOON + timedelta(seconds=7)
NEWS: dict[type[CameraNews], CameraNews] = {
    Attempted: Attempted(),
    FrameArrived: FrameArrived(1920, 1080),
    Broke: Broke(CameraFault.STALLED),
}
STREAMING = Connection(CameraState.STREAMING, NOON, width=1920, height=1080)
FAILED = Connection(CameraState.FAILED, NOON, CameraFault.REFUSED)


@pytest.mark.parametrize(("state", "news"), TRANSITIONS)
def test_every_row_of_the_table_leads_where_it_says(state: CameraState, news: type[CameraNews]) -> None:
    after = advance(Connection(state, NOON), NEWS[news], LATER)
    assert after.state is TRANSITIONS[state, news]
    assert (after.fault is not None) == (after.state is CameraState.FAILED and news is Broke)


@pytest.mark.parametrize(
    ("before", "news", "since"),
    [
        (STREAMING, FrameArrived(1920, 1080), NOON),
        (STREAMING, FrameArrived(640, 480), NOON),
        (STREAMING, Broke(CameraFault.ENDED), LATER),
        (FAILED, Attempted(), NOON),
        (FAILED, Broke(CameraFault.REFUSED), NOON),
        (FAILED, Broke(CameraFault.TIMEOUT), LATER),
        (FAILED, FrameArrived(1920, 1080), LATER),
    ],
)
def test_since_changes_with_the_state_or_the_fault_only(before: Connection, news: CameraNews, since: object) -> None:
    assert advance(before, news, LATER).since == since


@pytest.mark.parametrize(("before", "news"), [(STREAMING, FrameArrived(1920, 1080)), (FAILED, Attempted())])
def test_news_that_changes_nothing_gives_the_same_object(before: Connection, news: CameraNews) -> None:
    assert advance(before, news, LATER) is before


def test_a_picture_clears_the_fault_and_brings_its_size() -> None:
    after = advance(FAILED, FrameArrived(640, 480), LATER)
    assert after == Connection(CameraState.STREAMING, LATER, None, 640, 480)


def test_a_camera_that_failed_keeps_its_last_picture_size() -> None:
    after = advance(STREAMING, Broke(CameraFault.ENDED), LATER)
    assert after == replace(STREAMING, state=CameraState.FAILED, since=LATER, fault=CameraFault.ENDED)


def test_news_that_the_state_rules_out_is_a_bug_of_the_caller() -> None:
    with pytest.raises(KeyError):
        advance(STREAMING, Attempted(), LATER)
