"""Codes that let boxes in: who makes them for which place, what they let in, and how a box is shut out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from api.boxes.enrolment import slug_of
from api.config import ApiSettings
from contracts.enrolment import new_secret, parse_code
from demo.postgres import Postgres
from edge.enrol.keys import Key, new_key, new_password, request_pem
from storage import inventory
from tests.api.conftest import BASE, StartApi
from tests.api.running import RunningApi, audited, problem, put_users
from tests.support.certificates import enrolment_section
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY
from tests.support.waiting import eventually

CODES = "/api/v1/boxes/enrolments"
PLACE = {"ward": "an-luu", "site": "cho-an-luu"}


@pytest.fixture(scope="module")
def centre(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    folder = tmp_path_factory.mktemp("centre")
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
        put_users(conninfo)
        settings = {**BASE, "database": conninfo, "media_dir": folder, "enrolment": enrolment_section(folder)}
        api = RunningApi(ApiSettings.model_validate({**settings, "session_check_s": 0.1}), conninfo)
        yield api
        api.stop()


def made(api: RunningApi, **wanted: str) -> dict[str, str]:
    """A fresh code, made by the technician of An Lưu."""
    with api.client("tech") as tech:
        answer: dict[str, str] = tech.post(CODES, json={**PLACE, **wanted}).raise_for_status().json()
    return answer


def used(api: RunningApi, code: str, key: Key | None = None, client: httpx.Client | None = None) -> httpx.Response:
    """What the centre says to a box that comes with `code`."""
    body = {
        "secret": parse_code(code).secret,
        "certificate_request": request_pem(key or new_key()),
        "mqtt_password": new_password(),
    }
    with api.client() as box:
        return (client or box).post("/api/v1/enrol", json=body)


def item(api: RunningApi, code_id: str) -> dict[str, object]:
    with api.client("tech") as tech:
        items = tech.get(CODES).json()["items"]
    found: dict[str, object] = next(one for one in items if one["id"] == code_id)
    return found


def test_a_technician_makes_a_code_and_sees_it_used(centre: RunningApi) -> None:
    code = made(centre, name="Hộp chợ An Lưu, cổng Bắc")
    assert code["box"] == "hop-cho-an-luu-cong-bac"
    assert code["command"] == f"phoan-edge enrol {code['code']}@{centre.url}"
    assert item(centre, code["id"])["state"] == "waiting"
    answer = used(centre, code["code"])
    assert answer.status_code == 201
    told = answer.json()
    assert (told["box"], told["ward"], told["mqtt"]["username"]) == (code["box"], "an-luu", f"box.{code['box']}")
    after = item(centre, code["id"])
    assert (after["state"], after["box_state"]) == ("used", "unknown")
    with centre.client(Authorization=f"Bearer {told['token']}") as box:
        assert box.get(f"/api/v1/box/media/{'0' * 64}").status_code == 200
    entries = [
        entry for entry in audited(centre, "box.code_made", "box.enrolled") if entry.object == f"box:{code['box']}"
    ]
    assert [(entry.action, entry.actor, entry.ward) for entry in entries] == [
        ("box.code_made", "tech", "an-luu"), ("box.enrolled", f"box:{code['box']}", "an-luu"),
    ]  # fmt: skip
    assert code["code"] not in str(entries)
    assert parse_code(code["code"]).secret not in str(audited(centre))


def test_a_centre_says_before_a_code_is_wanted_whether_it_can_make_one(centre: RunningApi, api: RunningApi) -> None:
    """`api` has no authority that could let boxes in."""
    for one, can in ((centre, True), (api, False)):
        with one.client("tech") as tech:
            assert tech.get(CODES).json()["set_up"] is can


def test_names_that_are_taken_get_a_number(centre: RunningApi) -> None:
    names = [made(centre, name="Hộp Đường Lê Lợi")["box"] for _ in range(3)]
    assert names == ["hop-duong-le-loi", "hop-duong-le-loi-2", "hop-duong-le-loi-3"]
    assert slug_of("!!!") == "hop"


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"name": "Hộp", "ward": "phuong-4", "site": "yersin"}, 404, "not_found"),
        ({"name": "Hộp", "ward": "an-luu", "site": "yersin"}, 404, "not_found"),
        ({"name": "Hộp", "ward": "nowhere"}, 404, "not_found"),
        ({"name": "Hộp"}, 422, "invalid"),
        ({"ward": "an-luu"}, 422, "invalid"),
        ({"box": "phuong-4-1"}, 409, "box_taken"),
        ({"box": "an-luu-1", "ward": "phuong-4"}, 409, "box_taken"),
        ({"box": "Không phải tên", "name": "x", "ward": "an-luu"}, 422, "invalid"),
    ],
)
def test_a_code_is_for_a_place_that_one_is_in_charge_of(
    centre: RunningApi, wanted: dict[str, str], status: int, code: str
) -> None:
    with centre.client("tech") as tech:
        assert problem(tech.post(CODES, json=wanted)) == (status, code)


def test_police_make_no_codes_and_shut_nobody_out(centre: RunningApi) -> None:
    with centre.client("lan") as lan:
        for answer in (
            lan.get(CODES), lan.post(CODES, json={**PLACE, "name": "Hộp"}),
            lan.post("/api/v1/boxes/an-luu-1/revoke", json={"reason": "không còn dùng"}),
        ):  # fmt: skip
            assert problem(answer) == (403, "technicians_only")


def test_others_do_not_see_the_codes_of_a_ward(centre: RunningApi) -> None:
    code = made(centre, name="Hộp riêng")
    with psycopg.connect(centre.conninfo, autocommit=True) as db:
        db.execute("UPDATE users SET role = 'technician' WHERE username = 'minh'")
    try:
        with centre.client("minh") as minh:
            listed = minh.get(CODES).json()
            assert listed["items"] == []
            assert [ward["id"] for ward in listed["places"]] == ["phuong-4"]
            assert problem(minh.delete(f"{CODES}/{code['id']}")) == (404, "not_found")
    finally:
        with psycopg.connect(centre.conninfo, autocommit=True) as db:
            db.execute("UPDATE users SET role = 'police' WHERE username = 'minh'")


def test_a_code_that_was_withdrawn_lets_nobody_in(centre: RunningApi) -> None:
    code = made(centre, name="Hộp hủy")
    with centre.client("tech") as tech:
        assert tech.delete(f"{CODES}/{code['id']}").status_code == 204
        assert problem(tech.delete(f"{CODES}/{code['id']}")) == (404, "not_found")
    assert problem(used(centre, code["code"])) == (410, "code_withdrawn")
    assert item(centre, code["id"])["state"] == "withdrawn"
    assert audited(centre, "box.enrolment_refused")[-1].details == {"why": "withdrawn"}


def test_a_new_code_for_a_box_makes_the_old_one_good_for_nothing(centre: RunningApi) -> None:
    first, second = made(centre, box="hop-hai-ma", name="Hộp"), made(centre, box="hop-hai-ma", name="Hộp")
    assert problem(used(centre, first["code"])) == (410, "code_withdrawn")
    assert used(centre, second["code"]).status_code == 201


def test_nobody_makes_the_code_of_another_ward_good_for_nothing(centre: RunningApi) -> None:
    wanted = {"box": "hop-phuong-4", "name": "Hộp"}
    with centre.client("admin") as admin, centre.client("tech") as technician:
        waiting = admin.post(CODES, json={**wanted, "ward": "phuong-4"}).raise_for_status().json()
        assert problem(technician.post(CODES, json={**PLACE, **wanted})) == (409, "box_taken")
        assert used(centre, waiting["code"]).status_code == 201


def test_the_same_key_may_ask_again_and_another_may_not(centre: RunningApi) -> None:
    code, key = made(centre, name="Hộp lặp"), new_key()
    answers = [used(centre, code["code"], key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert problem(used(centre, code["code"])) == (410, "code_used")
    first, second = (answer.json()["token"] for answer in answers)
    for token, status in ((first, 401), (second, 200)):
        with centre.client(Authorization=f"Bearer {token}") as box:
            assert box.get(f"/api/v1/box/media/{'0' * 64}").status_code == status


def test_a_request_that_is_none_does_not_use_the_code_up(centre: RunningApi) -> None:
    code = made(centre, name="Hộp hỏng")
    body = {"secret": parse_code(code["code"]).secret, "certificate_request": "no request", "mqtt_password": "x" * 43}
    with centre.client() as box:
        assert problem(box.post("/api/v1/enrol", json=body)) == (422, "invalid")
        assert problem(box.post("/api/v1/enrol", json={**body, "secret": new_secret()})) == (422, "invalid")
    assert item(centre, code["id"])["state"] == "waiting"


def test_a_box_that_is_shut_out_is_refused_everywhere_and_stays_so(centre: RunningApi) -> None:
    code, key = made(centre, name="Hộp mất trộm"), new_key()
    told = used(centre, code["code"], key).json()
    headers = {"Authorization": f"Bearer {told['token']}"}
    live = centre.socket("/api/v1/box/live", **headers)
    with centre.client("tech") as tech:
        boxes = {box["id"]: box["access"] for box in tech.get("/api/v1/boxes").json()["items"]}
        assert boxes[told["box"]] == "granted"
        assert problem(tech.post(f"/api/v1/boxes/{told['box']}/revoke", json={"reason": "x"})) == (422, "invalid")
        assert tech.post(f"/api/v1/boxes/{told['box']}/revoke", json={"reason": "hộp bị mất trộm"}).status_code == 204
        boxes = {box["id"]: box["access"] for box in tech.get("/api/v1/boxes").json()["items"]}
        assert boxes[told["box"]] == "revoked"
    began = time.monotonic()
    eventually(lambda: _closed(live))
    assert time.monotonic() - began < 5
    with centre.client(**headers) as box:
        assert problem(box.get(f"/api/v1/box/media/{'0' * 64}")) == (401, "unknown_box")
        body = {"certificate_request": request_pem(key)}
        assert problem(box.post("/api/v1/box/certificate", json=body)) == (401, "unknown_box")
    assert problem(used(centre, code["code"], key)) == (410, "code_withdrawn")
    assert audited(centre, "box.revoked")[-1].details == {"reason": "hộp bị mất trộm"}


def test_an_inventory_file_does_not_let_a_box_in_again(start_api: StartApi) -> None:
    api = start_api()
    with api.client("tech") as tech:
        assert tech.post("/api/v1/boxes/an-luu-1/revoke", json={"reason": "thanh lý hộp"}).status_code == 204
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        inventory.apply(db, INVENTORY)
    with api.box("an-luu-1") as box:
        assert problem(box.get(f"/api/v1/box/media/{'0' * 64}")) == (401, "unknown_box")
    with api.box("phuong-4-1") as box:
        assert box.get(f"/api/v1/box/media/{'0' * 64}").status_code == 200


def test_who_guesses_is_slowed_down(start_api: StartApi) -> None:
    api = start_api(enrolments_per_minute=3)
    body = {"secret": "0" * 13, "certificate_request": request_pem(new_key()), "mqtt_password": "x" * 43}
    with api.client() as box:
        answers = [box.post("/api/v1/enrol", json=body) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [503, 503, 503, 429, 429]
        assert problem(answers[0]) == (503, "enrolment_not_set_up")
        assert int(answers[-1].headers["Retry-After"]) > 0


def _closed(live: ClientConnection) -> bool:
    try:
        live.recv(timeout=0.1)
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True
    return False
