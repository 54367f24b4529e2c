from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.inventory import Inventory
from storage import inventory

Connection = psycopg.Connection[TupleRow]

DECLARED: dict[str, Any] = {
    "provinces": [{"id": "hai-phong", "name": "Hải Phòng", "valid_from": "2025-07-01", "aliases": ["Hải Dương"]}],
    "wards": [
        {
            "id": "an-luu",
            "name": "Phường An Lưu",
            "province": "hai-phong",
            "aliases": ["Thị trấn An Lưu", "An Lưu, Kinh Môn"],
            "sites": [{"id": "cho-an-luu", "name": "Chợ An Lưu", "kind": "market"}],
            "payment_points": [{"id": "sap-12", "name": "Sạp 12", "site": "cho-an-luu", "kind": "stall"}],
            "devices": [
                {
                    "id": "khoi-1",
                    "name": "Báo khói dãy A",
                    "site": "cho-an-luu",
                    "kind": "smoke",
                    "box": "an-luu-1",
                    "gateway": "gw-1",
                }
            ],
        }
    ],
    "boxes": [{"id": "an-luu-1", "name": "Hộp 1", "ward": "an-luu"}],
}


def test_what_is_declared_is_in_the_database_however_often_it_is_applied(connection: Connection) -> None:
    declared = Inventory.model_validate(DECLARED)
    for _ in range(2):
        inventory.apply(connection, declared)
    wards = connection.execute("SELECT province_id, aliases FROM wards WHERE id = 'an-luu'").fetchall()
    assert wards == [("hai-phong", ["Thị trấn An Lưu", "An Lưu, Kinh Môn"])]
    assert connection.execute("SELECT id, site_id, kind FROM payment_points").fetchall() == [
        ("sap-12", "cho-an-luu", "stall")
    ]
    devices = connection.execute("SELECT id, box_id, kind, gateway_id FROM devices WHERE id = 'khoi-1'").fetchall()
    assert devices == [("khoi-1", "an-luu-1", "smoke", "gw-1")]


def test_a_device_belongs_to_its_payment_point_and_a_site_has_hours(connection: Connection) -> None:
    ward = DECLARED["wards"][0]
    plug = {"id": "o-cam", "name": "Ổ cắm", "site": "cho-an-luu", "kind": "plug", "payment_point": "sap-12"}
    market = {**ward["sites"][0], "hours": {"opens": "05:00", "closes": "12:30"}}
    changed = {**ward, "sites": [market], "devices": [plug]}
    inventory.apply(connection, Inventory.model_validate({**DECLARED, "wards": [changed]}))
    assert connection.execute("SELECT payment_point_id FROM devices WHERE id = 'o-cam'").fetchall() == [("sap-12",)]
    hours = connection.execute("SELECT opens::text, closes::text FROM sites WHERE id = 'cho-an-luu'").fetchall()
    assert hours == [("05:00:00", "12:30:00")]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"sites": [{"hours": {"opens": "05:00", "closes": "05:00"}}]}, "leave the hours out"),
        ({"devices": [{"payment_point": "sap-12"}]}, "stands at another site than payment point sap-12"),
    ],
)
def test_hours_that_are_none_and_a_device_at_another_site_than_its_point_are_refused(
    where: dict[str, list[dict[str, object]]], said: str
) -> None:
    ward = {**DECLARED["wards"][0]}
    ward["sites"] = [{"id": name, "name": name, "kind": "market"} for name in ("cho-an-luu", "cho-dem")]
    ward["devices"] = [{"id": "o-cam", "name": "Ổ cắm", "site": "cho-dem", "kind": "plug"}]
    for name, (changes,) in where.items():
        ward[name] = [{**ward[name][0], **changes}]
    with pytest.raises(ValueError, match=said):
        Inventory.model_validate({**DECLARED, "wards": [ward]})


def test_a_box_without_a_token_keeps_the_one_it_has(connection: Connection) -> None:
    query = "SELECT token_sha256 FROM boxes WHERE id = 'an-luu-1'"
    before = connection.execute(query).fetchone()
    inventory.apply(connection, Inventory.model_validate(DECLARED))
    assert connection.execute(query).fetchone() == before
    assert before != (None,)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"provinces": []}, "ward an-luu lies in province hai-phong, which is not listed"),
        ({"boxes": []}, "device khoi-1 is read by box an-luu-1, which is not listed"),
    ],
)
def test_an_inventory_names_only_what_it_lists(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Inventory.model_validate({**DECLARED, **changes})


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_log_refuses_every_change(connection: Connection, change: str) -> None:
    connection.execute(
        "INSERT INTO audit (seq, at, actor, action, object, client, details, previous, digest)"
        " VALUES (1, now(), 'a', 'b', 'c', '', '{}', '', '\\x01')"
    )
    with pytest.raises(psycopg.errors.RaiseException, match="rows of audit are only ever added"):
        connection.execute(change.encode())
