"""Where and when: the map, layouts of the wall, a camera's timeline and the search, on the whole sample ward."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import ward
from demo.stage import Stage
from tests.e2e.conftest import SLOW_MS, go_by_keys, sign_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.e2e

CAMERA = "cho-an-luu-1"
"""At the market's gate, where somebody intrudes at any time of the film."""

FIRST_ALERT_MS = 120_000
PLAYS_S = 90


WISHES: list[list[str]] = []
"""The cameras that the page asked to watch, each time it asked."""


@pytest.fixture(scope="module")
def desk(chromium: Browser, stage: Stage) -> Iterator[Page]:
    """One officer's page, signed in once; each test goes where it wants to be."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN", accept_downloads=True)
    context.set_default_timeout(SLOW_MS)
    page = context.new_page()
    page.on("websocket", lambda socket: socket.on("framesent", note_wish))
    sign_in(page, stage)
    yield page
    context.close()


def go(page: Page, address: str) -> None:
    page.evaluate("address => { location.hash = address }", address)


def note_wish(frame: Any) -> None:
    message = json.loads(frame)
    if message["type"] == "watch":
        WISHES.append(message["cameras"])


def watched(page: Page) -> list[str]:
    """What the centre is asked to send at the moment."""
    page.wait_for_timeout(100)
    return WISHES[-1]


def test_the_map_shows_every_camera_and_one_of_them_live_by_keyboard_alone(desk: Page, pictures: Path) -> None:
    faults: list[str] = []
    desk.on("pageerror", lambda error: faults.append(str(error)))
    desk.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    go_by_keys(desk, "m", "map")
    for camera in ward.CAMERAS:
        expect(desk.get_by_test_id(f"pin-{camera.id}")).to_be_visible()
        expect(desk.get_by_test_id(f"place-{camera.id}")).to_be_visible()
    assert desk.locator("path.cone").count() == len(ward.CAMERAS)
    desk.get_by_test_id(f"pin-{CAMERA}").focus()
    desk.keyboard.press("Enter")
    card = desk.get_by_test_id("map-card")
    expect(card).to_contain_text("Cổng chợ An Lưu")
    tile = card.get_by_test_id(f"tile-{CAMERA}")
    eventually(lambda: tile.evaluate("tile => tile.framesDrawn") >= 3, 60)
    desk.screenshot(path=pictures / "map.png")
    desk.keyboard.press("Escape")
    expect(card).to_have_count(0)
    assert faults == []


def test_a_wall_of_one_tile_turns_its_pages_and_a_layout_is_kept(desk: Page, stage: Stage) -> None:
    go(desk, "#/")
    desk.get_by_test_id("size-1").click()
    expect(desk.get_by_test_id("wall-page")).to_have_text(f"Trang 1/{len(ward.CAMERAS)}")
    eventually(lambda: watched(desk) == [ward.CAMERAS[0].id], 60)
    desk.keyboard.press("]")
    eventually(lambda: watched(desk) == [ward.CAMERAS[1].id], 60)
    desk.get_by_test_id("size-4").click()
    desk.get_by_test_id("edit-layout").click()
    desk.get_by_test_id("layout-name").fill("Ca đêm")
    desk.get_by_test_id("slot-1").select_option(CAMERA)
    desk.get_by_test_id("slot-2").select_option("")
    desk.get_by_test_id("layout-save").click()
    expect(desk.get_by_test_id("layout-choice").locator("option:checked")).to_have_text("Ca đêm")
    expect(desk.get_by_test_id("empty-2")).to_be_visible()
    desk.reload()
    desk.get_by_test_id("empty-2").wait_for()
    expect(desk.locator(".grid > *").first).to_have_attribute("data-testid", f"tile-{CAMERA}")
    desk.keyboard.press("1")
    expect(desk.get_by_test_id(f"tile-{CAMERA}")).to_have_class("tile tile--enlarged")
    desk.keyboard.press("Escape")
    assert stage.query("SELECT name, cameras[1:2] FROM layouts") == [("Ca đêm", [CAMERA, None])]


def test_an_alert_brings_its_camera_forward_and_says_why(desk: Page, pictures: Path) -> None:
    go(desk, "#/")
    desk.get_by_test_id("size-4").click()
    desk.keyboard.press("b")
    ahead = desk.get_by_test_id("tile-ahead")
    ahead.wait_for(timeout=FIRST_ALERT_MS)
    expect(ahead).to_contain_text("Đưa lên vì cảnh báo")
    expect(desk.locator("camera-tile.tile--enlarged")).to_have_count(1)
    desk.screenshot(path=pictures / "forward.png")
    desk.keyboard.press("Escape")
    expect(ahead).to_have_count(0, timeout=8_000)  # before it would go by itself
    desk.keyboard.press("b")


def test_the_timeline_shows_an_event_and_plays_what_the_box_recorded_of_it(desk: Page, pictures: Path) -> None:
    desk.get_by_test_id("alert").first.wait_for(timeout=FIRST_ALERT_MS)
    go(desk, f"#/cameras/{CAMERA}")
    desk.get_by_test_id("zoom-10").click()
    desk.get_by_test_id("timeline-mark").first.wait_for(timeout=FIRST_ALERT_MS)
    desk.get_by_test_id("timeline").focus()
    desk.keyboard.press("ArrowLeft")
    happened = desk.get_by_test_id("happened")
    expect(happened).to_contain_text("Xâm nhập ngoài giờ")
    eventually(lambda: happened.locator("img").evaluate("image => image.naturalWidth") == 768, 60)
    desk.screenshot(path=pictures / "timeline.png")
    assert "event=" in desk.evaluate("location.hash")

    at = desk.evaluate("decodeURIComponent(location.hash.match(/at=([^&]+)/)[1])")
    go(desk, f"#/cameras/{CAMERA}?at={at}")
    desk.get_by_test_id("recording-offer").get_by_role("button", name="30 giây").click()
    desk.get_by_test_id("recording-ask").click()
    expect(desk.get_by_test_id("reason-submit")).to_be_disabled()
    desk.get_by_test_id("reason-verify").click()
    desk.get_by_test_id("reason-submit").click()
    film = desk.get_by_test_id("recording").locator("video")
    film.wait_for(timeout=PLAYS_S * 1000)
    eventually(lambda: film.evaluate("video => video.currentTime") > 0.5, 60)
    expect(desk.get_by_test_id("recording")).to_contain_text("Xác minh cảnh báo")


def test_a_search_without_diacritics_finds_kind_and_place_and_fills_a_table(desk: Page, pictures: Path) -> None:
    go(desk, "#/search")
    desk.get_by_test_id("search-text").fill("xam nhap cho an luu")
    result = desk.get_by_test_id("result")
    result.first.wait_for(timeout=FIRST_ALERT_MS)

    def only_what_was_asked_for() -> bool:
        texts = result.all_inner_texts()  # the newest of all kinds, until the answer has come
        return bool(texts) and all("Xâm nhập ngoài giờ" in text and "Cổng chợ An Lưu" in text for text in texts)

    eventually(only_what_was_asked_for, 60)
    desk.screenshot(path=pictures / "search.png")
    eventually(lambda: "q=xam+nhap+cho+an+luu" in desk.evaluate("location.hash"), 30)
    with desk.expect_download() as download:
        desk.get_by_test_id("search-csv").click()
    head, *rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith('"Ngày","Bắt đầu"')
    assert rows
    assert all('"Xâm nhập ngoài giờ","Chợ An Lưu"' in row for row in rows)
    result.first.get_by_role("button").click()
    expect(desk.get_by_test_id("alert-detail")).to_contain_text("Xâm nhập ngoài giờ")
    desk.keyboard.press("Escape")
    desk.get_by_test_id("search-text").fill("khong co noi nay")
    expect(desk.get_by_text("Không có cảnh báo nào khớp")).to_be_visible()
