from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.conftest import StartApi
from tests.api.running import PASSWORD, RunningApi, lost_database, problem
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
