from __future__ import annotations

from datetime import timedelta

import pytest

from api.announcements.life import Life, life
from tests.support.samples import NOON

IN_TIME, LATE = NOON - timedelta(minutes=1), NOON


@pytest.mark.parametrize(
    ("decided", "plays", "late", "stands"),
    [
        ("proposed", ["waiting"], False, Life.PROPOSED),
        ("proposed", ["waiting"], True, Life.EXPIRED),
        ("refused", ["waiting"], False, Life.REFUSED),
        ("cancelled", ["waiting", "cancelled"], False, Life.CANCELLED),
        ("cancelled", ["played", "cancelled"], False, Life.PLAYED),
        ("approved", ["waiting", "waiting"], False, Life.APPROVED),
        ("approved", ["waiting", "accepted"], False, Life.SENT),
        ("approved", ["played", "accepted"], False, Life.SENT),
        ("approved", ["played", "failed"], False, Life.PLAYED),
        ("approved", ["played", "waiting"], True, Life.PLAYED),
        ("approved", ["failed", "failed"], False, Life.FAILED),
        ("approved", ["failed", "expired"], True, Life.FAILED),
        ("approved", ["expired"], True, Life.EXPIRED),
        ("approved", ["waiting"], True, Life.EXPIRED),
        ("approved", [], True, Life.FAILED),
    ],
)
def test_where_an_announcement_stands(decided: str, plays: list[str], late: bool, stands: Life) -> None:
    assert life(decided, plays, NOON, LATE if late else IN_TIME) is stands
