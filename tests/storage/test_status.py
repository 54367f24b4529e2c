from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.ids import new_id
from contracts.status import BoxState, BoxStatus, CameraFault, CameraState, CameraStatus
from storage import status, wall
from storage.scope import Scope
from tests.support.samples import NOON, SESSION

Connection = psycopg.Connection[TupleRow]
LATER = new_id()


def said(state: BoxState, *, session: UUID = SESSION, n: int = 1, cameras: tuple[CameraStatus, ...] = ()) -> BoxStatus:
    return BoxStatus(box="an-luu-1", session=session, n=n, state=state, at=NOON, cameras=cameras)


ONLINE, OFFLINE = BoxState.ONLINE, BoxState.OFFLINE


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("a will ends its own connection", [said(ONLINE), said(OFFLINE, n=0)], "offline"),
        ("a late will of an older connection is ignored", [said(ONLINE, session=LATER), said(OFFLINE, n=0)], "online"),
        ("a new connection ends the offline state", [said(OFFLINE), said(ONLINE, session=LATER)], "online"),
        ("an older word of the same connection is ignored", [said(ONLINE, n=5), said(ONLINE, n=4)], "online"),
        ("a retained will is all that is known of a box", [said(OFFLINE, n=0)], "offline"),
    ],
)
def test_the_newest_word_wins(connection: Connection, name: str, words: list[BoxStatus], expected: str) -> None:
    for word in words:
        status.apply(connection, "an-luu", word)
    assert {row.box_state for row in wall.box_cameras(connection, "an-luu-1")} == {expected}, name


def test_a_box_speaks_for_its_own_cameras_only(connection: Connection) -> None:
    cameras = tuple(
        CameraStatus(id=name, site="quang-trung", state=CameraState.FAILED, since=NOON, fault=CameraFault.REFUSED.value)
        for name in ("quang-trung-1", "yersin-1")
    )
    assert status.apply(connection, "an-luu", said(ONLINE, cameras=cameras))
    rows = {row.id: row.state for row in wall.cameras(connection, Scope.of_wards(["an-luu", "phuong-4"]))}
    assert rows == {"quang-trung-1": "failed", "cho-an-luu-1": "unknown", "yersin-1": "unknown"}


def test_a_box_of_another_ward_is_not_taken(connection: Connection) -> None:
    assert not status.apply(connection, "phuong-4", said(ONLINE))
