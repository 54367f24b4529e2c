"""Searches among events, as the page asks for them; storage.search is tested beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from contracts.event import Phase, Severity
from tests.api.past.test_events import commit_all, numbered, page
from tests.api.running import RunningApi
from tests.support.samples import EVENT_ID, NOON, smoke


def stored_variety(api: RunningApi) -> None:
    """Events that differ in everything that is searched for; the number in their ids names them."""
    market = {"camera": "cho-an-luu-1", "site": "cho-an-luu", "zone": None}
    closed = {"phase": Phase.CLOSE, "closed_at": NOON}
    commit_all(
        api,
        [
            numbered(1, kind="intrusion", severity=Severity.CRITICAL, snapshot="a" * 64, clip="b" * 64, **closed),
            numbered(2, kind="loitering", severity=Severity.LOW, **market),
            numbered(3, kind="crowding", severity=Severity.MEDIUM, zone=None, clip="b" * 64),
            numbered(4, kind="intrusion", severity=Severity.HIGH, snapshot="a" * 64, **market, **closed),
            smoke(id=numbered(6).id, opened_at=numbered(6).opened_at),
        ],
    )
    yersin = {"camera": "yersin-1", "site": "yersin", "zone": None}
    commit_all(api, [numbered(5, kind="intrusion", **yersin)], ward="phuong-4", box="phuong-4-1")


LATER = (NOON + timedelta(milliseconds=1)).isoformat()
SEARCHES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [6, 4, 3, 2, 1]),
    ({"q": "quang trung"}, [3, 1]),
    ({"q": "CHỢ an lưu"}, [6, 4, 2]),
    ({"q": "cổng chợ"}, [4, 2]),
    ({"q": "cong cho"}, [4, 2]),
    ({"q": "via he"}, [1]),
    ({"q": "phường an lưu"}, [6, 4, 3, 2, 1]),
    ({"q": "yersin"}, []),
    ({"q": "%"}, []),
    ({"q": "quang trung", "kind": "crowding"}, [3]),
    ({"kind": ["crowding", "loitering"]}, [3, 2]),
    ({"kind": "no_such_kind"}, []),
    ({"severity": "high"}, [6, 4, 1]),
    ({"severity": "critical"}, [6, 1]),
    ({"severity": "low"}, [6, 4, 3, 2, 1]),
    ({"state": "open"}, [6, 3, 2]),
    ({"state": "closed", "site": "cho-an-luu"}, [4]),
    ({"has": "clip"}, [3, 1]),
    ({"has": ["clip", "snapshot"]}, [1]),
    ({"from": LATER}, [6, 4, 3]),
    ({"to": LATER}, [2, 1]),
    ({"from": NOON.isoformat(), "to": LATER, "q": "chợ"}, [2]),
    ({"ward": "phuong-4"}, []),
    ({"ward": "an-luu", "camera": "cho-an-luu-1", "severity": "medium"}, [4]),
    ({"q": "dau bao khoi"}, [6]),
    ({"q": "khói chợ"}, [6]),
    ({"device": "khoi-cho-1"}, [6]),
    ({"device": "khoi-cho-1", "kind": "heat"}, []),
    ({"kind": "smoke", "site": "cho-an-luu"}, [6]),
]


@pytest.fixture(scope="module")
def variety(shared_api: RunningApi) -> RunningApi:
    """An API with `stored_variety`."""
    stored_variety(shared_api)
    return shared_api


@pytest.mark.parametrize(("params", "expected"), SEARCHES, ids=str)
def test_a_search_finds_what_is_asked_for(variety: RunningApi, params: dict[str, Any], expected: list[int]) -> None:
    with variety.client("lan") as client:
        found, following = page(client, **params)
        assert [UUID(id_).int - EVENT_ID.int for id_ in found] == expected
        assert following is None
        one_by_one: list[str] = []
        held, following = page(client, limit=1, **params)
        while held:
            one_by_one += held
            held, following = page(client, limit=1, cursor=following, **params) if following else ([], None)
        assert one_by_one == found


def test_the_old_name_of_a_ward_still_finds_it(variety: RunningApi) -> None:
    with variety.client("lan") as client, psycopg.connect(variety.conninfo, autocommit=True) as db:
        assert page(client, q="thi tran kinh mon")[0] == []
        db.execute("UPDATE wards SET aliases = '{Thị trấn Kinh Môn}', valid_from = '2025-07-01' WHERE id = 'an-luu'")
        assert len(page(client, q="thi tran kinh mon")[0]) == 5
