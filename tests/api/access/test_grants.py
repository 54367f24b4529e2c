from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import psycopg
import pytest

from api.live import sockets as live
from tests.api.running import RunningApi, audited, close_code, commit_event, heard, picture, problem, wanted, watch
from tests.support.samples import EVENT_ID, event

GRANTS = "/api/v1/grants"
CAMERAS = "/api/v1/cameras"
HOUR = timedelta(hours=1)


def asked(user: str = "tech", begin: timedelta | None = None, end: timedelta = HOUR, **place: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    body = {"username": user, "valid_until": (now + end).isoformat(), "reason": "thay camera hỏng", **place}
    return body | ({"valid_from": (now + begin).isoformat()} if begin is not None else {})


def picture_of(client: httpx.Client, camera: str) -> int:
    """503 is who may watch where no box sends; 403 and 404 are who may not."""
    return client.get(f"{CAMERAS}/{camera}/picture", timeout=20).status_code


def test_a_technician_watches_the_granted_site_and_no_other_until_it_is_withdrawn(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("tech") as tech:
        assert picture_of(tech, "quang-trung-1") == 403
        made = admin.post(GRANTS, json=asked(site="quang-trung"))
        assert made.status_code == 201
        assert (made.json()["site"], made.json()["ward"], made.json()["granted_by"]) == ("quang-trung", None, "admin")
        assert tech.get("/api/v1/session").json()["sees_video"] is True
        assert picture_of(tech, "quang-trung-1") == 503
        assert picture_of(tech, "cho-an-luu-1") == 403
        assert picture_of(tech, "yersin-1") == 404
        watched = {camera["id"]: camera["watched"] for camera in tech.get(CAMERAS).json()["items"]}
        assert watched == {"quang-trung-1": True, "cho-an-luu-1": False}
        assert admin.delete(f"{GRANTS}/{made.json()['id']}").status_code == 204
        assert picture_of(tech, "quang-trung-1") == 403
        assert problem(admin.delete(f"{GRANTS}/{made.json()['id']}")) == (404, "not_found")
        (listed,) = admin.get(GRANTS, params={"username": "tech"}).json()["items"]
        assert listed["withdrawn_at"]
    entries = audited(api, "grant.made", "grant.withdrawn")
    assert [entry.details["user"] for entry in entries] == ["tech", "tech"]
    assert (entries[0].ward, entries[0].details["reason"]) == ("an-luu", "thay camera hỏng")


def test_a_grant_in_another_ward_opens_cameras_events_and_pictures_of_that_site_alone(api: RunningApi) -> None:
    commit_event(api.conninfo, event())
    with api.client("admin") as admin, api.client("minh") as minh:
        assert minh.get(f"/api/v1/events/{EVENT_ID}").status_code == 404
        admin.post(GRANTS, json=asked("minh", site="quang-trung")).raise_for_status()
        seen = {camera["id"] for camera in minh.get(CAMERAS).json()["items"]}
        assert seen == {"yersin-1", "quang-trung-1"}
        assert minh.get(f"/api/v1/events/{EVENT_ID}").status_code == 200
        assert [item["event"]["id"] for item in minh.get("/api/v1/events").json()["items"]] == [str(EVENT_ID)]
        assert picture_of(minh, "cho-an-luu-1") == 404


def test_a_grant_begins_and_ends_by_itself(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("tech") as tech:
        span = asked(begin=timedelta(seconds=1.5), end=timedelta(seconds=3), ward="an-luu")
        admin.post(GRANTS, json=span).raise_for_status()
        seen = []
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            seen.append(tech.get("/api/v1/session").json()["sees_video"])
            time.sleep(0.1)
    changes = [seen[0], *(after for before, after in pairwise(seen) if before != after)]
    assert changes == [False, True, False]


def test_an_open_feed_ends_with_the_grant_it_began_with(api: RunningApi) -> None:
    with api.client("admin") as admin, closing(api.live_box()) as box:
        wanted(box)
        made = admin.post(GRANTS, json=asked(site="quang-trung")).raise_for_status().json()
        with closing(api.wall("tech")) as socket:
            heard(socket, "hello")
            watch(socket, "quang-trung-1", "cho-an-luu-1")
            assert wanted(box) == ["quang-trung-1"]
            box.send(picture("quang-trung-1"))
            admin.delete(f"{GRANTS}/{made['id']}").raise_for_status()
            assert close_code(socket) == live.COME_AGAIN
        assert wanted(box) == []


WRONG = {
    "no place": asked(),
    "two places": asked(ward="an-luu", site="quang-trung"),
    "no such ward": asked(ward="nowhere"),
    "no such site": asked(site="nowhere"),
    "over before it begins": asked(end=-HOUR, ward="an-luu"),
    "an end before the beginning": asked(begin=2 * HOUR, end=HOUR, ward="an-luu"),
    "too long": asked(end=timedelta(days=32), ward="an-luu"),
    "no reason": asked(ward="an-luu") | {"reason": "   "},
    "no time zone": asked(ward="an-luu") | {"valid_until": "2030-01-01T00:00:00"},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_a_wrong_grant_is_refused(shared_api: RunningApi, body: dict[str, Any]) -> None:
    with shared_api.client("admin") as admin:
        assert problem(admin.post(GRANTS, json=body)) == (422, "invalid")
        assert admin.get(GRANTS).json()["items"] == []


def test_a_grant_to_nobody_is_refused(shared_api: RunningApi) -> None:
    with shared_api.client("admin") as admin:
        assert problem(admin.post(GRANTS, json=asked("nobody", ward="an-luu"))) == (404, "not_found")


def test_who_is_limited_to_a_site_hears_and_sees_nothing_of_the_other(api: RunningApi) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE users SET sites = '{cho-an-luu}' WHERE username = 'lan'")
    with closing(api.live_box()) as box, closing(api.wall("lan")) as lan, closing(api.wall("admin")) as admin:
        for socket in (lan, admin):
            heard(socket, "hello")
        wanted(box)
        watch(lan, "quang-trung-1", "cho-an-luu-1")
        assert wanted(box) == ["cho-an-luu-1"]
        time.sleep(0.5)  # the listener starts
        commit_event(api.conninfo, event())
        other = event(id=EVENT_ID.__class__(int=EVENT_ID.int + 1), site="cho-an-luu", camera="cho-an-luu-1")
        commit_event(api.conninfo, other, seq=2)
        assert heard(admin, "event")["event"]["site"] == "quang-trung"
        first = heard(lan, "event")
        assert (first["event"]["id"], first["event"]["site"]) == (str(other.id), "cho-an-luu")
        assert json.dumps(first)


def test_video_is_given_of_no_camera_that_one_may_not_watch(api: RunningApi) -> None:
    with closing(api.live_box()) as box, closing(api.live_box("phuong-4-1")) as other:
        for one in (box, other):
            wanted(one)
        for user in ("lan", "tech"):
            with closing(api.wall(user)) as socket:
                heard(socket, "hello")
                words = {"type": "watch", "cameras": [], "video": ["yersin-1", "quang-trung-1"]}
                socket.send(json.dumps(words))
                socket.send(json.dumps(words | {"cameras": ["yersin-1"]}))
                for one in (box, other):
                    with pytest.raises(TimeoutError):
                        wanted(one, 0.3)
    assert audited(api, "live.began") == []
