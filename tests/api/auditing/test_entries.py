from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from api.auditing import anchors, entries
from storage import audit
from storage.audit import Note
from tests.api.conftest import StartApi
from tests.api.running import RunningApi, audited, problem

AUDIT = "/api/v1/audit"


def note(api: RunningApi, *notes: Note) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        audit.note(db, *notes)


@pytest.fixture
def looked(api: RunningApi) -> RunningApi:
    """An API whose audit tells of three looks and two changes."""
    note(
        api,
        Note("lan", "live.began", "camera:quang-trung-1", "an-luu"),
        Note("minh", "live.began", "camera:yersin-1", "phuong-4"),
        Note("lan", "live.ended", "camera:quang-trung-1", "an-luu", details={"seconds": 40}),
        Note("admin", "user.changed", "user:lan"),
        Note("admin", "user.created", "user:hoa"),
    )
    return api


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"limit": 2}, [5, 4]),
        ({"before": 4, "actor": "lan"}, [3, 1]),
        ({"object": "user:lan"}, [4]),
        ({"action": "live"}, [3, 2, 1]),
        ({"action": "live.began"}, [2, 1]),
        ({"action": "live.b"}, []),
        ({"ward": "an-luu"}, [3, 1]),
        ({"end": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}, []),
        ({"start": (datetime.now(UTC) - timedelta(hours=1)).isoformat(), "limit": 1}, [5]),
    ],
)
def test_the_log_is_read_newest_first_and_can_be_narrowed(
    looked: RunningApi, asked: dict[str, str], found: list[int]
) -> None:
    with looked.client("admin") as admin:
        items = admin.get(AUDIT, params=asked).raise_for_status().json()["items"]
    assert [item["seq"] for item in items] == found
    assert all(len(item["digest"]) == 64 for item in items)


def test_reading_it_is_entered_with_what_was_asked(looked: RunningApi) -> None:
    with looked.client("admin") as admin:
        admin.get(AUDIT, params={"actor": "lan", "action": "live"}).raise_for_status()
    (entry,) = audited(looked, "audit.read")
    assert (entry.actor, entry.details["asked"]) == ("admin", {"action": "live", "actor": "lan"})


@pytest.mark.parametrize(
    "asked", [{"limit": 501}, {"action": "Live"}, {"action": "live%"}, {"start": "2026-02-10T05:00:00"}, {"actor": ""}]
)
def test_a_question_that_means_nothing_is_refused(shared_api: RunningApi, asked: dict[str, str]) -> None:
    with shared_api.client("admin") as admin:
        assert problem(admin.get(AUDIT, params=asked)) == (422, "invalid")


def test_a_whole_chain_is_said_to_be_whole_and_the_check_is_entered(looked: RunningApi) -> None:
    with looked.client("admin") as admin:
        first = admin.get(f"{AUDIT}/check").json()
        second = admin.get(f"{AUDIT}/check").json()
    assert first == {"first": 1, "last": 5, "fault": None, "anchored": False, "unanchored": 5}
    assert second["last"] == 6
    assert audited(looked, "audit.checked")[0].details == {"first": 1, "last": 5, "found": "whole"}


def test_only_the_newest_part_of_a_long_chain_is_walked(looked: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_CHECKED", 2)
    with looked.client("admin") as admin:
        check = admin.get(f"{AUDIT}/check").json()
    assert (check["first"], check["last"], check["fault"]) == (4, 5, None)


def test_a_changed_entry_is_found(looked: RunningApi) -> None:
    with looked.client("admin") as admin, psycopg.connect(looked.conninfo, autocommit=True) as db:
        db.execute("SET session_replication_role = replica")  # as a superuser goes around the triggers
        db.execute("UPDATE audit SET actor = 'minh' WHERE seq = 3")
        check = admin.get(f"{AUDIT}/check").json()
    assert check["fault"] == "Entry 3 was changed after it was written."
    assert audited(looked, "audit.checked")[0].details["found"] == "broken"


def test_anchors_are_compared_and_unreadable_ones_are_said(start_api: StartApi, tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    api = start_api(audit_anchors=path)
    note(api, Note("lan", "live.began", "camera:quang-trung-1"))
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        anchors.write(path, audit.head(db))
    note(api, Note("lan", "live.ended", "camera:quang-trung-1"))
    with api.client("admin") as admin:
        check = admin.get(f"{AUDIT}/check").json()
        assert (check["anchored"], check["unanchored"], check["fault"]) == (True, 1, None)
        path.write_text("no anchor\n")
        assert problem(admin.get(f"{AUDIT}/check")) == (503, "anchors_unreadable")
