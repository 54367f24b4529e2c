from __future__ import annotations

import time
from contextlib import closing
from uuid import uuid4

import httpx
import psycopg
import pyotp
from cryptography.fernet import Fernet

from api.access import totp
from api.access.sessions import MAX_FAILURES
from api.live import sockets as live
from tests.api.conftest import StartApi
from tests.api.running import COOKIE, PASSWORD, RunningApi, audited, close_code, heard, problem

ACCOUNT = "/api/v1/account"
SESSION = "/api/v1/session"


def sign_in(client: httpx.Client, username: str = "lan", password: str = PASSWORD, **more: str) -> httpx.Response:
    return client.post(SESSION, json={"username": username, "password": password, **more})


def enrol(client: httpx.Client) -> tuple[str, list[str]]:
    """Set up the second factor of who is signed in: the secret and the recovery codes."""
    made = client.post(f"{ACCOUNT}/totp", json={"password": PASSWORD}).raise_for_status().json()
    secret = made["secret"]
    assert secret in made["uri"]
    left_s = totp.STEP_S - time.time() % totp.STEP_S
    if left_s < 5:
        time.sleep(left_s)  # what follows must fit into one half minute
    # the code of the half minute before, so that the present one is still unused
    shown = pyotp.TOTP(secret).generate_otp(int(time.time()) // totp.STEP_S - 1)
    codes = client.post(f"{ACCOUNT}/totp/confirm", json={"code": shown}).raise_for_status().json()["codes"]
    return secret, codes


def code(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def test_who_has_a_second_factor_is_asked_for_it(api: RunningApi) -> None:
    with api.client("lan") as client:
        secret, codes = enrol(client)
        assert client.get(f"{ACCOUNT}/totp").json()["recovery_codes_left"] == len(codes)
    with api.client() as client:
        assert problem(sign_in(client)) == (401, "code_needed")
        assert problem(sign_in(client, code="000 000 0")) == (401, "bad_code")
        assert problem(sign_in(client, password="wrong", code=code(secret))) == (401, "bad_credentials")
        assert COOKIE not in client.cookies
        shown = code(secret)
        assert sign_in(client, code=f"{shown[:3]} {shown[3:]}").status_code == 200, "typed as apps show it"
        assert sign_in(client, "minh").status_code == 200, "others have none"
    assert [entry.details["factor"] for entry in audited(api, "session.opened")] == ["totp", "none"]


def test_a_code_signs_in_once(api: RunningApi) -> None:
    with api.client("lan") as client:
        secret, _ = enrol(client)
    with api.client() as client:
        shown = code(secret)
        assert sign_in(client, code=shown).status_code == 200
        assert problem(sign_in(client, code=shown)) == (401, "bad_code")
        before = pyotp.TOTP(secret).generate_otp(int(time.time()) // totp.STEP_S - 1)
        assert problem(sign_in(client, code=before)) == (401, "bad_code"), "an older one neither"


def test_a_recovery_code_signs_in_once(api: RunningApi) -> None:
    with api.client("lan") as client:
        _, codes = enrol(client)
    with api.client() as client:
        assert sign_in(client, code=codes[3].upper()).status_code == 200
        assert problem(sign_in(client, code=codes[3])) == (401, "bad_code")
        assert sign_in(client, code=codes[4]).status_code == 200
        assert client.get(f"{ACCOUNT}/totp").json()["recovery_codes_left"] == len(codes) - 2
    with psycopg.connect(api.conninfo) as db:
        kept = db.execute("SELECT recovery_codes::text FROM recovery_codes").fetchall()
    assert not any(one in row[0] for row in kept for one in codes)


def test_guesses_at_the_code_lock_out_and_asking_for_it_does_not(api: RunningApi) -> None:
    with api.client("lan") as client:
        secret, _ = enrol(client)
    with api.client() as client:
        for _ in range(MAX_FAILURES * 2):
            assert problem(sign_in(client)) == (401, "code_needed")
        for _ in range(MAX_FAILURES):
            sign_in(client)  # does not forget the wrong codes between
            assert problem(sign_in(client, code="no code")) == (401, "bad_code")
        assert problem(sign_in(client, code=code(secret))) == (429, "too_many_attempts")


def test_a_secret_counts_only_once_its_code_was_shown(api: RunningApi) -> None:
    with api.client("lan") as client:
        assert problem(client.post(f"{ACCOUNT}/totp", json={"password": "wrong"})) == (403, "bad_credentials")
        assert client.post(f"{ACCOUNT}/totp", json={"password": PASSWORD}).status_code == 201
        assert problem(client.post(f"{ACCOUNT}/totp/confirm", json={"code": "1"})) == (403, "bad_code")
        assert client.get(f"{ACCOUNT}/totp").json()["since"] is None
        assert sign_in(client).status_code == 200
        enrol(client)
        assert problem(client.post(f"{ACCOUNT}/totp", json={"password": PASSWORD})) == (409, "totp_exists")


def test_the_second_factor_is_removed_against_password_and_code(api: RunningApi) -> None:
    with api.client("lan") as client:
        secret, _ = enrol(client)

        def remove(password: str, shown: str) -> httpx.Response:
            return client.request("DELETE", f"{ACCOUNT}/totp", json={"password": password, "code": shown})

        assert problem(remove("wrong", code(secret))) == (403, "bad_credentials")
        assert problem(remove(PASSWORD, "1")) == (403, "bad_code")
        assert remove(PASSWORD, code(secret)).status_code == 204
        assert sign_in(client).status_code == 200
    actions = [entry.action for entry in audited(api) if entry.action.startswith("totp.")]
    assert actions == ["totp.offered", "totp.enrolled", "totp.removed"]


def test_guessing_the_code_of_a_stolen_session_and_password_locks_out(api: RunningApi) -> None:
    with api.client("lan") as client:
        enrol(client)
        again = {"password": PASSWORD, "code": "no code"}
        codes = [client.request("DELETE", f"{ACCOUNT}/totp", json=again).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [403] * MAX_FAILURES + [429]


def test_a_role_that_must_have_a_second_factor_can_do_nothing_before(start_api: StartApi) -> None:
    api = start_api(totp_roles=["police"])
    with api.client() as client:
        assert sign_in(client).json()["must_enrol"] is True
        assert client.get(SESSION).json()["must_enrol"] is True
        for path in ("/api/v1/cameras", "/api/v1/events", f"{ACCOUNT}/sessions"):
            assert problem(client.get(path)) == (403, "totp_needed")
        with closing(api.wall(token=client.cookies[COOKIE])) as socket:
            assert close_code(socket) == live.NOT_SIGNED_IN
        secret, _ = enrol(client)
        assert client.get("/api/v1/cameras").status_code == 200
        again = {"password": PASSWORD, "code": code(secret)}
        assert problem(client.request("DELETE", f"{ACCOUNT}/totp", json=again)) == (403, "totp_needed")
    with api.client("tech") as client:
        assert client.get("/api/v1/cameras").status_code == 200, "the technician's role is not meant"


def test_a_sealed_secret_is_not_in_the_database_and_useless_without_the_key(start_api: StartApi) -> None:
    api = start_api(secret_key=Fernet.generate_key().decode())
    with api.client("lan") as client:
        secret, _ = enrol(client)
        assert sign_in(client, code=code(secret)).status_code == 200
    with psycopg.connect(api.conninfo) as db:
        assert db.execute("SELECT users::text FROM users WHERE users::text LIKE %s", (f"%{secret}%",)).fetchall() == []
    other = start_api(secret_key=Fernet.generate_key().decode())
    with other.client() as client:
        assert problem(sign_in(client, code=code(secret))) == (503, "totp_unreadable")
        assert sign_in(client, "minh").status_code == 200


def test_a_new_password_ends_the_other_sessions(api: RunningApi) -> None:
    new = "một mật khẩu khác"
    with api.client("lan") as client, api.client("lan") as other, api.client("minh") as minh:
        wrong = client.post(f"{ACCOUNT}/password", json={"current": "wrong", "new": new})
        assert problem(wrong) == (403, "bad_credentials")
        short = client.post(f"{ACCOUNT}/password", json={"current": PASSWORD, "new": "short"})
        assert problem(short) == (422, "invalid")
        assert other.get(SESSION).status_code == 200
        assert client.post(f"{ACCOUNT}/password", json={"current": PASSWORD, "new": new}).status_code == 204
        assert [one.get(SESSION).status_code for one in (client, other, minh)] == [200, 401, 200]
        assert sign_in(other).status_code == 401
        assert sign_in(other, password=new).status_code == 200


def test_guessing_the_password_of_a_stolen_session_locks_out(api: RunningApi) -> None:
    with api.client("lan") as client:
        codes = [
            client.post(f"{ACCOUNT}/password", json={"current": f"guess {number}", "new": PASSWORD}).status_code
            for number in range(MAX_FAILURES + 1)
        ]
    assert codes == [403] * MAX_FAILURES + [429]


def test_one_sees_and_ends_ones_own_sessions(api: RunningApi) -> None:
    with api.client() as client, api.client("lan") as other, api.client("minh") as minh:
        client.headers["User-Agent"] = "a browser"
        sign_in(client)
        listed = client.get(f"{ACCOUNT}/sessions").json()["items"]
        (current,) = [item for item in listed if item["current"]]
        (elsewhere,) = [item for item in listed if not item["current"]]
        assert (current["client"], current["agent"]) == ("127.0.0.1", "a browser")
        assert problem(minh.delete(f"{ACCOUNT}/sessions/{elsewhere['id']}")) == (404, "not_found")
        assert problem(client.delete(f"{ACCOUNT}/sessions/{uuid4()}")) == (404, "not_found")
        assert client.delete(f"{ACCOUNT}/sessions/{elsewhere['id']}").status_code == 204
        assert [one.get(SESSION).status_code for one in (client, other, minh)] == [200, 401, 200]
    with api.client("lan") as one, api.client("lan") as two:
        assert one.delete(f"{ACCOUNT}/sessions").status_code == 204
        assert [client.get(SESSION).status_code for client in (one, two)] == [200, 401]


def test_a_session_that_lies_unused_ends_and_one_that_is_used_does_not(start_api: StartApi) -> None:
    api = start_api(session_idle_minutes=30)
    age = "UPDATE sessions SET seen_at = now() - %s * INTERVAL '1 minute'"
    with api.client("lan") as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        for _ in range(3):
            db.execute(age, (29,))
            assert client.get(SESSION).status_code == 200
        db.execute(age, (31,))
        assert problem(client.get(SESSION)) == (401, "not_signed_in")


def test_an_open_wall_keeps_its_session_in_use(start_api: StartApi) -> None:
    api = start_api(session_check_s=0.1, session_idle_minutes=30)
    token = api.session("lan")
    with closing(api.wall(token=token)) as socket, psycopg.connect(api.conninfo, autocommit=True) as db:
        heard(socket, "hello")
        for _ in range(2):
            db.execute("UPDATE sessions SET seen_at = now() - INTERVAL '29 minutes'")
            time.sleep(0.5)
        row = db.execute("SELECT now() - seen_at < INTERVAL '1 minute' FROM sessions").fetchone()
    assert row == (True,)
