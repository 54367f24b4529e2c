from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from storage import accounts
from storage.accounts import UserRow
from tests.api.running import RunningApi, audited, password_hash, problem

LAYOUTS = "/api/v1/layouts"
PREFERENCES = "/api/v1/session/preferences"
NIGHT = {"name": "Ca đêm", "tiles": 4, "cameras": ["quang-trung-1", None, "cho-an-luu-1", None], "follow_alerts": True}


@pytest.fixture
def api(api: RunningApi) -> RunningApi:
    """An API with two who share, and one officer of the market alone."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        for name, role, sites in (("vh", "operator", []), ("son", "police", ["cho-an-luu"])):
            accounts.put_user(db, UserRow(name, name.title(), password_hash(), role, ["an-luu"], False, sites))
    return api


def made(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post(LAYOUTS, json={**NIGHT, **changes})
    assert answer.status_code == 201, answer.text
    layout: dict[str, Any] = answer.json()
    return layout


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(LAYOUTS).raise_for_status().json()["items"]
    return items


def test_a_layout_is_kept_changed_and_removed(api: RunningApi) -> None:
    with api.client("lan") as client:
        layout = made(client)
        assert {**NIGHT, "mine": True, "owner": "lan", "version": 1}.items() <= layout.items()
        assert listed(client) == [layout]
        changed = client.put(f"{LAYOUTS}/{layout['id']}", json={**NIGHT, "name": "Ca ngày", "version": 1}).json()
        assert (changed["name"], changed["version"]) == ("Ca ngày", 2)
        assert client.delete(f"{LAYOUTS}/{layout['id']}").status_code == 204
        assert listed(client) == []
    assert [entry.action for entry in audited(api, "layout.put", "layout.removed")] == [
        "layout.put", "layout.put", "layout.removed",
    ]  # fmt: skip


def test_who_saw_an_older_version_is_told_the_newer_one(api: RunningApi) -> None:
    with api.client("lan") as client:
        path = f"{LAYOUTS}/{made(client)['id']}"
        assert client.put(path, json={**NIGHT, "version": 1}).status_code == 200
        late = client.put(path, json={**NIGHT, "name": "Khác", "version": 1})
        assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "changed_meanwhile", 2)
        assert listed(client)[0]["name"] == "Ca đêm"


def test_own_layouts_come_first_and_others_are_nobodys_business(api: RunningApi) -> None:
    with api.client("lan") as client, api.client("son") as other, api.client("vh") as operator:
        made(operator, role="police", name="Chung")
        layout = made(client, name="Ca đêm")
        made(client, name="An Lưu")
        assert [item["name"] for item in listed(client)] == ["An Lưu", "Ca đêm", "Chung"]
        assert [item["name"] for item in listed(other)] == ["Chung"]
        assert problem(other.delete(f"{LAYOUTS}/{layout['id']}")) == (404, "not_found")


def test_a_shared_layout_shows_each_only_the_cameras_they_see(api: RunningApi) -> None:
    with api.client("vh") as client, api.client("son") as limited, api.client("minh") as stranger:
        shared = made(client, role="police", ward="an-luu")
        (seen,) = listed(limited)
        assert (seen["cameras"], seen["mine"], seen["role"], seen["ward"]) == (
            [None, None, "cho-an-luu-1", None], False, "police", "an-luu",
        )  # fmt: skip
        assert listed(stranger) == [], "it is shared in An Lưu"
        path = f"{LAYOUTS}/{shared['id']}"
        assert problem(limited.put(path, json={**NIGHT, "cameras": [None] * 4, "version": 1})) == (403, "not_yours")
        assert problem(limited.delete(path)) == (403, "not_yours")
        made(client, role="police", name="Mọi nơi")
        assert [item["cameras"] for item in listed(stranger)] == [[None] * 4]


def test_an_admin_changes_what_others_share_and_sees_nothing_of_what_they_keep(api: RunningApi) -> None:
    with api.client("vh") as client, api.client("admin") as admin:
        made(client)
        shared = made(client, role="viewer")
        assert [item["id"] for item in listed(admin)] == [shared["id"]]
        changed = admin.put(f"{LAYOUTS}/{shared['id']}", json={**NIGHT, "role": "police", "version": 1}).json()
        assert (changed["owner"], changed["role"], changed["mine"]) == ("vh", "police", False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"role": "police"}, (403, "may_not_share")),
        ({"cameras": ["yersin-1", None, None, None]}, (422, "unknown_camera")),
        ({"cameras": ["nowhere", None, None, None]}, (422, "unknown_camera")),
        ({"cameras": ["quang-trung-1", "quang-trung-1", None, None]}, (422, "invalid")),
        ({"cameras": [None] * 3}, (422, "invalid")),
        ({"tiles": 5, "cameras": [None] * 5}, (422, "invalid")),
        ({"name": "  "}, (422, "invalid")),
        ({"name": "a\x00"}, (422, "invalid")),
        ({"ward": "an-luu"}, (422, "invalid")),
        ({"owner": "admin"}, (422, "invalid")),
    ],
)
def test_a_layout_that_cannot_be_is_refused(
    shared_api: RunningApi, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    with shared_api.client("lan") as client:
        answer = client.post(LAYOUTS, json={**NIGHT, **changes})
    assert (answer.status_code, answer.json()["code"]) == expected


def test_a_ward_elsewhere_is_no_ward(api: RunningApi) -> None:
    with api.client("vh") as client:
        answer = client.post(LAYOUTS, json={**NIGHT, "role": "police", "ward": "phuong-4"})
        assert problem(answer) == (422, "unknown_ward")


def test_a_user_keeps_fifty_layouts(api: RunningApi) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO layouts (id, owner, name, tiles, cameras)"
            " SELECT gen_random_uuid(), 'lan', 'Ca ' || n, 1, '{NULL}' FROM generate_series(1, 50) AS n"
        )
    with api.client("lan") as client:
        assert problem(client.post(LAYOUTS, json=NIGHT)) == (409, "too_many")


def test_preferences_are_kept_for_each_user(api: RunningApi) -> None:
    nothing = {"default_layout": None, "language": None, "sound": None}
    with api.client("lan") as client, api.client("minh") as other:
        assert client.get(PREFERENCES).json() == nothing
        layout = made(client)
        wish = {"default_layout": layout["id"], "language": "vi", "sound": False}
        assert client.put(PREFERENCES, json=wish).json() == wish
        assert client.get(PREFERENCES).json() == wish
        assert client.get(LAYOUTS).json()["default"] == layout["id"]
        assert other.get(PREFERENCES).json() == nothing
        client.delete(f"{LAYOUTS}/{layout['id']}")
        assert client.get(LAYOUTS).json()["default"] is None
        assert client.put(PREFERENCES, json={}).json() == nothing


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"colour": "red"}, {"default_layout": "x"}, {"sound": "loud"}])
def test_a_preference_that_is_none_is_refused(shared_api: RunningApi, wrong: dict[str, str]) -> None:
    with shared_api.client("lan") as client:
        assert client.put(PREFERENCES, json=wrong).status_code == 422


def test_a_default_that_one_does_not_see_is_no_default(api: RunningApi) -> None:
    with api.client("lan") as client:
        client.put(PREFERENCES, json={"default_layout": str(uuid4())}).raise_for_status()
        assert client.get(LAYOUTS).json()["default"] is None
