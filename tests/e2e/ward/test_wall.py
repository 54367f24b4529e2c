"""What a ward policeman sees: the whole product as real processes, through a real browser."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo import ward
from demo.stage import Stage
from tests.e2e.conftest import COMES_BACK_MS, sign_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.e2e

CAMERA = ward.CAMERAS[0].id
EVENT_TIMEOUT_MS = 120_000


def tile(page: Page, camera: str, what: str) -> Any:
    """A property of a camera's tile."""
    return page.get_by_test_id(f"tile-{camera}").evaluate(f"tile => tile.{what}")


def test_wrong_passwords_do_not_open_the_wall(page: Page, stage: Stage) -> None:
    page.goto(stage.api_url)
    page.get_by_test_id("username").fill("congan")
    page.get_by_test_id("password").fill("wrong password")
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("login-error")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng")


def test_four_cameras_move_with_boxes_on_people_and_an_alert_arrives(page: Page, stage: Stage, pictures: Path) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, stage)
    for camera in ward.CAMERAS:
        eventually(lambda camera=camera: tile(page, camera.id, "framesDrawn") >= 5, 60)  # type: ignore[misc]
        expect(page.get_by_test_id(f"tile-{camera.id}")).to_have_attribute("data-state", "live")
    eventually(lambda: tile(page, CAMERA, "lastTracks"), 90)
    page.get_by_test_id("alert").first.wait_for(timeout=EVENT_TIMEOUT_MS)
    page.screenshot(path=pictures / "wall.png")
    page.get_by_test_id("alert").first.click()
    detail = page.get_by_test_id("alert-detail")
    expect(detail).to_contain_text("Vì sao có cảnh báo")
    eventually(lambda: detail.locator("img").evaluate("image => image.naturalWidth") == 768, 60)
    page.screenshot(path=pictures / "alert.png")
    assert faults == []


def test_english_is_a_click_away(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    expect(page.get_by_test_id("connection")).to_contain_text("Trực tuyến")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("connection")).to_contain_text("Online")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_technician_sees_health_and_no_video(page: Page, stage: Stage) -> None:
    sign_in(page, stage, "kythuat")
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_contain_text("Vai trò của bạn không xem hình")
    assert tile(page, CAMERA, "framesDrawn") == 0


def test_a_camera_that_dies_is_shown_and_comes_back_while_others_go_on(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: tile(page, CAMERA, "framesDrawn") >= 3, 60)
    name = f"camera-{CAMERA}"
    stage.processes.running[name].kill()
    stage.processes.running[name].wait()
    dead = page.get_by_test_id(f"tile-{CAMERA}")
    expect(dead).to_have_attribute("data-state", "failed")
    expect(dead).to_contain_text("từ chối kết nối")
    others = [camera.id for camera in ward.CAMERAS if camera.id != CAMERA]
    drawn = {camera: tile(page, camera, "framesDrawn") for camera in others}
    for camera in others:
        eventually(lambda camera=camera: tile(page, camera, "framesDrawn") > drawn[camera] + 1, 30)  # type: ignore[misc]
    expect(dead).to_have_attribute("data-state", "failed")
    stage.processes.restart(name)
    expect(dead).to_have_attribute("data-state", "live")


def test_nothing_is_lost_while_broker_ingest_and_box_are_killed(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    page.get_by_test_id("alert").first.wait_for(timeout=EVENT_TIMEOUT_MS)
    for name in ("broker", "ingest", "edge"):
        stage.processes.running[name].send_signal(signal.SIGKILL)
        stage.processes.running[name].wait()
        stage.processes.restart(name)
    ledger = (
        "SELECT (SELECT count(*) FROM box_gaps), (SELECT outbox_pending FROM boxes), (SELECT count(*) FROM box_ledgers)"
    )
    eventually(lambda: stage.query(ledger) == [(0, 0, 2)], 120)
    assert stage.query("SELECT id FROM events GROUP BY id HAVING count(*) > 1") == []
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_have_attribute("data-state", "live", timeout=COMES_BACK_MS)


def test_the_page_says_that_the_centre_is_gone_and_recovers(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: tile(page, CAMERA, "framesDrawn") >= 3, 60)
    stage.processes.running["api"].kill()
    stage.processes.running["api"].wait()
    expect(page.get_by_test_id("connection")).to_contain_text("Mất kết nối")
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_have_attribute("data-state", "stale")
    stage.processes.restart("api")
    expect(page.get_by_test_id("connection")).to_contain_text("Trực tuyến", timeout=COMES_BACK_MS)
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_have_attribute("data-state", "live", timeout=COMES_BACK_MS)
    page.get_by_test_id("alert").first.wait_for()
