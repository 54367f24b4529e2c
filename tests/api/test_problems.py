from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.conftest import StartApi
from tests.api.running import COOKIE, PASSWORD, RunningApi, audited, lost_database, problem
from tests.support.waiting import eventually

SESSION = "/api/v1/session"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/nothing", (404, "not_found")),
        ("GET", "/api/v2/events", (404, "not_found")),
        ("GET", "/nothing.js", (404, "not_found")),
        ("GET", "/static/nothing.js", (404, "not_found")),
        ("GET", "/static/%00", (404, "not_found")),
        ("GET", "/static/..%2f..%2fpyproject.toml", (404, "not_found")),
        ("GET", "/static/" + "a" * 5000, (404, "not_found")),
        ("PATCH", "/api/v1/events", (405, "method_not_allowed")),
        ("DELETE", "/", (405, "method_not_allowed")),
        ("POST", "/static/app.js", (405, "method_not_allowed")),
        ("GET", "/api/v1/events", (401, "not_signed_in")),
    ],
)
def test_every_error_is_a_problem_with_a_code(
    shared_api: RunningApi, method: str, path: str, expected: tuple[int, str]
) -> None:
    with shared_api.client() as client:
        answer = client.request(method, path)
    assert problem(answer) == expected
    assert answer.headers["x-content-type-options"] == "nosniff"
    if expected[0] == 405:
        assert answer.headers["allow"]


def credentials(**changes: Any) -> bytes:
    return json.dumps({"username": "lan", "password": PASSWORD, **changes}).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (422, "invalid")),
        (b"{", (422, "invalid")),
        (b"[]", (422, "invalid")),
        (b"\xff\xfe", (422, "invalid")),
        (b'"\xc3\x28"', (400, "http_error")),
        (b"[" * 60_000, (400, "http_error")),
        (credentials(username=""), (422, "invalid")),
        (credentials(username="a" * 81), (422, "invalid")),
        (credentials(username="lan\x00"), (422, "invalid")),
        (credentials(username="lan\r\nSet-Cookie: x=y"), (422, "invalid")),
        (credentials(username="\ud800"), (422, "invalid")),
        (credentials(username=["lan"]), (422, "invalid")),
        (credentials(username={"$ne": ""}), (422, "invalid")),
        (credentials(username=None), (422, "invalid")),
        (credentials(password=""), (422, "invalid")),
        (credentials(password="a" * 201), (422, "invalid")),
        (credentials(password="\x00"), (401, "bad_credentials")),
        (credentials(username="' OR 1=1 --"), (401, "bad_credentials")),
        (credentials(username="LAN"), (401, "bad_credentials")),
        (credentials(username="a" * 65_536), (413, "too_large")),
    ],
    ids=range(20),
)
def test_a_broken_sign_in_is_refused_and_not_quoted(
    shared_api: RunningApi, body: bytes, expected: tuple[int, str]
) -> None:
    with shared_api.client() as client:
        answer = client.post(SESSION, content=body, headers={"Content-Type": "application/json"})
    assert problem(answer) == expected
    assert PASSWORD not in answer.text


def test_every_refused_field_is_named_with_the_rule_that_it_broke(shared_api: RunningApi) -> None:
    new = {"username": "", "display_name": "Hoa", "role": "chief", "wards": ["An Lưu"], "password": "short"}
    with shared_api.client("admin") as admin:
        answer = admin.post("/api/v1/users", json=new)
    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"] == [
        {"field": "role", "code": "literal_error"},
        {"field": "wards.0", "code": "string_pattern_mismatch"},
        {"field": "username", "code": "string_too_short"},
        {"field": "password", "code": "string_too_short"},
    ]


def test_a_stream_without_end_is_not_read_to_its_end(shared_api: RunningApi) -> None:
    sent = 0

    def endless() -> Any:
        nonlocal sent
        while sent < 1_000_000_000:
            yield bytes(65_536)
            sent += 65_536

    with shared_api.client() as client, suppress(httpx.TransportError):  # who does not stop may miss the answer
        answer = client.post(SESSION, content=endless(), headers={"Content-Type": "application/json"})
        assert problem(answer) == (413, "too_large")
    assert sent < 100_000_000


def test_a_form_is_no_sign_in(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        answer = client.post(SESSION, data={"username": "lan", "password": PASSWORD})
    assert problem(answer) == (422, "invalid")


def test_without_its_database_the_api_says_so_and_comes_back(api: RunningApi) -> None:
    with api.client("lan") as client, api.box() as box:
        with lost_database(api):
            answer = client.get("/api/v1/events")
            assert problem(answer) == (503, "database_away")
            assert int(answer.headers["retry-after"]) > 0
            assert client.get("/").status_code == 200
            with pytest.raises(InvalidStatus) as refused:
                api.live_box()
            assert refused.value.response.status_code == 503
            assert problem(box.put(f"/api/v1/box/media/{'0' * 64}", content=b"x")) == (503, "database_away")
        eventually(lambda: client.get("/api/v1/events").status_code == 200, 40)


def test_a_broken_insides_is_a_problem_that_tells_nothing(api: RunningApi) -> None:
    with api.client("lan") as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("ALTER TABLE events RENAME TO elsewhere")
        answer = client.get("/api/v1/events")
    assert problem(answer) == (500, "internal")
    assert "events" not in answer.text
    assert "Traceback" not in answer.text


def test_many_at_once_share_the_connections_to_the_database(start_api: StartApi) -> None:
    api = start_api()
    with api.client("lan") as client:

        async def ask() -> list[int]:
            async with httpx.AsyncClient(base_url=api.url, cookies=client.cookies, timeout=20) as many:
                asked = [many.get("/api/v1/cameras/quang-trung-1/picture") for _ in range(30)]
                waiting = asyncio.gather(*asked)
                await asyncio.sleep(1)
                assert (await many.get(SESSION, timeout=2)).status_code == 200
                return [answer.status_code for answer in await waiting]

        assert asyncio.run(ask()) == [503] * 30


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/incidents/{id}/comments", {"text": "a\x00b"}),
        ("POST", "/api/v1/incidents/{id}/see", {"version": 2**31}),
        ("POST", "/api/v1/incidents/{id}/see", {"version": 10**30}),
        ("POST", "/api/v1/incidents/{id}/assign", {"version": 0, "to": "a\x00"}),
        ("POST", "/api/v1/wards/an-luu/handovers", {"start": "2026-02-10T05:00:00Z", "end": "2026-02-10T06:00:00Z",
                                                    "note": "\x00\x00"}),
        ("GET", "/api/v1/incidents?assignee=%00", None),
        ("GET", "/api/v1/incidents?assignee=%ff", None),
        ("GET", "/api/v1/events?cursor=%00", None),
        ("GET", "/api/v1/cameras/%00/picture", None),
    ],
)  # fmt: skip
def test_what_the_database_cannot_hold_is_no_fault_of_ours(
    shared_api: RunningApi, method: str, path: str, body: dict[str, object] | None
) -> None:
    path = path.format(id="01a20127-9021-7639-b2c0-85892cf05f7c")
    with shared_api.client("lan") as client:
        answer = client.request(method, path, json=body)
    if "%ff" in path:
        assert answer.status_code == 200, "what is no UTF-8 is nobody's name"
    else:
        assert problem(answer)[0] in (404, 422)


def test_no_secret_that_somebody_sends_is_in_the_log_or_the_audit(
    shared_api: RunningApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for ours in ("httpcore", "httpx"):  # the test's own client
        caplog.set_level("WARNING", ours)
    secrets = ["mật khẩu nhập nhầm", "739104", "token-of-nobody-at-all"]
    with shared_api.client() as client:
        client.post(SESSION, json={"username": "lan", "password": secrets[0], "code": secrets[1]})
        client.post(SESSION, json={"username": secrets[0], "password": secrets[0]})
        client.get(
            "/api/v1/events", headers={"Authorization": f"Bearer {secrets[2]}", "Cookie": f"{COOKIE}={secrets[2]}"}
        )
        signed_in = client.post(SESSION, json={"username": "lan", "password": PASSWORD})
        token = client.cookies[COOKIE]
        client.post("/api/v1/account/totp", json={"password": PASSWORD})
    assert signed_in.status_code == 200
    kept = caplog.text + "".join(repr(entry) for entry in audited(shared_api))
    for secret in (*secrets, PASSWORD, token):
        assert secret not in kept


def test_a_session_that_somebody_planted_is_not_the_one_that_is_opened(shared_api: RunningApi) -> None:
    planted = shared_api.session("minh")
    with shared_api.client() as client:
        client.cookies.set(COOKIE, planted, domain="127.0.0.1")
        answer = client.post(SESSION, json={"username": "lan", "password": PASSWORD})
        assert planted not in answer.headers["set-cookie"]
        assert len(SimpleCookie(answer.headers["set-cookie"])[COOKIE].value) >= 43, "256 random bits"
