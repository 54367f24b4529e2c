from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookies import SimpleCookie
from statistics import median

import httpx
import psycopg
import pytest

from api.access.passwords import hash_password
from api.access.sessions import LOCK_OUT, MAX_FAILURES
from tests.api.conftest import StartApi
from tests.api.running import COOKIE, PASSWORD, RunningApi, problem

SESSION = "/api/v1/session"


def sign_in(client: httpx.Client, username: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return client.post(SESSION, json={"username": username, "password": password}, headers=headers)


def test_who_signs_in_gets_in_until_they_sign_out(api: RunningApi) -> None:
    with api.client() as client:
        assert sign_in(client, "lan").json() == {
            "username": "lan",
            "display_name": "Lan",
            "role": "police",
            "wards": ["an-luu"],
            "sees_video": True,
        }
        token = client.cookies[COOKIE]
        assert client.get(SESSION).json()["username"] == "lan"
        assert client.delete(SESSION).status_code == 204
        assert COOKIE not in client.cookies
        client.cookies.set(COOKIE, token)
        assert problem(client.get(SESSION)) == (401, "not_signed_in")


def test_a_token_is_kept_as_its_digest_only(api: RunningApi) -> None:
    with api.client() as client, psycopg.connect(api.conninfo) as db:
        sign_in(client, "lan")
        row = db.execute("SELECT sessions::text FROM sessions").fetchone()
    assert row is not None
    assert client.cookies[COOKIE] not in row[0]


def test_an_admin_sees_all_wards_and_a_technician_no_video(shared_api: RunningApi) -> None:
    with shared_api.client("admin") as client:
        assert client.get(SESSION).json()["wards"] == ["an-luu", "phuong-4"]
    with shared_api.client("tech") as client:
        assert client.get(SESSION).json()["sees_video"] is False


@pytest.mark.parametrize(
    ("secure", "name"),
    [(False, "phoan_session"), (True, "__Host-phoan_session")],
)
def test_scripts_and_other_sites_cannot_use_the_cookie(start_api: StartApi, secure: bool, name: str) -> None:
    api = start_api(cookie_secure=secure, session_hours=2)
    with api.client() as client:
        cookie = SimpleCookie(sign_in(client, "lan").headers["set-cookie"])[name]
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is secure
    assert cookie["samesite"] == "strict"
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["max-age"] == "7200"


def test_the_cookie_without_the_host_prefix_is_not_taken_over_tls(start_api: StartApi) -> None:
    api = start_api(cookie_secure=True)
    with api.client("lan") as client:
        assert problem(client.get(SESSION)) == (401, "not_signed_in")


def test_wrong_password_unknown_user_and_disabled_user_look_alike(api: RunningApi) -> None:
    with api.client() as client:
        answers = [sign_in(client, "lan", "wrong"), sign_in(client, "nobody"), sign_in(client, "nghi")]
    assert {problem(answer) for answer in answers} == {(401, "bad_credentials")}
    assert len({answer.content for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_an_unknown_user_takes_as_long_as_a_wrong_password(api: RunningApi) -> None:
    def seconds(client: httpx.Client, username: str) -> float:
        started = time.process_time()  # the API is of this process, and this clock stands while others have the machine
        sign_in(client, username, "wrong")
        return time.process_time() - started

    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE users SET password_hash = %s", (hash_password(PASSWORD),))  # as dear as the product's are
    with api.client() as client:
        known = median(seconds(client, name) for name in ("lan", "minh", "tech", "admin", "lan"))
        unknown = median(seconds(client, f"nobody-{number}") for number in range(5))
    assert 0.4 < unknown / known < 2.5  # without the hash it would be 0.1 or less


@pytest.mark.parametrize("username", ["lan", "nobody"])
def test_five_failures_lock_out_even_the_right_password(api: RunningApi, username: str) -> None:
    with api.client() as client:
        for _ in range(MAX_FAILURES):
            assert problem(sign_in(client, username, "wrong")) == (401, "bad_credentials")
        answer = sign_in(client, username)
        assert problem(answer) == (429, "too_many_attempts")
        assert 0 < int(answer.headers["retry-after"]) <= LOCK_OUT.total_seconds()
        assert sign_in(client, "minh").status_code == 200, "others are not locked out"


def test_a_lock_out_ends_by_itself(api: RunningApi) -> None:
    with api.client() as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        for _ in range(MAX_FAILURES):
            sign_in(client, "lan", "wrong")
        db.execute("UPDATE login_failures SET at = at - %s::interval", (LOCK_OUT,))
        assert sign_in(client, "lan").status_code == 200


def test_a_right_password_forgets_the_failures_before_it(api: RunningApi) -> None:
    with api.client() as client:
        for _ in range(2):
            for _ in range(MAX_FAILURES - 1):
                sign_in(client, "lan", "wrong")
            assert sign_in(client, "lan").status_code == 200


def test_many_guesses_at_once_are_no_more_than_five(api: RunningApi) -> None:
    with api.client() as client, ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: problem(sign_in(client, "lan", "wrong")), range(24)))
    assert answers.count((401, "bad_credentials")) <= MAX_FAILURES
    assert set(answers) <= {(401, "bad_credentials"), (429, "too_many_attempts")}


def test_a_session_ends_when_its_time_is_up(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        client.cookies.set(COOKIE, shared_api.session("lan", timedelta(seconds=-1)))
        assert problem(client.get(SESSION)) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "revoke",
    ["DELETE FROM sessions", "UPDATE users SET disabled = true", "DELETE FROM users"],
)
def test_a_session_ends_when_it_is_revoked(api: RunningApi, revoke: str) -> None:
    with api.client("lan") as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        assert client.get(SESSION).status_code == 200
        db.execute(revoke.encode())
        assert problem(client.get(SESSION)) == (401, "not_signed_in")


ORIGINS = [
    ("{url}", True),
    ("http://evil.example", False),
    ("null", False),
    ("", False),
    ("{url}.evil.example", False),
    ("http://evil.example@{host}", False),
    ("http://[", False),
    ("http://[::1", False),
    ("{host}", False),
]


@pytest.mark.parametrize(("origin", "welcome"), ORIGINS)
def test_only_our_own_page_may_sign_in_or_out(shared_api: RunningApi, origin: str, welcome: bool) -> None:
    origin = origin.format(url=shared_api.url, host=f"127.0.0.1:{shared_api.port}")
    with shared_api.client() as client:
        answer = sign_in(client, "lan", Origin=origin)
        assert (answer.status_code == 200) is welcome
        if not welcome:
            assert problem(answer) == (403, "wrong_origin")
    with shared_api.client("lan") as client:
        answer = client.delete(SESSION, headers={"Origin": origin})
        assert answer.status_code == (204 if welcome else 403)
        assert client.get(SESSION).status_code == (401 if welcome else 200)


@pytest.mark.parametrize(
    "token",
    ["x", "", "a" * 5000, "%00", "' OR 1=1 --", "\x80\xff"],
)
def test_a_made_up_cookie_is_nobody(shared_api: RunningApi, token: str) -> None:
    header = f"{COOKIE}={token}".encode("latin-1")
    with shared_api.client() as client:
        assert problem(client.get(SESSION, headers={b"Cookie": header})) == (401, "not_signed_in")


@pytest.mark.parametrize("header", ["Bearer", "Basic x", "Bearer \xff", "bearer " + "x" * 5000])
def test_a_made_up_box_token_is_nobody(shared_api: RunningApi, header: str) -> None:
    with shared_api.client() as client:
        answer = client.put(f"/api/v1/box/media/{'0' * 64}", headers={b"Authorization": header.encode("latin-1")})
    assert problem(answer) == (401, "unknown_box")
    assert answer.headers["www-authenticate"] == "Bearer"
