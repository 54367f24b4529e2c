from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from contracts.command import RecordingReply, RecordingWanted, ReplyState
from contracts.event import Phase
from contracts.ids import digest_of, new_id
from contracts.telemetry import SampleRecord
from storage import accounts, recordings, records
from storage.accounts import UserRow
from storage.records import Commit
from tests.api.running import JPEG, RunningApi, commit_event, password_hash, problem
from tests.support.samples import NOON, event

PATH = "/api/v1/cameras/quang-trung-1/timeline"
HOUR = timedelta(hours=1)
DAY = {"from": NOON.isoformat(), "to": (NOON + timedelta(hours=2)).isoformat()}


def asked(api: RunningApi, user: str = "lan", path: str = PATH, **parameters: str) -> dict[str, Any]:
    with api.client(user) as client:
        answer: dict[str, Any] = client.get(path, params=parameters or DAY).raise_for_status().json()
        return answer


def measured(api: RunningApi, *samples: tuple[float, str, str | None, float]) -> None:
    """Store samples of the camera: minutes after NOON, metric, zone and value."""
    commit = Commit()
    for seq, (minute, metric, zone, value) in enumerate(samples, 1):
        at = NOON + timedelta(minutes=minute)
        commit.samples.add(
            "an-luu-1", SampleRecord(seq=seq, at=at, device="quang-trung-1", metric=metric, value=value, zone=zone)
        )
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        records.write(db, commit)


def test_events_come_newest_first_with_what_can_be_fetched_of_them(api: RunningApi) -> None:
    digest = digest_of(JPEG)
    with api.box() as box:
        box.put(f"/api/v1/box/media/{digest}", content=JPEG).raise_for_status()
    commit_event(api.conninfo, event(snapshot=digest, thumbnail=digest, clip="0" * 64, opened_at=NOON + HOUR))
    for number, hours in enumerate((-1, -3, 3), 2):  # the second ended before
        opened = NOON + hours * HOUR
        ended = {"phase": Phase.CLOSE, "closed_at": opened + HOUR} if hours == -3 else {}
        commit_event(api.conninfo, event(id=new_id(), opened_at=opened, kind="loitering", **ended), seq=number)
    commit_event(api.conninfo, event(id=new_id(), camera="cho-an-luu-1", site="cho-an-luu", opened_at=NOON), seq=9)
    first, second = asked(api)["events"]
    assert (first["kind"], first["snapshot"], first["thumbnail"], first["clip"]) == ("intrusion", True, True, False)
    assert (second["kind"], second["opened_at"]) == ("loitering", "2026-02-10T04:00:00Z")
    assert "closed_at" not in second
    (hidden, _) = asked(api, "tech")["events"]
    assert (hidden["snapshot"], hidden["thumbnail"]) == (False, False), "a technician sees no pictures"


def test_more_events_than_an_answer_holds_are_said_to_be_more(api: RunningApi) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id,"
            " at, captured_at, count, peak_count, confidence, body, received_at)"
            " SELECT gen_random_uuid(), %s::timestamptz + n * INTERVAL '1 second', 0, 'open', 'crowding', 'low',"
            " 'an-luu', 'quang-trung', 'an-luu-1', 'quang-trung-1', now(), now(), 1, 1, 0.5, '{}', now()"
            " FROM generate_series(1, 501) AS n",
            (NOON,),
        )
    answer = asked(api)
    assert (len(answer["events"]), answer["truncated"]) == (500, True)
    assert answer["events"][-1]["opened_at"] == "2026-02-10T05:00:02Z"


def test_states_and_counts_come_in_buckets(api: RunningApi) -> None:
    measured(
        api,
        (1, "camera.streaming", None, 1), (6, "camera.streaming", None, 0), (7, "camera.streaming", None, 1),
        (1, "zone.people", "via-he", 2), (3, "zone.people", "via-he", 4), (2, "zone.people", "cong", 5),
        (1, "line.in", "cua", 2), (2, "line.in", "cua", 1), (2, "line.out", "cua", 4), (2, "line.in_vehicle", "cua", 9),
    )  # fmt: skip
    answer = asked(api)
    assert answer["step"] == "5m"
    assert [(one["state"], one.get("share")) for one in answer["states"]] == [
        ("streaming", 1.0), ("partly", 0.5), ("silent", None),
    ]  # fmt: skip
    assert answer["states"][0]["from"] == answer["from"] == "2026-02-10T05:00:00Z"
    assert answer["states"][-1]["to"] == answer["to"] == "2026-02-10T07:00:00Z"
    assert answer["people"] == [{"at": "2026-02-10T05:00:00Z", "mean": 8.0, "highest": 5.0}]
    assert answer["crossings"] == [{"at": "2026-02-10T05:00:00Z", "line": "cua", "into": 3, "out": 4}]
    by_hour = asked(api, step="1h", **DAY)
    assert [one["state"] for one in by_hour["states"]] == ["partly", "silent"]


def test_films_are_told_to_who_may_ask_for_them(api: RunningApi) -> None:
    wanted = RecordingWanted(id=new_id(), camera="quang-trung-1", begin=NOON + HOUR, end=NOON + HOUR * 1.1)
    film = b"\x00\x00\x00\x20ftypisom" + bytes(1000)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        place = recordings.place_of(db, wanted.camera)
        assert place
        recordings.ask(db, wanted, place, reason="tìm trẻ lạc", by="lan")
        (before,) = asked(api)["recordings"]
        assert (before["state"], before["ready"], before["from"]) == ("asked", False, "2026-02-10T06:00:00Z")
        done = RecordingReply(
            id=wanted.id, state=ReplyState.DONE, digest=digest_of(film), began_at=wanted.begin, ended_at=wanted.end
        )
        assert recordings.answer(db, place.box_id, done)
        viewer = UserRow("xem", "Xem", password_hash(), "viewer", ["an-luu"], False)
        accounts.put_user(db, viewer)
    with api.box() as box:
        box.put(f"/api/v1/box/media/{digest_of(film)}", content=film).raise_for_status()
    (after,) = asked(api)["recordings"]
    assert (after["state"], after["ready"], after["requested_by"]) == ("done", True, "lan")
    assert "recordings" not in asked(api, "xem")
    assert asked(api, "xem")["people"] == []
    assert {"recordings", "people", "crossings"}.isdisjoint(asked(api, "tech"))


def test_without_a_span_it_is_the_last_day_up_to_now(shared_api: RunningApi) -> None:
    with shared_api.client("lan") as client:
        answer = client.get(PATH).raise_for_status().json()
    length = datetime.fromisoformat(answer["to"]) - datetime.fromisoformat(answer["from"])
    assert length == timedelta(days=1)
    assert abs(datetime.fromisoformat(answer["to"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert [one["state"] for one in answer["states"]] == ["silent"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-02-10T00:00:00Z", "to": "2026-02-10T00:00:00Z"},
        {"from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:01Z"},
        {"from": "2026-02-01T00:00:00Z", "to": "2026-02-04T00:00:00Z", "step": "5m"},
        {"from": "2026-02-01T00:00:00", "to": "2026-02-02T00:00:00Z"},
        {"step": "1m"},
        {"from": "yesterday"},
        {"to": "9999-12-31T00:00:00Z"},
    ],
)
def test_a_span_beyond_one_answer_is_refused(shared_api: RunningApi, parameters: dict[str, str]) -> None:
    with shared_api.client("lan") as client:
        assert client.get(PATH, params=parameters).status_code == 422


def test_a_week_comes_by_the_hour(shared_api: RunningApi) -> None:
    week = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z"}
    with shared_api.client("lan") as client:
        assert client.get(PATH, params=week).json()["step"] == "1h"


@pytest.mark.parametrize("camera", ["yersin-1", "no-such-camera"])
def test_a_camera_elsewhere_is_no_camera(shared_api: RunningApi, camera: str) -> None:
    with shared_api.client("lan") as client:
        assert problem(client.get(f"/api/v1/cameras/{camera}/timeline")) == (404, "not_found")
