from __future__ import annotations

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.inventory import Inventory
from storage import inventory

Connection = psycopg.Connection[TupleRow]

DECLARED = {
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
                {"id": "khoi-1", "name": "Báo khói dãy A", "site": "cho-an-luu", "kind": "smoke", "box": "an-luu-1"}
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
    assert connection.execute("SELECT id, box_id, kind FROM devices").fetchall() == [("khoi-1", "an-luu-1", "smoke")]


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
