"""The pages of a box while others change what it watches and who may look: they learn it by themselves.

The centre is real and alone: no box is needed to say what one shall watch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect

from contracts.event import EventRecord
from contracts.ids import new_id
from demo import ward
from demo.postgres import Postgres
from storage import records
from storage.records import Commit, Origin
from tests.api.running import PASSWORD, RunningApi
from tests.e2e.sample_centre import sample_centre
from tests.support.samples import EPOCH, event

pytestmark = pytest.mark.e2e

CAMERA = ward.CAMERAS[0]
ZONE, (ZONE_NAME, _) = next(iter(CAMERA.zones.items()))
CONFIGURATION = f"/api/v1/boxes/{ward.BOX}/configuration"


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The centre of the sample ward, which cannot let boxes in, and what its box was set up with."""
    with sample_centre(postgres, tmp_path_factory.mktemp("media"), session_check_s=0.5) as api:
        cameras = [
            {
                "id": one.id, "site": one.site, "url": "rtsp://10.0.0.9/1", "rules": one.rules,
                "zones": [{"id": zone, "polygon": polygon} for zone, (_, polygon) in one.zones.items()],
            }
            for one in ward.CAMERAS
        ]  # fmt: skip
        with api.box() as box:
            box.put("/api/v1/box/configuration", json={"document": {"cameras": cameras}}).raise_for_status()
        yield api


@pytest.fixture
def admin(api: RunningApi) -> Iterator[httpx.Client]:
    with api.client("quantri", Origin=api.url) as client:
        yield client


def sign_in(page: Page, api: RunningApi, username: str) -> None:
    page.goto(api.url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()


def test_an_open_wall_learns_what_a_zone_is_called_now(page: Page, api: RunningApi, admin: httpx.Client) -> None:
    now = datetime.now(UTC)
    seen = event(
        id=new_id(),
        site=CAMERA.site,
        camera=CAMERA.id,
        zone=ZONE,
        opened_at=now,
        at=now,
        captured_at=now,
        snapshot=None,
    )
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        origin = Origin(ward.WARD, ward.BOX, EPOCH)
        records.write(db, Commit(events=[(origin, EventRecord(seq=1, event=seen))], seqs={origin: {1}}))
    sign_in(page, api, "congan")
    page.get_by_test_id("lane-all").click()
    lane = page.locator("#alerts")
    expect(lane).to_contain_text(ZONE_NAME)

    held = admin.get(CONFIGURATION).json()["newest"]
    names = {**held["names"]}
    names[CAMERA.id] = {**names[CAMERA.id], "zones": {**names[CAMERA.id]["zones"], ZONE: "Bậc thềm ủy ban"}}
    body = {"document": held["document"], "names": names}
    put = admin.put(CONFIGURATION, json=body, headers={"If-Match": f'"{held["revision"]}"'})
    assert put.status_code == 200, put.text
    expect(lane).to_contain_text("Bậc thềm ủy ban")
    expect(lane).not_to_contain_text(ZONE_NAME)


def test_no_picture_is_offered_to_who_may_see_none_until_it_is_granted(
    page: Page, api: RunningApi, admin: httpx.Client, pictures: Path
) -> None:
    sign_in(page, api, "kythuat")
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    page.goto(f"{api.url}/#/boxes/{ward.BOX}/config")
    page.get_by_test_id(f"config-item-{CAMERA.id}").click()
    board = page.locator(".board")
    expect(board).to_contain_text("nhờ quản trị viên cấp quyền")
    expect(page.get_by_test_id("picture-again")).to_have_count(0)
    page.screenshot(path=pictures / "box-config-barred.png")
    assert refused == []

    until = datetime.now(UTC) + timedelta(hours=8)
    grant = {"username": "kythuat", "ward": ward.WARD, "valid_until": until.isoformat(), "reason": "Căn chỉnh camera"}
    admin.post("/api/v1/grants", json=grant).raise_for_status()
    page.get_by_test_id("picture-again").wait_for()
    expect(board).not_to_contain_text("nhờ quản trị viên")

    page.get_by_test_id("add-camera").click()
    page.locator("[name=new-name]").fill("Cổng sau")
    page.get_by_test_id("config-add").locator("button[type=submit]").click()
    expect(board).to_contain_text("chưa được gửi xuống hộp")
    expect(page.get_by_test_id("picture-again")).to_have_count(0)


def test_a_centre_that_lets_no_box_in_says_so_before_anybody_types(page: Page, api: RunningApi, pictures: Path) -> None:
    sign_in(page, api, "kythuat")
    page.goto(f"{api.url}/#/boxes")
    page.get_by_test_id("enrol-box").click()
    dialog = page.get_by_test_id("enrolment")
    expect(dialog).to_contain_text("chưa được thiết lập để nhận hộp mới")
    expect(dialog).to_contain_text("mục enrolment")
    expect(page.get_by_test_id("enrolment-form")).to_have_count(0)
    page.screenshot(path=pictures / "box-enrolment-not-set-up.png")


def test_a_device_is_listed_sent_and_known_by_its_name(
    page: Page, api: RunningApi, admin: httpx.Client, pictures: Path
) -> None:
    sign_in(page, api, "kythuat")
    page.goto(f"{api.url}/#/boxes/{ward.BOX}/config")
    section = page.get_by_test_id("config-devices")
    expect(section).to_contain_text("tệp cài đặt của nó")
    page.get_by_test_id("take-devices").click()
    page.get_by_test_id("add-device").click()
    page.locator("[name=new-device]").fill("Báo khói kho")
    page.get_by_test_id("device-add").locator("button[type=submit]").click()
    card = page.get_by_test_id("device-bao-khoi-kho")
    card.locator("select").nth(2).select_option("zigbee2mqtt")
    page.locator("[name=device-address]").fill("khoi/kho")
    page.locator("[name=device-period]").fill("0")
    expect(page.get_by_test_id("field-fault")).to_have_count(1)
    page.locator("[name=device-period]").fill("600")
    page.evaluate("document.activeElement.blur()")
    section.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "box-config-devices.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    section.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "box-config-devices-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1366, "height": 768})

    page.get_by_test_id("config-send").click()
    expect(page.get_by_test_id("config-summary")).to_contain_text("Thêm thiết bị Báo khói kho")
    page.get_by_test_id("config-confirm").click()
    page.get_by_test_id("config-summary").wait_for(state="detached")
    (device,) = admin.get(CONFIGURATION).json()["newest"]["document"]["devices"]["list"]
    assert device == {
        "id": "bao-khoi-kho",
        "kind": "smoke",
        "dialect": "zigbee2mqtt",
        "address": "khoi/kho",
        "period_s": 600,
    }
    known = {one["id"]: one["name"] for one in admin.get("/api/v1/devices").json()["items"]}
    assert known["bao-khoi-kho"] == "Báo khói kho"
