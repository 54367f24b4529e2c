from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import psycopg
import pytest

from contracts.ids import digest_of
from tests.api.running import JPEG, RunningApi, audited, commit_event, heard, problem, wanted, watch
from tests.support.samples import EVENT_ID, event
from tests.support.waiting import eventually

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(5000)
CLIP = f"/api/v1/events/{EVENT_ID}/clip"
PLAYBACK = "/api/v1/playback"
REASON = "đối chiếu vụ mất xe máy"


@pytest.fixture
def filmed(api: RunningApi) -> RunningApi:
    """An API with an event, its snapshot and its clip."""
    commit_event(api.conninfo, event(snapshot=digest_of(JPEG), clip=digest_of(MP4)))
    with api.box() as box:
        for data in (JPEG, MP4):
            box.put(f"/api/v1/box/media/{digest_of(data)}", content=data).raise_for_status()
    return api


def ask(client: httpx.Client, reason: str = REASON, **thing: str) -> httpx.Response:
    return client.post(PLAYBACK, json={"reason": reason, **thing})


def test_a_clip_is_given_after_a_reason_to_that_session_only(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan, filmed.client("lan") as elsewhere, filmed.client("admin") as admin:
        assert problem(lan.get(CLIP)) == (403, "reason_needed")
        allowed = ask(lan, event=str(EVENT_ID))
        assert (allowed.status_code, allowed.json()["object"]) == (201, f"event:{EVENT_ID}")
        whole = lan.get(CLIP)
        assert (whole.content, whole.headers["cache-control"]) == (MP4, "no-store")
        part = lan.get(CLIP, headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        for other in (elsewhere, admin):
            assert problem(other.get(CLIP)) == (403, "reason_needed")


def test_a_reason_for_a_camera_covers_the_clips_of_its_events(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan:
        ask(lan, camera="cho-an-luu-1").raise_for_status()
        assert problem(lan.get(CLIP)) == (403, "reason_needed")
        ask(lan, camera="quang-trung-1").raise_for_status()
        assert lan.get(CLIP).status_code == 200


def test_a_reason_holds_for_some_minutes(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan, psycopg.connect(filmed.conninfo, autocommit=True) as db:
        ask(lan, event=str(EVENT_ID)).raise_for_status()
        db.execute("UPDATE playbacks SET valid_until = valid_until - INTERVAL '30 minutes'")
        assert problem(lan.get(CLIP)) == (403, "reason_needed")
        ask(lan, event=str(EVENT_ID)).raise_for_status()
        assert lan.get(CLIP).status_code == 200


def test_reason_and_playback_are_entered_and_a_player_that_asks_in_parts_makes_one_entry(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan:
        ask(lan, event=str(EVENT_ID)).raise_for_status()
        for begin in range(0, 5000, 500):
            lan.get(CLIP, headers={"Range": f"bytes={begin}-{begin + 499}"}).raise_for_status()
    asked, viewed = audited(filmed, "playback.asked", "playback.viewed")
    assert (asked.actor, asked.object, asked.ward) == ("lan", f"event:{EVENT_ID}", "an-luu")
    assert (viewed.action, viewed.object, viewed.details["reason"]) == ("playback.viewed", asked.object, REASON)


def test_a_snapshot_needs_no_reason_and_is_a_look(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan:
        for _ in range(3):
            assert lan.get(f"/api/v1/events/{EVENT_ID}/snapshot").content == JPEG
    (look,) = audited(filmed, "picture.viewed")
    assert (look.actor, look.object, look.ward) == ("lan", f"event:{EVENT_ID}", "an-luu")


@pytest.mark.parametrize(
    ("user", "thing", "expected"),
    [
        ("lan", {}, (422, "invalid")),
        ("lan", {"event": str(EVENT_ID), "camera": "quang-trung-1"}, (422, "invalid")),
        ("lan", {"camera": "quang-trung-1", "reason": "  a  "}, (422, "invalid")),
        ("lan", {"camera": "quang-trung-1", "reason": "x" * 301}, (422, "invalid")),
        ("lan", {"camera": "yersin-1"}, (404, "not_found")),
        ("minh", {"event": str(EVENT_ID)}, (404, "not_found")),
        ("minh", {"camera": "quang-trung-1"}, (404, "not_found")),
        ("tech", {"camera": "quang-trung-1"}, (403, "no_video")),
    ],
)
def test_a_reason_is_one_and_for_what_one_may_watch(
    filmed: RunningApi, user: str, thing: dict[str, Any], expected: tuple[int, str]
) -> None:
    with filmed.client(user) as client:
        assert problem(client.post(PLAYBACK, json={"reason": REASON, **thing})) == expected
    assert audited(filmed, "playback.asked") == []


def test_a_look_at_live_video_is_entered_when_it_begins_and_when_it_ends(api: RunningApi) -> None:
    with closing(api.live_box()) as box, closing(api.wall("lan")) as socket:
        heard(socket, "hello")
        wanted(box)
        watch(socket, "quang-trung-1", "cho-an-luu-1", "yersin-1")
        wanted(box)
        began = audited(api, "live.began")
        assert {(entry.object, entry.actor, entry.ward) for entry in began} == {
            (f"camera:{camera}", "lan", "an-luu") for camera in ("quang-trung-1", "cho-an-luu-1")
        }
        for _ in range(5):
            watch(socket, "quang-trung-1")
            watch(socket, "quang-trung-1", "cho-an-luu-1")
    ended = eventually(lambda: audited(api, "live.ended"))
    assert {entry.object for entry in ended} == {"camera:quang-trung-1", "camera:cho-an-luu-1"}
    assert len(audited(api, "live.began")) == 2, "tiles that are moved about are the same look"


def test_nothing_is_watched_before_it_is_entered(api: RunningApi) -> None:
    with closing(api.live_box()) as box, closing(api.wall("lan")) as socket:
        heard(socket, "hello")
        wanted(box)
        with psycopg.connect(api.conninfo, autocommit=True) as db:
            db.execute("DELETE FROM audit_head")
        watch(socket, "quang-trung-1")
        with pytest.raises(TimeoutError):
            wanted(box, 1.0)


def test_pictures_one_by_one_are_looks_too(api: RunningApi) -> None:
    with api.client("lan") as lan:
        lan.get("/api/v1/cameras/quang-trung-1/picture")
        lan.get("/api/v1/cameras/yersin-1/picture")
    (look,) = audited(api, "live.picture")
    assert (look.actor, look.object) == ("lan", "camera:quang-trung-1")
