from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from ingest.notify.parcels import LONGEST_WAIT_S, RETRY_S, gives_up, pack, refill, wait_s
from tests.ingest.incidents.worlds import ids
from tests.ingest.notify.samples import due
from tests.support.samples import NOON


@pytest.mark.parametrize(
    ("seconds", "left", "tokens"),
    [(0, 2.0, 2.0), (3, 2.0, 3.0), (30, 0.0, 5.0), (3600, 0.0, 5.0), (-60, 2.0, 2.0)],
)
def test_a_channel_gets_its_tokens_back_up_to_its_burst(seconds: float, left: float, tokens: float) -> None:
    assert refill(left, NOON, NOON + timedelta(seconds=seconds), per_minute=20, burst=5) == tokens


def test_a_few_are_told_one_by_one_the_most_urgent_first() -> None:
    parcels = pack([due(1, urgency=1), due(2, urgency=3), due(3, urgency=2)], 5, 4, ids(900))
    assert [[item.id.int for item in parcel.items] for parcel in parcels] == [[2], [3], [1]]
    assert len({parcel.id for parcel in parcels}) == 3


def test_many_of_one_ward_are_told_in_one_and_another_ward_by_itself() -> None:
    storm = [due(number) for number in range(12)]
    parcels = pack([*storm, due(50, ward_id="phuong-4")], 5, 4, ids(900))
    assert [(parcel.ward, len(parcel.items)) for parcel in parcels] == [("an-luu", 12), ("phuong-4", 1)]


def test_what_the_limit_does_not_allow_singly_goes_in_one() -> None:
    parcels = pack([due(1), due(2), due(3)], 2, 4, ids(900))
    assert [len(parcel.items) for parcel in parcels] == [3]


def test_no_more_than_the_limit_is_sent_and_the_rest_waits() -> None:
    parcels = pack([due(number, ward_id=f"ward-{number}", urgency=number) for number in range(1, 6)], 2, 4, ids(900))
    assert [item.id.int for parcel in parcels for item in parcel.items] == [5, 4]
    assert pack([due(1)], 0, 4, ids(900)) == []


def test_what_was_sent_together_is_sent_together_again_under_the_same_id() -> None:
    again = [due(number, bundle=UUID(int=7)) for number in (1, 2)]
    parcels = pack([*again, due(3)], 5, 2, ids(900))
    assert [(parcel.id.int, len(parcel.items)) for parcel in parcels] == [(7, 2), (900, 1)]


@pytest.mark.parametrize(
    ("attempts", "asked", "wait"),
    [
        (1, None, RETRY_S[0]),
        (2, None, RETRY_S[1]),
        (99, None, RETRY_S[-1]),
        (1, 17.0, 17.0),
        (1, 0.0, 1.0),
        (1, 1e9, LONGEST_WAIT_S),
    ],
)
def test_each_failure_waits_longer_and_a_request_to_wait_is_granted(
    attempts: int, asked: float | None, wait: float
) -> None:
    assert wait_s(attempts, asked) == wait


def test_it_gives_up_when_another_try_would_come_too_late_for_all() -> None:
    early, late = due(1, given_up_at=NOON), due(2, given_up_at=NOON + timedelta(minutes=9))
    assert gives_up([early], NOON + timedelta(seconds=1))
    assert not gives_up([early, late], NOON + timedelta(seconds=1))
