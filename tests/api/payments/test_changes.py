from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from api.payments import key
from contracts import payment_code
from contracts.command import BOX_COMMAND, PaymentPoints
from storage import accounts
from storage.accounts import UserRow
from tests.api.conftest import StartApi
from tests.api.payments.registering import (
    OURS,
    REASON,
    SECOND,
    Json,
    approve,
    new_point,
    proposal,
    propose,
    register,
)
from tests.api.running import RunningApi, audited, heard, password_hash, problem

CHANGES = "/api/v1/payments/changes"


@pytest.fixture
def api(start_api: StartApi, tmp_path: Path) -> RunningApi:
    """An API with a key of payment codes, and a second officer of the ward."""
    key.make(tmp_path / "payments.key")
    api = start_api(payment_key_file=tmp_path / "payments.key")
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        accounts.put_user(db, UserRow("hoa", "Hoa", password_hash(), "police", ["an-luu"], False))
    return api


@pytest.fixture(scope="module")
def registered(shared_api: RunningApi) -> RunningApi:
    """One with a point, for what changes nothing."""
    register(shared_api)
    return shared_api


def point(api: RunningApi, id_: str = "quay-14") -> Json:
    with api.client("admin") as admin:
        found: Json = admin.get(f"/api/v1/payments/points/{id_}").raise_for_status().json()
    return found


def test_what_one_person_proposes_takes_effect_when_another_approves(api: RunningApi) -> None:
    with api.client("lan") as lan:
        change = propose(lan, new_point())
        assert (change["state"], change["mine"], change["may_decide"]) == ("proposed", True, False)
        assert [step["action"] for step in change["steps"]] == ["add_point", "add_payee"]
        assert (change["steps"][1]["bank_name"], change["steps"][1]["last_four"]) == ("Vietcombank", "8086")
        assert lan.get("/api/v1/payments/points").json()["items"] == []
        assert problem(lan.post(f"{CHANGES}/{change['id']}/approve", json={})) == (403, "own_proposal")
        assert problem(lan.post(f"{CHANGES}/{change['id']}/refuse", json={"remark": REASON})) == (403, "own_proposal")
    with api.client("hoa") as hoa:
        (waiting,) = hoa.get(CHANGES, params={"state": "proposed"}).json()["items"]
        assert waiting["may_decide"]
        done = hoa.post(f"{CHANGES}/{change['id']}/approve", json={"remark": "đã gọi chủ quầy"}).json()
        assert (done["state"], done["decided_by"], done["remark"]) == ("approved", "hoa", "đã gọi chủ quầy")
        again = hoa.post(f"{CHANGES}/{change['id']}/refuse", json={"remark": REASON})
        assert problem(again) == (409, "already_decided")
    (payee,) = point(api)["point"]["payees"]
    assert (payee["bank_name"], payee["last_four"], payee["change"]) == ("Vietcombank", "8086", change["id"])
    actions = [entry.action for entry in audited(api) if entry.action.startswith("payment.")]
    assert actions == ["payment.proposed", "payment.approved"]


def test_no_account_is_kept_anywhere(api: RunningApi) -> None:
    register(api)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        tables = ("payment_changes", "payment_change_steps", "payment_payees", "payment_points", "audit")
        rows = [row for table in tables for row in db.execute(f"SELECT t::text FROM {table} AS t")]
    assert len(rows) >= 6
    assert not any("0881000458086" in text for (text,) in rows)


def test_the_history_of_a_point_tells_all_that_was_proposed_about_it(api: RunningApi) -> None:
    register(api)
    fingerprint = point(api)["point"]["payees"][0]["fingerprint"]
    register(api, {"action": "add_payee", "point": "quay-14", "code": SECOND, "label": "MB"})
    register(api, {"action": "remove_payee", "point": "quay-14", "fingerprint": fingerprint})
    with api.client("lan") as lan:
        change = propose(lan, {"action": "end_point", "point": "quay-14"})
        withdrawn = lan.post(f"{CHANGES}/{change['id']}/withdraw").json()
        assert (withdrawn["state"], withdrawn["decided_by"]) == ("withdrawn", "lan")
    with api.client("hoa") as hoa:
        refused = propose(hoa, {"action": "end_point", "point": "quay-14"})
    with api.client("admin") as admin:
        assert problem(admin.post(f"{CHANGES}/{refused['id']}/refuse", json={"remark": "x"})) == (422, "invalid")
        admin.post(f"{CHANGES}/{refused['id']}/refuse", json={"remark": "quầy còn bán"}).raise_for_status()
    found = point(api)
    assert [payee["last_four"] for payee in found["point"]["payees"]] == ["1122"]
    told = [
        (change["state"], change["steps"][0]["action"], change["steps"][0]["last_four"]) for change in found["changes"]
    ]
    assert told == [
        ("refused", "end_point", None),
        ("withdrawn", "end_point", None),
        ("approved", "remove_payee", "8086"),
        ("approved", "add_payee", "1122"),
        ("approved", "add_point", None),
    ]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (new_point(id="quay-14"), (422, "point_exists")),
        (new_point("Quầy 15", "nowhere"), (422, "unknown_site")),
        (new_point("Quầy 15", "cho-an-luu", "https://example.com"), (422, "payment_code_foreign")),
        (new_point("Quầy 15", "cho-an-luu", OURS[:-1]), (422, "payment_code_broken")),
        ({"action": "add_payee", "point": "quay-14", "code": OURS}, (422, "payee_there")),
        (
            {"action": "add_payee", "point": "quay-14", "bank": "970436", "account": "0881000458086"},
            (422, "payee_there"),
        ),
        ({"action": "remove_payee", "point": "quay-14", "fingerprint": "a" * 64}, (422, "payee_not_there")),
        ({"action": "end_point", "point": "quay-99"}, (404, "not_found")),
        ({"action": "add_payee", "point": "quay-14"}, (422, "invalid")),
        ({"action": "add_payee", "point": "quay-14", "code": OURS, "bank": "970436"}, (422, "invalid")),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_proposed(
    registered: RunningApi, step: Json, expected: tuple[int, str]
) -> None:
    with registered.client("lan") as lan:
        assert problem(lan.post(CHANGES, json=proposal(step))) == expected


def test_what_no_longer_fits_is_not_approved(api: RunningApi) -> None:
    register(api)
    with api.client("lan") as lan:
        late = propose(lan, {"action": "add_payee", "point": "quay-14", "code": SECOND})
    register(api, {"action": "end_point", "point": "quay-14"})
    with api.client("admin") as admin:
        assert problem(admin.post(f"{CHANGES}/{late['id']}/approve", json={})) == (409, "no_longer_fits")
        assert admin.get(f"{CHANGES}/{late['id']}").json()["state"] == "proposed"


def test_without_the_key_codes_are_refused_and_the_registry_can_still_be_read(
    start_api: StartApi, tmp_path: Path
) -> None:
    api = start_api()
    with api.client("lan") as lan:
        assert lan.get("/api/v1/payments/points").json() == {"items": [], "total": 0, "next": None, "key": False}
        assert problem(lan.post(CHANGES, json=proposal(new_point()))) == (503, "no_payment_key")
        assert problem(lan.post("/api/v1/payments/patrol", json={"text": OURS})) == (503, "no_payment_key")


def test_another_key_than_the_registrys_judges_nothing(api: RunningApi, start_api: StartApi, tmp_path: Path) -> None:
    register(api)
    with api.client("lan") as lan:
        waiting = propose(lan, {"action": "add_payee", "point": "quay-14", "code": SECOND})
    key.make(tmp_path / "other.key")
    other = start_api(payment_key_file=tmp_path / "other.key", media_dir=tmp_path / "other")
    with other.client("admin") as admin:
        changed = (503, "payment_key_changed")
        assert problem(admin.post("/api/v1/payments/patrol", json={"text": OURS, "point": "quay-14"})) == changed
        assert problem(admin.post(CHANGES, json=proposal(new_point("Quầy 15")))) == changed
        assert problem(admin.post(f"{CHANGES}/{waiting['id']}/approve", json={})) == changed
    with closing(other.live_box()) as box:
        heard(box, "watch")
        box.send("{}")
        with pytest.raises(TimeoutError):
            heard(box, "payment_points", timeout_s=0.5)


def test_a_box_hears_of_its_points_when_it_dials_in_and_after_each_approved_change(
    api: RunningApi, tmp_path: Path
) -> None:
    register(api)
    master = (tmp_path / "payments.key").read_bytes()
    ward = payment_code.ward_key(master, "an-luu")

    def told(text: str) -> list[str]:
        return [payment_code.fingerprint(payee, ward) for payee in payment_code.read(text).payees]

    with closing(api.live_box()) as box, closing(api.live_box("phuong-4-1")) as elsewhere:
        first = BOX_COMMAND.validate_python(heard(box, "payment_points"))
        assert isinstance(first, PaymentPoints)
        assert first.key_bytes == ward
        assert [(one.id, list(one.payees)) for one in first.points] == [("quay-14", told(OURS))]
        assert heard(elsewhere, "payment_points")["points"] == []
        with api.client("lan") as lan:
            change = propose(lan, {"action": "add_payee", "point": "quay-14", "code": SECOND})
        approve(api, change["id"])
        second = heard(box, "payment_points")
        assert set(second["points"][0]["payees"]) == {*told(OURS), *told(SECOND)}
        with pytest.raises(TimeoutError):
            heard(elsewhere, "payment_points", timeout_s=0.5)


def test_who_approves_sees_where_else_the_account_is_accepted(api: RunningApi) -> None:
    register(api, new_point())
    with api.client("lan") as lan:
        propose(lan, new_point("Quầy 15"), new_point("Quầy 16", "cho-an-luu", SECOND))
    with api.client("hoa") as hoa:
        (waiting,) = hoa.get(CHANGES, params={"state": "proposed"}).json()["items"]
    also = {step["point_name"]: step["also"] for step in waiting["steps"] if step["action"] == "add_payee"}
    assert also == {"Quầy 15": ["Quầy 14"], "Quầy 16": []}
