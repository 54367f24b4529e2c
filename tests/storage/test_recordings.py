from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.command import RecordingReply, RecordingWanted, ReplyState
from contracts.ids import new_id
from storage import recordings
from tests.support.samples import NOON

Connection = psycopg.Connection[TupleRow]
REASON = "mất xe máy trước cổng chợ"


def ask(db: Connection, camera: str = "quang-trung-1") -> RecordingWanted:
    wanted = RecordingWanted(id=new_id(), camera=camera, begin=NOON, end=NOON + timedelta(minutes=1))
    place = recordings.place_of(db, camera)
    assert place
    recordings.ask(db, wanted, place, reason=REASON, by="lan")
    return wanted


def reply(request: UUID, state: ReplyState, digest: str | None = None) -> RecordingReply:
    return RecordingReply(id=request, state=state, digest=digest)


def test_a_request_is_kept_with_who_asked_and_why_and_its_box_is_told(connection: Connection) -> None:
    connection.execute("LISTEN phoan_recordings")
    wanted = ask(connection)
    row = recordings.one(connection, wanted.id)
    assert row
    assert (row.camera_id, row.box_id, row.ward_id, row.site_id) == (
        "quang-trung-1", "an-luu-1", "an-luu", "quang-trung",
    )  # fmt: skip
    assert (row.reason, row.requested_by, row.state) == (REASON, "lan", "asked")
    assert [notice.payload for notice in connection.notifies(timeout=2, stop_after=1)] == ["an-luu-1"]


def test_a_box_is_asked_again_until_it_has_answered_for_good(connection: Connection) -> None:
    first, second, third = (ask(connection) for _ in range(3))
    ask(connection, "yersin-1")
    assert recordings.unfinished(connection, "an-luu-1") == [first, second, third]
    recordings.answer(connection, "an-luu-1", reply(first.id, ReplyState.ACCEPTED))
    recordings.answer(connection, "an-luu-1", reply(second.id, ReplyState.REFUSED))
    recordings.answer(connection, "an-luu-1", reply(third.id, ReplyState.DONE, "a" * 64))
    assert recordings.unfinished(connection, "an-luu-1") == [first]


def test_what_nobody_waits_for_any_more_is_not_asked(connection: Connection) -> None:
    old = ask(connection)
    connection.execute("UPDATE recordings SET requested_at = now() - INTERVAL '8 days' WHERE id = %s", (old.id,))
    assert recordings.unfinished(connection, "an-luu-1") == []


@pytest.mark.parametrize("box", ["an-luu-1", "phuong-4-1"])
def test_only_the_box_that_was_asked_may_answer_and_only_once_for_good(connection: Connection, box: str) -> None:
    wanted = ask(connection)
    answered = recordings.answer(connection, box, reply(wanted.id, ReplyState.DONE, "a" * 64))
    assert answered == (box == "an-luu-1")
    again = recordings.answer(connection, "an-luu-1", reply(wanted.id, ReplyState.DONE, "b" * 64))
    assert again != answered
    row = recordings.one(connection, wanted.id)
    assert row
    assert row.digest == ("a" if answered else "b") * 64


def test_the_newest_requests_for_a_camera_come_first(connection: Connection) -> None:
    asked = [ask(connection).id for _ in range(4)]
    ask(connection, "yersin-1")
    assert [row.id for row in recordings.of_camera(connection, "quang-trung-1", 3)] == asked[:0:-1]


def test_a_camera_that_nobody_declared_has_no_place(connection: Connection) -> None:
    assert recordings.place_of(connection, "no-such-camera") is None
