"""A configuration from the wall to the box and back: the API, ingest, the production broker, and a box that runs."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import StartApi
from tests.api.running import RunningApi, audited, problem
from tests.support.cameras import PASSWORD, USER, Line
from tests.support.configured import SQUARE, ConfiguredBox, camera
from tests.support.mosquitto import Mosquitto
from tests.support.samples import BOX_TOKEN
from tests.support.streams import camera as film_camera
from tests.support.streams import encode
from tests.support.waiting import eventually
from tests.support.workers import IngestWorker

BOX = "/api/v1/boxes/an-luu-1/configuration"
DOCUMENT: dict[str, Any] = {"cameras": [camera("quang-trung-1", "rtsp://10.0.0.5/1")]}
NAMES = {"quang-trung-1": {"name": "Ngã ba", "zones": {"san": "Sân"}, "lines": {}}}


def put(client: httpx.Client, document: object, seen: int, names: object = NAMES, note: str = "") -> httpx.Response:
    body = {"document": document, "names": names, "note": note}
    return client.put(BOX, json=body, headers={"If-Match": f'"{seen}"'})


@pytest.fixture
def client(api: RunningApi) -> Iterator[httpx.Client]:
    with api.client("tech", Origin=api.url) as client:
        yield client


def cameras_of(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in client.get("/api/v1/cameras").json()["items"] if one["box"] == "an-luu-1"}


def test_cameras_that_a_box_was_set_up_with_come_onto_the_wall_until_people_say_which_there_are(
    client: httpx.Client, api: RunningApi
) -> None:
    """As on a technician's first visit. What the inventory knows stays as it is, and nobody else's camera is taken."""
    before = cameras_of(client)
    fresh = {**camera("cong-sau", "rtsp://10.0.0.7/1"), "site": "cho-an-luu"}
    known = camera("quang-trung-1", "rtsp://10.0.0.5/1")
    strange = camera("yersin-1", "rtsp://10.0.0.9/1")
    with api.box() as box:
        own = {"document": {"cameras": [known, fresh, strange]}}
        assert box.put("/api/v1/box/configuration", json=own).status_code == 204
        shown = cameras_of(client)
        assert {name: shown[name] for name in before} == before
        assert shown.keys() - before.keys() == {"cong-sau"}
        assert (shown["cong-sau"]["name"], shown["cong-sau"]["site"]["id"]) == ("cong-sau", "cho-an-luu")
        assert [zone["id"] for zone in shown["cong-sau"]["zones"]] == ["san"]
        with psycopg.connect(api.conninfo) as db:
            (entry,) = db.execute("SELECT actor, details FROM audit WHERE action = 'box.cameras_entered'").fetchall()
        assert (entry[0], entry[1]["cameras"]) == ("box:an-luu-1", ["cong-sau"])

        assert put(client, DOCUMENT, 0).status_code == 200
        another = {"document": {"cameras": [camera("cong-truoc", "rtsp://10.0.0.8/1")]}}
        assert box.put("/api/v1/box/configuration", json=another).status_code == 204
        assert cameras_of(client).keys() == {"quang-trung-1"}


def test_a_revision_changes_what_the_wall_calls_cameras_and_their_parts(client: httpx.Client, api: RunningApi) -> None:
    assert client.get(BOX).json()["newest"]["document"] == {"cameras": []}
    document = deepcopy(DOCUMENT)
    document["cameras"].append({"id": "cong-sau", "site": "cho-an-luu", "url": "rtsp://10.0.0.7/1"})
    made = put(client, document, 0, {**NAMES, "cong-sau": {"name": "Cổng sau"}}, "thêm cổng sau")
    assert (made.status_code, made.json()["revision"], made.json()["state"]) == (200, 1, "pending")

    shown = cameras_of(client)
    assert {name: one["name"] for name, one in shown.items()} == {"quang-trung-1": "Ngã ba", "cong-sau": "Cổng sau"}
    assert shown["quang-trung-1"]["zones"] == [{"id": "san", "name": "Sân", "polygon": SQUARE}]
    read = client.get(BOX)
    assert (read.headers["etag"], read.json()["in_use"]) == ('"1"', None)
    assert read.json()["newest"]["document"] == document
    assert [site["id"] for site in read.json()["sites"]] == ["cho-an-luu", "quang-trung"]
    entry = audited(api, "box.configured")[-1]
    assert (entry.actor, entry.object) == ("tech", "box:an-luu-1")
    assert entry.details["added"] == ["cong-sau", "quang-trung-1"]


def test_two_people_do_not_overwrite_each_other(client: httpx.Client) -> None:
    assert put(client, DOCUMENT, 0).status_code == 200
    assert problem(put(client, DOCUMENT, 0)) == (412, "changed_meanwhile")
    assert put(client, {"cameras": []}, 1).status_code == 200
    assert cameras_of(client) == {}
    back = client.post(f"{BOX}/revisions/1/restore", headers={"If-Match": "2"})
    assert (back.status_code, back.json()["revision"]) == (200, 3)
    assert cameras_of(client)["quang-trung-1"]["name"] == "Ngã ba"


@pytest.mark.parametrize(
    ("where", "value", "field", "code"),
    [
        (["site"], "yersin", "cameras.0.site", "unknown_site"),
        (["url"], "rtsp://u:p@10.0.0.5/1", "cameras.0.url", "password_in_address"),
        (["url"], "http://10.0.0.5/1", "cameras.0.url", "address"),
        (["id"], "yersin-1", "cameras.0.id", "other_box"),
        (["zones", 0, "polygon"], [[0, 0], [1, 1]], "cameras.0.zones.0.polygon", "minItems"),
        (["zones", 0, "polygon", 0, 0], 1.5, "cameras.0.zones.0.polygon.0.0", "maximum"),
        (["rules", 0, "zone"], "ao", "cameras.0.rules.0.zone", "unknown_zone"),
        (["rules", 0, "min_seconds"], 0, "cameras.0.rules.0.min_seconds", "exclusiveMinimum"),
        (["rules", 0, "kind"], "dance", "cameras.0.rules.0.kind", "enum"),
        (["rotate"], 45, "cameras.0.rotate", "enum"),
        (["hue"], 1, "cameras.0", "additionalProperties"),
    ],
)
def test_a_mistake_is_named_with_its_field_before_anything_is_sent(
    client: httpx.Client, where: list[str | int], value: object, field: str, code: str
) -> None:
    document: Any = deepcopy(DOCUMENT)
    part = document["cameras"][0]
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = value
    answer = put(client, document, 0)
    assert problem(answer) == (422, "invalid_configuration")
    assert answer.json()["errors"] == [{"field": f"document.{field}", "code": code}]
    assert client.get(BOX).json()["newest"]["revision"] == 0


@pytest.mark.parametrize("own", [{"mqtt": {}}, {"data_dir": {}}, {"announce": {}}, {"devices": {"broker": {}}}])
def test_what_belongs_to_the_box_is_not_pushed(client: httpx.Client, own: dict[str, Any]) -> None:
    assert problem(put(client, {**DOCUMENT, **own}, 0)) == (422, "invalid_configuration")


SMOKE: dict[str, Any] = {"id": "khoi-bep", "kind": "smoke", "camera": "quang-trung-1"}


def test_devices_come_into_the_inventory_and_go_with_the_revision(client: httpx.Client) -> None:
    def listed() -> dict[str, tuple[str, str, str | None]]:
        items = client.get("/api/v1/devices").json()["items"]
        mine = [one for one in items if one["box"] == "an-luu-1" and not one["adopted"]]
        return {one["id"]: (one["name"], one["site"]["id"], one["gateway"]) for one in mine}

    before = listed()
    gateway = {"id": "gw-bep", "kind": "gateway", "dialect": "zigbee2mqtt"}
    devices = {"site": "quang-trung", "list": [gateway, {**SMOKE, "gateway": "gw-bep"}]}
    names = {**NAMES, "khoi-bep": {"name": "Báo khói bếp"}}
    assert put(client, {**DOCUMENT, "devices": devices}, 0, names).status_code == 200
    added = {
        "gw-bep": ("gw-bep", "quang-trung", None),
        "khoi-bep": ("Báo khói bếp", "quang-trung", "gw-bep"),
    }
    assert listed() == {**before, **added}
    assert client.get(BOX).json()["newest"]["names"]["khoi-bep"]["name"] == "Báo khói bếp"

    assert put(client, DOCUMENT, 1).status_code == 200  # says nothing of devices: they are as the box has them
    assert listed() == {**before, **added}
    assert put(client, {**DOCUMENT, "devices": devices}, 2).status_code == 200
    fewer = {**devices, "list": [SMOKE]}
    assert put(client, {**DOCUMENT, "devices": fewer}, 3).status_code == 200
    assert listed() == {**before, "khoi-bep": ("Báo khói bếp", "quang-trung", None)}


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"site": "yersin"}, "site", "unknown_site"),
        ({"camera": "cong-nao"}, "camera", "unknown_camera"),
        ({"site": "cho-an-luu"}, "camera", "elsewhere"),
        ({"gateway": "gw-nao"}, "gateway", "unknown_gateway"),
        ({"id": "quang-trung-1"}, "id", "repeated"),
        ({"period_s": 0}, "period_s", "exclusiveMinimum"),
        ({"dialect": "tieng-la"}, "dialect", "enum"),
    ],
)
def test_a_mistake_in_a_device_is_named(client: httpx.Client, change: dict[str, Any], where: str, code: str) -> None:
    answer = put(client, {**DOCUMENT, "devices": {"site": "quang-trung", "list": [{**SMOKE, **change}]}}, 0)
    errors = [(one["field"], one["code"]) for one in answer.json()["errors"]]
    assert (f"document.devices.list.0.{where}", code) in errors


@pytest.mark.parametrize(
    ("devices", "where", "code"),
    [
        ({"adopt": {}}, "site", "required"),
        ({"adopt": {"site": "yersin"}}, "adopt.site", "unknown_site"),
        ({"site": "quang-trung", "adopt": {"gateway": "gw-nao"}}, "adopt.gateway", "unknown_gateway"),
    ],
)
def test_what_will_be_adopted_has_its_place(
    client: httpx.Client, devices: dict[str, Any], where: str, code: str
) -> None:
    answer = put(client, {**DOCUMENT, "devices": devices}, 0)
    assert problem(answer) == (422, "invalid_configuration")
    assert answer.json()["errors"] == [{"field": f"document.devices.{where}", "code": code}]


@pytest.mark.parametrize(
    "part",
    [
        {"cameras": [{**camera("cong-sau", "rtsp://10.0.0.7/1"), "site": "cho-an-luu"}]},
        {"devices": {"site": "cho-an-luu"}},
        {"devices": {"site": "quang-trung", "list": [{"id": "khoi-bep", "kind": "smoke", "site": "cho-an-luu"}]}},
        {"devices": {"site": "quang-trung", "adopt": {"site": "cho-an-luu"}}},
    ],
)
def test_nobody_puts_anything_where_they_see_nothing(
    client: httpx.Client, api: RunningApi, part: dict[str, Any]
) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE users SET sites = '{quang-trung}' WHERE username = 'tech'")
        assert problem(put(client, {**DOCUMENT, **part}, 0)) == (403, "elsewhere")
        assert put(client, DOCUMENT, 0).status_code == 200
        db.execute("UPDATE users SET sites = '{}' WHERE username = 'tech'")
    assert put(client, {**DOCUMENT, **part}, 1).status_code == 200


def test_from_the_wall_to_the_box_and_back(start_api: StartApi, database: str, tmp_path: Path) -> None:
    api = start_api()
    line, broker = Line(film_camera(encode("h264", 320, 180, fps=10, gop=5))), Mosquitto(tmp_path)
    broker.start()
    address = f"rtsp://127.0.0.1:{line.port}/street"
    with_login = address.replace("rtsp://", f"rtsp://{USER}:{PASSWORD}@")
    worker = IngestWorker(tmp_path, database, broker.port, "1")
    box = ConfiguredBox(
        tmp_path, broker.port, [camera("quang-trung-1", with_login)], centre={"url": api.url, "token": BOX_TOKEN}
    )
    try:
        worker.start()
        box.start()
        with api.client("tech", Origin=api.url) as client:

            def state() -> tuple[str, str]:
                newest = client.get(BOX).json()["newest"]
                return newest["state"], newest["reason"]

            # What the box was set up with comes by itself, without the password.
            own = eventually(lambda: client.get(BOX).json()["newest"]["document"]["cameras"], 40)
            assert own[0]["url"] == address
            eventually(lambda: box.streaming() == {"quang-trung-1"}, 40)

            changed = deepcopy(DOCUMENT)
            changed["cameras"][0]["url"] = address
            changed["cameras"].append({**camera("cong-sau", address), "site": "cho-an-luu"})
            assert put(client, changed, 0, {**NAMES, "cong-sau": {"name": "Cổng sau"}}).status_code == 200
            eventually(lambda: state() == ("applied", ""), 40)
            assert client.get(BOX).json()["in_use"] == 1
            assert line.accepted == 2

            def seen() -> set[str]:
                return {event["event"]["camera"] for event in client.get("/api/v1/events").json()["items"]}

            eventually(lambda: "cong-sau" in seen(), 40)  # the first event of a camera that ingest did not know before

            # What the centre cannot know, the box refuses; the wall goes back to the names of what runs.
            wrong = deepcopy(changed)
            wrong["cameras"][0]["rules"][0]["schedule"] = [{"from": "06:00", "to": "18:00", "days": ["hoi_lang"]}]
            wrong["cameras"].append({"id": "cong-bac", "site": "cho-an-luu", "url": "rtsp://10.0.0.7/1"})
            assert put(client, wrong, 1).status_code == 200
            assert "cong-bac" in cameras_of(client)
            eventually(lambda: state()[0] == "refused", 40)
            assert "names the day hoi_lang, which is not known" in state()[1]
            shown = cameras_of(client)
            assert {name: one["name"] for name, one in shown.items()} == {
                "quang-trung-1": "Ngã ba",
                "cong-sau": "Cổng sau",
            }
            assert client.get(BOX).json()["in_use"] == 1
    finally:
        box.stop()
        worker.stop()
        broker.stop()
        line.close()
