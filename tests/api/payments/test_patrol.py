from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from contracts import payment_code
from storage import accounts
from storage.accounts import UserRow
from tests.api.payments.registering import OURS, SECOND, SWAPPED, new_point, register, scan
from tests.api.running import RunningApi, audited, heard, password_hash, problem


@pytest.fixture(scope="module")
def registered(shared_api: RunningApi) -> RunningApi:
    with psycopg.connect(shared_api.conninfo, autocommit=True) as db:
        for name, role in (("xem", "viewer"), ("máy", "operator")):
            accounts.put_user(db, UserRow(name, name, password_hash(), role, ["an-luu"], False))
    register(shared_api, new_point(), new_point("Quầy 15", "cho-an-luu", SECOND), new_point("Quầy 16"))
    register(shared_api, {"action": "end_point", "point": "quay-16"})
    return shared_api


def test_the_answer_says_whether_the_code_belongs_to_the_point(registered: RunningApi) -> None:
    with registered.client("xem") as helper:
        ours = scan(helper, OURS)
        assert (ours["verdict"], ours["may_report"]) == ("ours", False)
        assert ours["payees"] == [{"bank": "970436", "bank_name": "Vietcombank", "last_four": "8086", "ours": True}]
        other = scan(helper, SECOND)
        assert (other["verdict"], [point["name"] for point in other["points"]]) == ("not_ours", ["Quầy 15"])
        assert other["may_report"]
        assert scan(helper, SWAPPED)["verdict"] == "not_ours"
        assert scan(helper, "https://example.com/tra-tien")["verdict"] == "foreign"
        assert scan(helper, OURS[:-2])["verdict"] == "broken"


def test_without_a_point_it_says_whose_the_code_is(registered: RunningApi) -> None:
    with registered.client("xem") as helper:
        found = scan(helper, SECOND, point=None)
        assert (found["verdict"], [point["id"] for point in found["points"]]) == ("found", ["quay-15"])
        unknown = scan(helper, payment_code.vietqr("999999", "77"), point=None)
        assert (unknown["verdict"], unknown["points"], unknown["may_report"]) == ("unknown", [], False)
        assert unknown["payees"][0]["bank_name"] is None
    with registered.client("minh") as elsewhere:  # another ward: the same code is nobody's there
        assert scan(elsewhere, SECOND, point=None)["verdict"] == "unknown"


def test_an_ended_point_is_not_scanned(registered: RunningApi) -> None:
    with registered.client("xem") as helper:
        body = {"point": "quay-16", "text": OURS}
        assert problem(helper.post("/api/v1/payments/patrol", json=body)) == (422, "point_ended")


def test_a_scan_is_kept_and_audited_without_what_it_said(registered: RunningApi) -> None:
    with registered.client("máy") as officer:
        made = scan(officer, SWAPPED)["scan"]
        detail = officer.get("/api/v1/payments/points/quay-14").json()
        assert detail["scans"][0]["verdict"] == "not_ours"
        assert detail["scans"][0]["banks"] == ["MB"]
    entry = next(entry for entry in audited(registered, "payment.scanned") if entry.details.get("scan") == made)
    assert (entry.object, entry.details["verdict"]) == ("payment_point:quay-14", "not_ours")
    with psycopg.connect(registered.conninfo, autocommit=True) as db:
        kept = [*db.execute("SELECT t::text FROM payment_scans AS t"), *db.execute("SELECT details::text FROM audit")]
    assert not any("1020304050" in text or SWAPPED in text for (text,) in kept)


def test_a_report_calls_the_officers_and_a_second_one_joins_it(registered: RunningApi) -> None:
    with closing(registered.wall("lan")) as wall:
        heard(wall, "hello")
        with registered.client("xem") as helper:
            first = scan(helper, SWAPPED)["scan"]
            answer = helper.post(f"/api/v1/payments/scans/{first}/report", json={"note": "mã trả về MB ••4050"})
            made = answer.raise_for_status().json()
            assert not made["joined"]
        told = heard(wall, "incident")["incident"]
        assert (told["id"], told["kind"], told["site"]) == (made["incident"], "payment_code_mismatch", "cho-an-luu")
    with registered.client("lan") as lan:
        detail = lan.get(f"/api/v1/incidents/{made['incident']}").json()
        assert [(step["action"], step["actor"]) for step in detail["steps"]] == [("open", "xem"), ("comment", "xem")]
        assert detail["steps"][1]["comment"] == "Quầy 14 (quay-14): mã trả về MB ••4050"
        second = scan(lan, SWAPPED, point="quay-15")["scan"]
        joined = lan.post(f"/api/v1/payments/scans/{second}/report", json={}).json()
        assert joined == {"incident": made["incident"], "joined": True}
        steps = lan.get(f"/api/v1/incidents/{made['incident']}").json()["steps"]
        assert steps[-1]["comment"] == "Quầy 15 (quay-15)"
    with psycopg.connect(registered.conninfo, autocommit=True) as db:
        asked = "SELECT what FROM incident_changes WHERE incident_id = %s"
        assert db.execute(asked, (made["incident"],)).fetchall()[0] == ("called",)


def test_what_needs_no_officer_is_not_reported(registered: RunningApi) -> None:
    with registered.client("xem") as helper:
        ours = scan(helper, OURS)["scan"]
        alone = scan(helper, SWAPPED, point=None)["scan"]
        wrong = scan(helper, SWAPPED)["scan"]
        report = "/api/v1/payments/scans/{}/report"
        assert problem(helper.post(report.format(ours), json={})) == (409, "nothing_to_report")
        assert problem(helper.post(report.format(alone), json={})) == (404, "not_found")
    with registered.client("máy") as other:
        assert problem(other.post(report.format(wrong), json={})) == (404, "not_found")
    with psycopg.connect(registered.conninfo, autocommit=True) as db:
        db.execute("UPDATE payment_scans SET at = now() - interval '1 hour' WHERE id = %s", (wrong,))
    with registered.client("xem") as helper:
        assert problem(helper.post(report.format(wrong), json={})) == (409, "nothing_to_report")


def test_nobody_tries_accounts_one_by_one(registered: RunningApi) -> None:
    with registered.client("tech") as technician:
        answers = [technician.post("/api/v1/payments/patrol", json={"text": "x"}) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert problem(refused[0]) == (429, "too_many_scans")
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert answers[0].status_code == 200
