from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.past import cursor
from contracts.event import Event, EventRecord
from contracts.ids import digest_of
from storage import records
from storage.records import Commit, Origin
from storage.wall import EventKey
from tests.api.running import JPEG, RunningApi, commit_event, problem
from tests.support.samples import EPOCH, EVENT_ID, NOON, event

EVENTS = "/api/v1/events"


def numbered(number: int, **changes: object) -> Event:
    """Event `number`; three share each moment."""
    at = NOON + timedelta(milliseconds=number // 3)
    return event(id=UUID(int=EVENT_ID.int + number), opened_at=at, at=at, captured_at=at, **changes)


def commit_all(api: RunningApi, events: list[Event], ward: str = "an-luu", box: str = "an-luu-1") -> None:
    origin = Origin(ward, box, EPOCH)
    numbered_records = [(origin, EventRecord(seq=seq, event=one)) for seq, one in enumerate(events, 1)]
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        records.write(db, Commit(events=numbered_records, seqs={origin: set(range(1, len(events) + 1))}))


def page(client: httpx.Client, **params: Any) -> tuple[list[str], str | None]:
    answer = client.get(EVENTS, params=params).raise_for_status().json()
    return [item["event"]["id"] for item in answer["items"]], answer.get("next_cursor")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_pages_hold_every_event_once_newest_first_while_new_ones_arrive(api: RunningApi, limit: int) -> None:
    events = [numbered(number) for number in range(20)]
    commit_all(api, events)
    expected = [str(one.id) for one in sorted(events, key=lambda one: (one.opened_at, one.id), reverse=True)]
    seen: list[str] = []
    arrived = 100
    with api.client("lan") as client:
        ids, following = page(client, limit=limit)
        seen += ids
        while following:
            commit_event(api.conninfo, numbered(arrived), seq=arrived)
            arrived += 1
            ids, following = page(client, limit=limit, cursor=following)
            seen += ids
    assert seen == expected


def test_pages_of_one_camera_and_of_ones_own_ward(api: RunningApi) -> None:
    commit_all(api, [numbered(number, camera=("quang-trung-1", "cho-an-luu-1")[number % 2]) for number in range(6)])
    others = [numbered(number, camera="yersin-1", site="yersin") for number in range(6, 9)]
    commit_all(api, others, ward="phuong-4", box="phuong-4-1")
    with api.client("lan") as client:
        assert len(page(client)[0]) == 6
        first, following = page(client, camera="cho-an-luu-1", limit=2)
        rest, end = page(client, camera="cho-an-luu-1", limit=2, cursor=following)
        assert [UUID(id_).int - EVENT_ID.int for id_ in first + rest] == [5, 3, 1]
        assert end is None
        assert page(client, camera="yersin-1") == ([], None)
    with api.client("admin") as client:
        assert len(page(client)[0]) == 9


def test_a_cursor_of_another_ward_shows_nothing_of_it(api: RunningApi) -> None:
    commit_all(api, [numbered(number) for number in range(4)])
    with api.client("lan") as client, api.client("minh") as stranger:
        following = page(client, limit=1)[1]
        assert page(stranger, cursor=following) == ([], None)


def test_an_event_is_shown_at_its_newest_revision(api: RunningApi) -> None:
    commit_event(api.conninfo, event())
    commit_event(api.conninfo, event(revision=4, count=7, peak_count=9), seq=2)
    with api.client("lan") as client:
        shown = client.get(f"{EVENTS}/{EVENT_ID}").json()
    assert (shown["event"]["revision"], shown["event"]["count"]) == (4, 7)
    assert (shown["ward"], shown["box"]) == ("an-luu", "an-luu-1")
    assert datetime.fromisoformat(shown["received_at"]).tzinfo is not None


def word(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


GOOD = cursor.encode(EventKey(NOON, EVENT_ID))
BROKEN_CURSORS = [
    "x",
    "%",
    "ấ",
    "\x00",
    GOOD + "\x00",
    GOOD[:-3],
    word("2026-02-10T05:00:00+00:00"),
    word(f"2026-02-10T05:00:00 {EVENT_ID}"),
    word(f"yesterday {EVENT_ID}"),
    word("2026-02-10T05:00:00+00:00 x"),
    word(f"0001-01-01T00:00:00+14:00 {EVENT_ID}"),
    word(f"9999-12-31T23:59:59-14:00 {EVENT_ID}"),
    word("'; DROP TABLE events; --"),
    "A" * 201,
]
ODD_CURSORS = [word(f"2026-02-10T05:00:00{zone} {EVENT_ID}") for zone in ("+23:59", "-23:59:59", "+00:00:00.5")]


@pytest.mark.parametrize("broken", BROKEN_CURSORS)
def test_a_broken_cursor_is_refused(shared_api: RunningApi, broken: str) -> None:
    with shared_api.client("lan") as client:
        assert problem(client.get(EVENTS, params={"cursor": broken})) == (422, "invalid")


@pytest.mark.parametrize("odd", ODD_CURSORS)
def test_a_cursor_with_an_odd_time_zone_does_no_harm(shared_api: RunningApi, odd: str) -> None:
    with shared_api.client("lan") as client:
        assert page(client, cursor=odd) == ([], None)


@pytest.mark.parametrize("key", [EventKey(NOON, EVENT_ID), EventKey(NOON + timedelta(microseconds=1), UUID(int=0))])
def test_a_cursor_is_read_as_it_was_written(key: EventKey) -> None:
    assert cursor.decode(cursor.encode(key)) == key


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": -1},
        {"limit": "x"},
        {"limit": "9" * 5000},
        {"limit": "\x00"},
        {"camera": ""},
        {"camera": "a\x00"},
        {"camera": "Quang-Trung"},
        {"camera": "a" * 41},
        {"camera": "quang-trung-1\n"},
        {"camera": "../x"},
        {"q": ""},
        {"q": "a" * 101},
        {"q": "a\x00"},
        {"kind": "Intrusion"},
        {"kind": ["intrusion"] * 33},
        {"severity": "worst"},
        {"state": "new"},
        {"has": "film"},
        {"from": "2026-02-10T05:00:00"},
        {"to": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_a_question_out_of_bounds_is_refused(shared_api: RunningApi, params: dict[str, str]) -> None:
    with shared_api.client("lan") as client:
        assert problem(client.get(EVENTS, params=params)) == (422, "invalid")


@pytest.mark.parametrize("event_id", ["x", "%00", "1", "'", f"{EVENT_ID}%00"])
def test_an_id_that_is_none_is_refused(shared_api: RunningApi, event_id: str) -> None:
    with shared_api.client("lan") as client:
        assert problem(client.get(f"{EVENTS}/{event_id}")) == (422, "invalid")
        assert problem(client.get(f"{EVENTS}/{event_id}/snapshot")) == (422, "invalid")


def test_a_snapshot_is_there_once_the_box_has_sent_it(api: RunningApi) -> None:
    digest = digest_of(JPEG)
    commit_event(api.conninfo, event(snapshot=digest))
    path = f"{EVENTS}/{EVENT_ID}/snapshot"
    with api.client("lan") as client, api.box() as box:
        assert problem(client.get(path)) == (404, "not_found")
        assert box.put(f"/api/v1/box/media/{digest}", content=JPEG).status_code == 204
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (200, JPEG)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "no-store"
        (api.settings.media_dir / digest[:2] / digest).unlink()
        assert problem(client.get(path)) == (404, "not_found")


def test_an_event_without_a_snapshot_has_no_picture(api: RunningApi) -> None:
    commit_event(api.conninfo, event())
    with api.client("lan") as client:
        assert problem(client.get(f"{EVENTS}/{EVENT_ID}/snapshot")) == (404, "not_found")
