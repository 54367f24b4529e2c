from __future__ import annotations

from contextlib import closing
from uuid import uuid4

import psycopg
import pytest

from api.live import sockets as live
from storage import accounts
from tests.api.running import PASSWORD, RunningApi, audited, close_code, heard, problem

USERS = "/api/v1/users"
RIGHTS = {"display_name": "Hoa", "role": "police", "wards": ["an-luu"]}
NEW = {**RIGHTS, "username": "hoa", "password": PASSWORD}


def test_an_administrator_makes_a_user_who_signs_in_with_these_rights(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client() as client:
        made = admin.post(USERS, json={**NEW, "sites": ["cho-an-luu"]})
        assert made.status_code == 201
        assert (made.json()["sites"], made.json()["totp_since"]) == (["cho-an-luu"], None)
        assert PASSWORD not in made.text
        assert problem(admin.post(USERS, json=NEW)) == (409, "user_exists")
        client.post("/api/v1/session", json={"username": "hoa", "password": PASSWORD}).raise_for_status()
        assert [camera["id"] for camera in client.get("/api/v1/cameras").json()["items"]] == ["cho-an-luu-1"]
        listed = {item["username"]: item for item in admin.get(USERS).json()["items"]}
    assert listed["hoa"] == made.json()
    assert listed["nghi"]["disabled"] is True
    (entry,) = audited(api, "user.created")
    assert (entry.actor, entry.object, entry.details["sites"]) == ("admin", "user:hoa", ["cho-an-luu"])
    assert "password" not in repr(entry.details)


@pytest.mark.parametrize(
    "change",
    [
        {"wards": ["nowhere"]},
        {"sites": ["nowhere"]},
        {"sites": ["yersin"]},
        {"role": "chief"},
        {"password": "short"},
        {"username": ""},
        {"username": "h\n"},
        {"display_name": ""},
    ],
)
def test_a_wrong_user_is_refused_and_not_made(shared_api: RunningApi, change: dict[str, object]) -> None:
    with shared_api.client("admin") as admin:
        assert problem(admin.post(USERS, json={**NEW, **change})) == (422, "invalid")
        assert "hoa" not in {item["username"] for item in admin.get(USERS).json()["items"]}


def test_changed_rights_hold_at_once_and_are_entered(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("lan") as lan:
        assert len(lan.get("/api/v1/cameras").json()["items"]) == 2
        rights = {"display_name": "Lan", "role": "police", "wards": ["an-luu"], "sites": ["quang-trung"]}
        assert admin.put(f"{USERS}/lan", json=rights).json()["sites"] == ["quang-trung"]
        assert [camera["id"] for camera in lan.get("/api/v1/cameras").json()["items"]] == ["quang-trung-1"]
        assert problem(admin.put(f"{USERS}/nobody", json=rights)) == (404, "not_found")
    (entry,) = audited(api, "user.changed")
    assert (entry.object, entry.details) == ("user:lan", {"sites": ["quang-trung"]})


def test_a_disabled_user_is_out_everywhere_within_a_moment(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("lan") as lan, closing(api.wall("lan")) as socket:
        heard(socket, "hello")
        assert admin.put(f"{USERS}/lan", json={**RIGHTS, "disabled": True}).status_code == 200
        assert problem(lan.get("/api/v1/session")) == (401, "not_signed_in")
        assert close_code(socket) == live.NOT_SIGNED_IN
        with psycopg.connect(api.conninfo) as db:
            assert db.execute("SELECT count(*) FROM sessions WHERE username = 'lan'").fetchone() == (0,)


def test_an_administrator_ends_a_session_or_all_of_them_and_the_wall_with_them(api: RunningApi) -> None:
    with api.client("admin") as admin, api.client("lan") as one, api.client("lan") as two:
        sessions = admin.get(f"{USERS}/lan/sessions").json()["items"]
        assert len(sessions) == 2
        assert not any(item["current"] for item in sessions)
        assert admin.delete(f"{USERS}/minh/sessions/{sessions[0]['id']}").status_code == 404, "it is not minh's"
        assert admin.delete(f"{USERS}/lan/sessions/{sessions[0]['id']}").status_code == 204
        assert sorted(client.get("/api/v1/session").status_code for client in (one, two)) == [200, 401]
        with closing(api.wall("lan")) as socket:
            heard(socket, "hello")
            assert admin.delete(f"{USERS}/lan/sessions").status_code == 204
            assert close_code(socket) == live.NOT_SIGNED_IN
        assert admin.get("/api/v1/session").status_code == 200
        assert problem(admin.delete(f"{USERS}/lan/sessions/{uuid4()}")) == (404, "not_found")
        assert problem(admin.get(f"{USERS}/nobody/sessions")) == (404, "not_found")
    assert [entry.object.partition(":")[0] for entry in audited(api, "session.revoked")] == ["session", "user"]


def test_an_administrator_gives_a_new_password_and_takes_a_lost_second_factor_away(api: RunningApi) -> None:
    new = "mật khẩu tạm thời"
    with api.client("admin") as admin, api.client("lan") as lan, psycopg.connect(api.conninfo, autocommit=True) as db:
        accounts.set_totp(db, "lan", "open:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        accounts.confirm_totp(db, "lan", [])
        assert admin.post(f"{USERS}/lan/password", json={"password": new}).status_code == 204
        assert lan.get("/api/v1/session").status_code == 401
        body = {"username": "lan", "password": new}
        assert problem(lan.post("/api/v1/session", json=body)) == (401, "code_needed")
        assert admin.delete(f"{USERS}/lan/totp").status_code == 204
        assert lan.post("/api/v1/session", json=body).status_code == 200
    assert len(audited(api, "user.password_set", "totp.reset")) == 2


def test_no_administrator_locks_themselves_out(api: RunningApi) -> None:
    rights = {"display_name": "Admin", "role": "admin", "wards": []}
    with api.client("admin") as admin:
        for change in ({"disabled": True}, {"role": "viewer"}):
            assert problem(admin.put(f"{USERS}/admin", json={**rights, **change})) == (409, "own_account")
        assert admin.put(f"{USERS}/admin", json={**rights, "display_name": "Quản trị"}).status_code == 200


def test_a_change_that_cannot_be_entered_is_not_made(api: RunningApi) -> None:
    with api.client("admin") as admin, psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("DELETE FROM audit_head")
        assert problem(admin.post(USERS, json=NEW)) == (500, "internal")
        assert db.execute("SELECT count(*) FROM users WHERE username = 'hoa'").fetchone() == (0,)
