"""Whether streets can be paid on, as the API tells it: figures, days, CSV, targets, notices, and what is public."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.rows import TupleRow

from api.access.limits import Buckets
from api.payments.payability import VIETNAM
from api.payments.public import Public, band_of
from api.payments.targets import aim_of
from storage import inventory
from storage.payability import TargetRow
from tests.api.conftest import StartApi
from tests.api.running import RunningApi, audited, problem
from tests.ingest.payments.test_watch import MINUTE, line, lives, looks, pay_to, say, with_market

SITE = "cho-an-luu"
TWELVE = [f"sap-{n:02}" for n in range(12)]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def market(database: str, connection: psycopg.Connection[TupleRow], now: datetime) -> psycopg.Connection[TupleRow]:
    """A market of twelve stalls of which one is out since three minutes, and a street with three shops."""
    inventory.apply(connection, with_market(TWELVE))
    connection.execute(
        "INSERT INTO payment_points (id, site_id, name, kind)"
        " SELECT 'tiem-' || n, 'quang-trung', 'Tiệm ' || n, 'shop' FROM generate_series(1, 3) AS n"
    )
    start = now - 5 * MINUTE
    for minute in range(6):
        at = start + minute * MINUTE
        lives(connection, at, 2, TWELVE[1:])
        lives(connection, at, 2 if minute < 2 else 0, TWELVE[:1])
        line(connection, at)
        say(connection, at, "code.verified", 1, TWELVE[:10])
    looks(connection, start, 300, 10)
    return connection


@pytest.fixture
def served(start_api: StartApi, market: psycopg.Connection[TupleRow]) -> RunningApi:
    return start_api(public_wards=["an-luu"], public_frames=["https://phuong.example.vn"])


def test_the_overview_says_how_each_site_stands_and_why(served: RunningApi, now: datetime) -> None:
    with served.client("lan") as client:
        seen = client.get("/api/v1/payments/payability").json()
    sites = {one["site"]: one for one in seen["items"]}
    market = sites[SITE]
    assert (market["points"], market["verified"], market["payable"], market["not_payable"]) == (12, 10, 11, 1)
    assert market["target"] == {"payable": 0.9, "verified": 0.9, "of": "usual"}
    assert market["lost_minutes"] == pytest.approx(3, abs=0.1) or market["lost_minutes"] < 3  # since midnight
    assert (sites["quang-trung"]["points"], sites["quang-trung"]["payable"]) == (3, 3), "their line works"
    (outage,) = seen["outages"]
    assert (outage["cause"], outage["site"], outage["point"], outage["points"]) == ("stall", SITE, "Sạp sap-00", 1)
    assert datetime.fromisoformat(outage["began"]) == now - 3 * MINUTE
    assert seen["looks"] == [{"ward": "an-luu", "looked_at": seen["looks"][0]["looked_at"], "stale": False}]


def test_nobody_sees_figures_of_another_ward(served: RunningApi) -> None:
    with served.client("minh") as client:
        assert client.get("/api/v1/payments/payability").json()["items"] == []
        assert problem(client.get("/api/v1/payments/payability/an-luu/days")) == (404, "not_found")
        assert problem(client.get("/api/v1/payments/payability/an-luu/export")) == (404, "not_found")


def test_days_are_told_with_shares_and_as_csv_for_two_kinds_of_spreadsheets(
    served: RunningApi, market: psycopg.Connection[TupleRow]
) -> None:
    yesterday = (datetime.now(UTC) + VIETNAM).date() - timedelta(days=1)
    market.execute("INSERT INTO payment_days VALUES (%s, %s, 12, 9, 1000, 912.5, 50, 37.5)", (SITE, yesterday))
    with served.client("lan") as client:
        items = client.get("/api/v1/payments/payability/an-luu/days").json()["items"]
        day = next(one for one in items if one["day"] == yesterday.isoformat())
        assert (day["payable_share"], day["unknown_share"], day["lost_minutes"]) == (0.9125, 0.05, 37.5)
        assert client.get("/api/v1/payments/payability/an-luu/days", params={"days": 1}).json()["items"] == [
            one for one in items if one["day"] != yesterday.isoformat()
        ]
        comma = client.get("/api/v1/payments/payability/an-luu/export")
        semicolon = client.get("/api/v1/payments/payability/an-luu/export", params={"separator": "semicolon"})
    assert comma.headers["content-type"].startswith("text/csv")
    assert comma.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(comma.text.removeprefix("\ufeff"))))
    first = next(row for row in rows if row["day"] == yesterday.isoformat())
    assert (first["site_name"], first["payable_share"], first["target_payable"]) == ("Chợ An Lưu", "0.9125", "0.9")
    other = list(csv.DictReader(io.StringIO(semicolon.text.removeprefix("\ufeff")), delimiter=";"))
    assert {row["payable_share"] for row in other} >= {"0,9125"}
    assert len(audited(served, "payability.exported")) == 2


def test_outages_that_are_over_are_told_once_for_a_cause(
    served: RunningApi, market: psycopg.Connection[TupleRow]
) -> None:
    market.execute(
        "INSERT INTO payment_outages (point_id, began, ended, ward_id, site_id, cause, place)"
        " SELECT 'sap-0' || n, now() - interval '2 hours' + n * interval '1 minute', now() - interval '1 hour',"
        " 'an-luu', %s, 'power', %s FROM generate_series(1, 4) AS n",
        (SITE, SITE),
    )
    with served.client("lan") as client:
        (past,) = client.get("/api/v1/payments/outages").json()["items"]
    assert (past["cause"], past["points"], past["site"]) == ("power", 4, SITE)


def test_the_nearest_target_counts() -> None:
    rows = [
        TargetRow("an-luu", "", "", 0.8, 0.7),
        TargetRow("an-luu", "market", "", 0.85, 0.75),
        TargetRow("an-luu", "", SITE, 0.99, 0.5),
        TargetRow("phuong-4", "", "", 0.1, 0.1),
    ]
    assert aim_of(rows, "an-luu", "market", SITE).of == "site"
    assert aim_of(rows, "an-luu", "market", "cho-khac").payable == 0.85
    assert aim_of(rows, "an-luu", "street", "quang-trung").verified == 0.7
    assert aim_of([], "an-luu", "street", "quang-trung").payable == 0.9
    assert aim_of(rows, "an-luu", "", "").of == "ward"


def test_an_operator_sets_targets_and_takes_them_away_and_police_reads_them(served: RunningApi) -> None:
    path = "/api/v1/payments/targets"
    with served.client("admin") as client:
        wish = {"ward": "an-luu", "site_kind": "market", "payable": 0.95, "verified": 0.8}
        assert client.put(path, json=wish).json()["items"] == [{**wish, "site": None}]
        (market,) = (one for one in client.get("/api/v1/payments/payability").json()["items"] if one["site"] == SITE)
        assert market["target"] == {"payable": 0.95, "verified": 0.8, "of": "site_kind"}
        assert problem(client.put(path, json={**wish, "site_kind": None, "site": "yersin"})) == (404, "not_found")
        assert problem(client.put(path, json={**wish, "site": SITE})) == (422, "invalid")
        assert problem(client.put(path, json={**wish, "payable": 1.1})) == (422, "invalid")
        place = {"ward": "an-luu", "site_kind": "market"}
        assert client.post(f"{path}/remove", json=place).json()["items"] == []
        assert problem(client.post(f"{path}/remove", json=place)) == (404, "not_found")
    with served.client("lan") as client:
        assert client.get(path).json() == {"items": [], "usual": 0.9}
        assert problem(client.put(path, json=wish)) == (403, "may_not_set_targets")
    made, gone = audited(served, "payment_target.set", "payment_target.removed")
    assert (made.actor, made.object, made.details["payable_percent"]) == ("admin", "site_kind:an-luu/market", 95)
    assert gone.action == "payment_target.removed"


def test_an_officer_says_that_a_bank_is_down_and_that_it_works_again(
    served: RunningApi, market: psycopg.Connection[TupleRow]
) -> None:
    pay_to(market, "sap-05", "970436")
    path = "/api/v1/payments/notices"
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    with served.client("lan") as client:
        posted = client.post(
            path, json={"ward": "an-luu", "bank": "970436", "note": "báo của ngân hàng", "until": until}
        )
        notice = posted.json()
        assert (posted.status_code, notice["bank_name"], notice["active"]) == (201, "Vietcombank", True)
        looks(market, datetime.now(UTC), 0)
        seen = client.get("/api/v1/payments/payability").json()
        assert {one["cause"] for one in seen["outages"]} == {"stall", "bank"}
        assert [one["id"] for one in seen["notices"]] == [notice["id"]]
        ended = client.post(f"{path}/{notice['id']}/end").json()
        assert (ended["active"], ended["ended_by_name"]) == (False, "Lan")
        assert problem(client.post(f"{path}/{notice['id']}/end")) == (409, "ended_already")
        assert client.get("/api/v1/payments/payability").json()["notices"] == []
        late = {"ward": "an-luu", "bank": "970436", "until": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
        assert problem(client.post(path, json=late)) == (422, "invalid")
        assert problem(client.post(path, json={**late, "until": until, "bank": "VCB"})) == (422, "invalid")
        assert problem(client.post(path, json={**late, "until": until, "ward": "phuong-4"})) == (404, "not_found")
    with served.client("tech") as client:
        assert problem(client.post(path, json={**late, "until": until})) == (403, "reads_only")
    assert [entry.action for entry in audited(served, "bank_notice.posted", "bank_notice.ended")] == [
        "bank_notice.posted",
        "bank_notice.ended",
    ]


def test_the_public_figures_name_no_stall_and_no_small_number(
    served: RunningApi, market: psycopg.Connection[TupleRow]
) -> None:
    with served.client() as client:
        answer = client.get("/api/v1/public/payability/an-luu.json")
        told = answer.json()
        assert problem(client.get("/api/v1/public/payability/phuong-4.json")) == (404, "not_found")
    sites = {one["name"]: one for one in told["sites"]}
    assert sites["Chợ An Lưu"] == {
        "name": "Chợ An Lưu", "kind": "market", "points": 12, "verified": 10, "payable": 11, "closed": False,
        "band": "most",
    }  # fmt: skip
    assert sites["Phố Quang Trung"] == {
        "name": "Phố Quang Trung", "kind": "street", "points": None, "verified": None, "payable": None,
        "closed": False, "band": "all",
    }  # fmt: skip
    assert (told["points"], told["payable"]) == (12, 11), "the ward's sum does not tell what a small site hides"
    assert told["outages"] == [], "a single stall's trouble is not everybody's business"
    for secret in ("sap-", "Sạp", "tiem-", "Tiệm", "970436", "lan"):
        assert secret not in answer.text.replace("an-luu", "")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in answer.headers


def test_the_public_page_shows_its_numbers_without_a_script_and_may_be_embedded_where_the_settings_say(
    served: RunningApi,
) -> None:
    with served.client() as client:
        page = client.get("/public/payability/an-luu")
        english = client.get("/public/payability/an-luu", params={"lang": "en"})
        assert problem(client.get("/public/payability/phuong-4")) == (404, "not_found")
        for file in ("payability.css", "payability.js"):
            assert client.get(f"/static/public/{file}").status_code == 200
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors https://phuong.example.vn" in policy
    assert "default-src 'none'" in policy
    assert "<strong>11</strong> / 12" in page.text
    assert "Được, ở phần lớn các điểm" in page.text
    assert "*998#" in page.text
    assert "Yes, in most places" in english.text
    assert " style=" not in page.text
    assert "<script>" not in page.text
    assert "sap-" not in page.text


def test_after_hours_the_public_page_says_that_it_is_closed(
    served: RunningApi, market: psycopg.Connection[TupleRow]
) -> None:
    market.execute("UPDATE payment_states SET state = 'closed', cause = NULL, place = NULL")
    with served.client() as client:
        page = client.get("/public/payability/an-luu").text
    assert "Đang ngoài giờ bán hàng" in page
    assert "Ngoài giờ bán hàng" in page


def test_without_a_setting_no_ward_is_public_and_no_page_may_be_embedded(api: RunningApi) -> None:
    with api.client() as client:
        assert problem(client.get("/api/v1/public/payability/an-luu.json")) == (404, "not_found")
        page = client.get("/public/payability/an-luu")
    assert problem(page) == (404, "not_found")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_who_asks_for_the_public_figures_too_often_waits(served: RunningApi) -> None:
    served.server.config.app.state.public.buckets = Buckets(0.01, 2)  # type: ignore[union-attr]
    with served.client() as client:
        answers = [client.get("/api/v1/public/payability/an-luu.json") for _ in range(2)]
        answers.append(client.get("/public/payability/an-luu"))
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[-1]) == (429, "too_many_requests")
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_the_database_is_asked_once_a_minute(served: RunningApi) -> None:
    clock = [0.0]
    public = Public(served.settings, lambda: clock[0])
    asked: list[float] = []

    def ask() -> object:
        asked.append(clock[0])
        return object()

    for at in (0.0, 10.0, 59.9, 60.0, 100.0):
        clock[0] = at
        public.of("an-luu", ask)  # type: ignore[arg-type]
    assert asked == [0.0, 60.0]


@pytest.mark.parametrize(
    ("payable", "known", "band"),
    [(0, 0, "unknown"), (3, 3, "all"), (0, 3, "none"), (2, 3, "most"), (1, 3, "some"), (2, 4, "most")],
)
def test_a_word_says_how_much_can_be_paid(payable: int, known: int, band: str) -> None:
    assert band_of(payable, known) == band
