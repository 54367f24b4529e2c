from __future__ import annotations

import csv
import io

import psycopg
import pytest

from storage import accounts
from storage.accounts import UserRow
from tests.api.payments.registering import SECOND, new_point, register
from tests.api.running import RunningApi, audited, password_hash, problem

POINTS = "/api/v1/payments/points"


@pytest.fixture(scope="module")
def registered(shared_api: RunningApi) -> RunningApi:
    """Three points at two sites, one of them ended."""
    with psycopg.connect(shared_api.conninfo, autocommit=True) as db:
        for name, role, sites in (("xem", "viewer", []), ("chợ", "operator", ["cho-an-luu"])):
            accounts.put_user(db, UserRow(name, name, password_hash(), role, ["an-luu"], False, sites))
    register(shared_api, new_point("Quầy Đào Thị Bưởi", stall="14"), new_point("Phở Bò", "quang-trung", SECOND))
    register(shared_api, new_point("=SUM(A1)", "quang-trung", SECOND))
    register(shared_api, {"action": "end_point", "point": "sum-a1"})
    return shared_api


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["quay-dao-thi-buoi", "pho-bo"]),
        ({"q": "dao buoi"}, ["quay-dao-thi-buoi"]),
        ({"q": "Đào"}, ["quay-dao-thi-buoi"]),
        ({"q": "quang trung"}, ["pho-bo"]),
        ({"q": "vietcombank 8086"}, ["quay-dao-thi-buoi"]),
        ({"q": "…"}, []),
        ({"site": "quang-trung", "state": "all"}, ["sum-a1", "pho-bo"]),
        ({"state": "ended"}, ["sum-a1"]),
        ({"id": "pho-bo"}, ["pho-bo"]),
        ({"id": "sum-a1"}, []),
        ({"ward": "phuong-4"}, []),
        ({"limit": 1, "start": 1}, ["pho-bo"]),
    ],
)
def test_points_are_found_by_words_site_and_state(
    registered: RunningApi, asked: dict[str, str], ids: list[str]
) -> None:
    with registered.client("lan") as lan:
        found = lan.get(POINTS, params=asked).json()
    assert [point["id"] for point in found["items"]] == ids


def test_a_page_says_where_the_next_begins(registered: RunningApi) -> None:
    with registered.client("lan") as lan:
        first = lan.get(POINTS, params={"limit": 1}).json()
        assert (first["total"], first["next"], first["key"]) == (2, 1, True)
        assert lan.get(POINTS, params={"limit": 1, "start": 1}).json()["next"] is None


def test_who_may_only_patrol_learns_names_and_no_accounts(registered: RunningApi) -> None:
    with registered.client("xem") as viewer:
        items = viewer.get(POINTS).json()["items"]
        assert [(point["codes"], point["payees"]) for point in items] == [(1, []), (1, [])]
        assert viewer.get(POINTS, params={"q": "8086"}).json()["items"] == []
        for path in (f"{POINTS}/pho-bo", "/api/v1/payments/export", "/api/v1/payments/changes"):
            assert problem(viewer.get(path)) == (403, "patrols_only")


def test_who_sees_a_site_sees_its_points_alone(registered: RunningApi) -> None:
    with registered.client("chợ") as operator:
        assert [point["id"] for point in operator.get(POINTS).json()["items"]] == ["quay-dao-thi-buoi"]
        assert problem(operator.get(f"{POINTS}/pho-bo")) == (404, "not_found")


def test_the_export_has_banks_and_last_digits_and_no_formula(registered: RunningApi) -> None:
    with registered.client("lan") as lan:
        answer = lan.get("/api/v1/payments/export", params={"ward": "an-luu"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["id"]: (row["name"], row["bank_name"], row["last_four"]) for row in rows} == {
        "quay-dao-thi-buoi": ("Quầy Đào Thị Bưởi", "Vietcombank", "8086"),
        "pho-bo": ("Phở Bò", "MB", "1122"),
        "sum-a1": ("'=SUM(A1)", "MB", "1122"),
    }
    assert "0881000458086" not in answer.text
    assert audited(registered, "payment.exported")[-1].details == {"points": 3}
