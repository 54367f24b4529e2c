from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.ids import new_id
from contracts.status import AdoptedDevice, BoxState, BoxStatus, CameraFault, CameraState, CameraStatus
from storage import devices, inventory, records, status, wall
from storage.scope import Scope
from tests.support.samples import INVENTORY, NOON, SESSION

Connection = psycopg.Connection[TupleRow]
LATER = new_id()


def said(state: BoxState, *, session: UUID = SESSION, n: int = 1, cameras: tuple[CameraStatus, ...] = ()) -> BoxStatus:
    return BoxStatus(box="an-luu-1", session=session, n=n, state=state, at=NOON, cameras=cameras)


ONLINE, OFFLINE = BoxState.ONLINE, BoxState.OFFLINE


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("a will ends its own connection", [said(ONLINE), said(OFFLINE, n=0)], "offline"),
        ("a late will of an older connection is ignored", [said(ONLINE, session=LATER), said(OFFLINE, n=0)], "online"),
        ("a new connection ends the offline state", [said(OFFLINE), said(ONLINE, session=LATER)], "online"),
        ("an older word of the same connection is ignored", [said(ONLINE, n=5), said(ONLINE, n=4)], "online"),
        ("a retained will is all that is known of a box", [said(OFFLINE, n=0)], "offline"),
    ],
)
def test_the_newest_word_wins(connection: Connection, name: str, words: list[BoxStatus], expected: str) -> None:
    for word in words:
        status.apply(connection, "an-luu", word)
    assert {row.box_state for row in wall.box_cameras(connection, ["an-luu-1"], ["an-luu"])} == {expected}, name


def test_a_box_speaks_for_its_own_cameras_only(connection: Connection) -> None:
    cameras = tuple(
        CameraStatus(id=name, site="quang-trung", state=CameraState.FAILED, since=NOON, fault=CameraFault.REFUSED.value)
        for name in ("quang-trung-1", "yersin-1")
    )
    assert status.apply(connection, "an-luu", said(ONLINE, cameras=cameras))
    rows = {row.id: row.state for row in wall.cameras(connection, Scope.of_wards(["an-luu", "phuong-4"]))}
    assert rows == {"quang-trung-1": "failed", "cho-an-luu-1": "unknown", "yersin-1": "unknown"}


def test_statuses_of_many_boxes_are_stored_at_once_each_for_its_own(connection: Connection) -> None:
    camera = CameraStatus(id="quang-trung-1", site="quang-trung", state=CameraState.STREAMING, since=NOON, fps=25.0)
    others = CameraStatus(id="quang-trung-1", site="yersin", state=CameraState.FAILED, since=NOON)
    mine = said(ONLINE, cameras=(camera,))
    foreign = mine.model_copy(update={"box": "phuong-4-1", "cameras": (others,)})
    unknown = mine.model_copy(update={"box": "nobodys"})
    taken = status.apply_all(connection, [("an-luu", mine), ("phuong-4", foreign), ("an-luu", unknown)])
    assert sorted(taken) == ["an-luu-1", "phuong-4-1"]
    rows = wall.box_cameras(connection, ["an-luu-1", "phuong-4-1"], ["an-luu", "phuong-4"])
    assert {row.id: row.state for row in rows} == {
        "quang-trung-1": "streaming", "cho-an-luu-1": "unknown", "yersin-1": "unknown"
    }  # fmt: skip
    assert {row.box_state for row in rows} == {"online"}
    assert {row.box_id for row in wall.box_cameras(connection, ["an-luu-1", "phuong-4-1"], ["an-luu"])} == {"an-luu-1"}


def test_of_two_workers_that_hear_a_status_one_writes_it(connection: Connection) -> None:
    assert status.apply(connection, "an-luu", said(ONLINE, n=3))
    assert not status.apply(connection, "an-luu", said(ONLINE, n=3))
    assert status.apply(connection, "an-luu", said(ONLINE, n=4))


def test_a_camera_of_which_nothing_is_new_is_not_written(connection: Connection) -> None:
    def row() -> object:
        return connection.execute("SELECT xmin::text FROM cameras WHERE id = 'quang-trung-1'").fetchone()

    camera = CameraStatus(id="quang-trung-1", site="quang-trung", state=CameraState.STREAMING, since=NOON, fps=25.0)
    status.apply(connection, "an-luu", said(ONLINE, n=1, cameras=(camera,)))
    before = row()
    status.apply(connection, "an-luu", said(ONLINE, n=2, cameras=(camera,)))
    assert row() == before
    status.apply(connection, "an-luu", said(ONLINE, n=3, cameras=(camera.model_copy(update={"fps": 12.5}),)))
    assert row() != before


def test_a_box_of_another_ward_is_not_taken(connection: Connection) -> None:
    assert not status.apply(connection, "phuong-4", said(ONLINE))


def adopted(id_: str, site: str = "cho-an-luu", **changes: object) -> AdoptedDevice:
    return AdoptedDevice.model_validate(
        {"id": id_, "name": f"Thiết bị {id_}", "site": site, "kind": "smoke", **changes}
    )


def test_a_box_brings_the_devices_that_it_adopted(connection: Connection) -> None:
    told = (
        adopted("zb-1", gateway="gw-cho"),
        adopted("khoi-cho-1"),
        adopted("zb-2", "yersin"),
        adopted("zb-3", "nowhere"),
    )
    for word in (said(ONLINE), said(ONLINE, n=2).model_copy(update={"devices": told})):
        status.apply(connection, "an-luu", word)
    again = said(ONLINE, n=3).model_copy(update={"devices": (adopted("zb-1", name="Đầu báo mới"),)})
    status.apply(connection, "an-luu", again)
    rows = {row.id: row for row in devices.devices(connection, Scope.of_wards(["an-luu", "phuong-4"]))}
    assert rows.keys() == {"gw-cho", "khoi-cho-1", "zb-1"}, "a box brings devices to sites of its own ward only"
    assert (rows["zb-1"].name, rows["zb-1"].adopted, rows["zb-1"].box_id) == ("Đầu báo mới", True, "an-luu-1")
    assert (rows["khoi-cho-1"].name, rows["khoi-cho-1"].adopted) == ("Đầu báo khói dãy A", False), "declared ones stay"
    (known,) = [box for box in records.known_boxes(connection) if box.id == "an-luu-1"]
    assert set(known.devices) == {"gw-cho", "khoi-cho-1", "zb-1"}
    assert set(known.sites) == {"quang-trung", "cho-an-luu"}


def test_an_adopted_device_that_is_declared_later_is_the_inventorys(connection: Connection) -> None:
    word = said(ONLINE).model_copy(update={"devices": (adopted("khoi-moi"),)})
    status.apply(connection, "an-luu", word)
    declared = INVENTORY.model_dump(mode="json")
    for box in declared["boxes"]:
        del box["token"]
    declared["wards"][0]["devices"] = [
        {"id": "khoi-moi", "name": "Khói kho hàng", "site": "cho-an-luu", "kind": "smoke", "box": "an-luu-1"}
    ]
    inventory.apply(connection, type(INVENTORY).model_validate(declared))
    status.apply(connection, "an-luu", word.model_copy(update={"n": 9}))
    rows = {row.id: row for row in devices.devices(connection, Scope.of_wards(["an-luu"]))}
    assert (rows["khoi-moi"].name, rows["khoi-moi"].adopted) == ("Khói kho hàng", False)
