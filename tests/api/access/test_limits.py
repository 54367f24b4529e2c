from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus

from api.access import limits
from api.access.limits import Buckets, bucket_name, client_address
from tests.api.conftest import StartApi
from tests.api.running import PASSWORD, problem

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_a_burst_and_then_so_much_a_second() -> None:
    clock = Clock()
    buckets = Buckets(rate=2, burst=5, clock=clock)
    assert [buckets.take("a") for _ in range(5)] == [0] * 5
    assert buckets.take("a") == pytest.approx(0.5)
    assert buckets.take("b") == 0, "another client has its own"
    clock.now += 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    clock.now += 3600
    assert [buckets.take("a") == 0 for _ in range(6)] == [True] * 5 + [False], "no more than the burst is saved up"


def test_only_so_many_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 10)
    buckets = Buckets(rate=1, burst=1, clock=Clock())
    for number in range(1000):
        buckets.take(f"client-{number}")
        assert len(buckets._buckets) <= 10
    assert buckets.take("client-999") > 0
    assert buckets.take("client-0") == 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["1.2.3.4"], "203.0.113.7"),  # who is no proxy is not believed
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),  # what stands before can be made up
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, nonsense"], "10.0.0.1"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
    ],
)
def test_the_address_is_the_last_that_no_proxy_of_ours_has(peer: str, forwarded: list[str], address: str) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    connection = HTTPConnection({"type": "http", "client": (peer, 1), "headers": headers})
    assert client_address(connection, PROXIES) == address


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_whole_ipv6_network_is_one_client(address: str, name: str) -> None:
    assert bucket_name(address) == name


def test_an_address_that_asks_too_much_is_told_when_to_come_again(start_api: StartApi) -> None:
    api = start_api(requests_per_second=0.1, requests_at_once=3, trusted_proxies=["127.0.0.0/8"])
    with api.client(**{"X-Forwarded-For": "203.0.113.7"}) as client:
        assert [client.get("/api/v1/session").status_code for _ in range(3)] == [401] * 3
        answer = client.get("/api/v1/session")
        assert problem(answer) == (429, "too_many_requests")
        assert 0 < int(answer.headers["retry-after"]) <= 10
        assert answer.headers["cache-control"] == "no-store"
        assert client.get("/static/app.js").status_code == 200, "the page's own files are free"
    with pytest.raises(InvalidStatus) as refused:
        api.socket("/api/v1/live", **{"X-Forwarded-For": "203.0.113.7"})
    assert refused.value.response.status_code == 403
    with api.client() as client:
        assert client.get("/api/v1/session").status_code == 401, "another address is not meant"


def test_sign_in_has_a_narrower_limit_whatever_the_name(start_api: StartApi) -> None:
    api = start_api(sign_ins_per_minute=3)
    with api.client() as client:
        codes = [
            client.post("/api/v1/session", json={"username": f"name-{number}", "password": "x"}).status_code
            for number in range(4)
        ]
        assert codes == [401, 401, 401, 429]
        right = client.post("/api/v1/session", json={"username": "lan", "password": PASSWORD})
        assert problem(right) == (429, "too_many_requests")
        assert client.get("/api/v1/session").status_code == 401


def test_a_header_of_a_stranger_gives_no_fresh_bucket(start_api: StartApi) -> None:
    api = start_api(requests_per_second=0.1, requests_at_once=3)
    with api.client() as client:
        codes = [
            client.get("/api/v1/session", headers={"X-Forwarded-For": f"1.2.3.{number}"}).status_code
            for number in range(5)
        ]
    assert codes == [401, 401, 401, 429, 429]
