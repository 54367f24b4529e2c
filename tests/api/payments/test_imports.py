from __future__ import annotations

import psycopg
import pytest

from storage import accounts
from storage.accounts import UserRow
from tests.api.payments.registering import OURS, REASON, approve, new_point, register
from tests.api.running import RunningApi, password_hash, problem

IMPORTS = "/api/v1/payments/imports"
TABLE = (
    "\ufeffid;name;site;kind;stall;bank;account;label\r\n"
    "quay-1;Quầy 1;Chợ An Lưu;stall;1;Vietcombank;'0881000458086;VCB\r\n"
    "quay-1;;;;;MB;0350000111122;MB\r\n"
    "quay-2;Quầy 2;cho-an-luu;stall;2;;;\r\n"
)


def test_a_table_is_tried_then_proposed_and_approved_as_one_change(shared_api: RunningApi) -> None:
    with shared_api.client("lan") as lan:
        tried = lan.post(f"{IMPORTS}/check", json={"ward": "an-luu", "content": TABLE}).raise_for_status().json()
        assert (tried["faults"], tried["new_points"], tried["new_payees"]) == ([], 2, 2)
        assert [(line["line"], line["does"], line["bank_name"], line["last_four"]) for line in tried["lines"]] == [
            (2, "add_payee", "Vietcombank", "8086"),
            (3, "add_payee", "MB", "1122"),
            (4, "add_point", None, None),
        ]
        assert lan.get("/api/v1/payments/points").json()["total"] == 0
        made = lan.post(IMPORTS, json={"ward": "an-luu", "content": TABLE, "reason": REASON})
        change = made.raise_for_status().json()
        assert (change["source"], change["step_count"]) == ("import", 4)
    approve(shared_api, change["id"])
    with shared_api.client("lan") as lan:
        assert lan.get("/api/v1/payments/points").json()["total"] == 2
        tried = lan.post(f"{IMPORTS}/check", json={"ward": "an-luu", "content": TABLE}).json()
        assert [line["does"] for line in tried["lines"]] == ["same"] * 3
        again = lan.post(IMPORTS, json={"ward": "an-luu", "content": TABLE, "reason": REASON})
        assert problem(again) == (422, "nothing_new")


def test_a_table_with_one_fault_is_not_proposed_at_all(shared_api: RunningApi) -> None:
    register(shared_api, new_point("Quầy 77"))
    register(shared_api, new_point("Quầy 78"))
    register(shared_api, {"action": "end_point", "point": "quay-78"})
    table = "\n".join(
        [
            "id,name,site,kind,code",
            f"quay-90,Quầy 90,cho-an-luu,stall,{OURS}",
            "quay-77,Quầy khác,,,",
            "quay-77,,quang-trung,,",
            f"quay-78,,,,{OURS}",
            "quay-91,,,,",
        ]
    )
    body = {"ward": "an-luu", "content": table}
    expected = [
        (3, "name", "other_name"),
        (4, "site", "other_site"),
        (5, "account", "point_ended"),
        (6, "name", "empty_cell"),
    ]
    with shared_api.client("lan") as lan:
        tried = lan.post(f"{IMPORTS}/check", json=body).json()
        assert [(fault["line"], fault["column"], fault["code"]) for fault in tried["faults"]] == expected
        refused = lan.post(IMPORTS, json={**body, "reason": REASON})
        assert (refused.status_code, refused.json()["code"]) == (422, "table_has_faults")
        assert refused.json()["faults"] == tried["faults"]
        assert lan.get("/api/v1/payments/points", params={"q": "quay 90"}).json()["total"] == 0


def test_who_sees_one_site_imports_only_there(shared_api: RunningApi) -> None:
    with psycopg.connect(shared_api.conninfo, autocommit=True) as db:
        accounts.put_user(db, UserRow("phố", "phố", password_hash(), "operator", ["an-luu"], False, ["quang-trung"]))
    with shared_api.client("phố") as operator:
        tried = operator.post(f"{IMPORTS}/check", json={"ward": "an-luu", "content": TABLE}).json()
        assert {fault["code"] for fault in tried["faults"]} == {"unknown_site", "empty_cell"} or {
            fault["code"] for fault in tried["faults"]
        } == {"unknown_site", "point_exists"}
        assert problem(operator.post(f"{IMPORTS}/check", json={"ward": "phuong-4", "content": TABLE})) == (
            404,
            "not_found",
        )


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
def test_a_table_that_is_too_large_is_refused(shared_api: RunningApi, size: int) -> None:
    with shared_api.client("lan") as lan:
        answer = lan.post(f"{IMPORTS}/check", json={"ward": "an-luu", "content": "x" * size})
    assert problem(answer)[0] == (422 if size < 4_000_000 else 413)
