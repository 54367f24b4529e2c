"""A technician's first visit to a market, from a box in its carton to an alert on the wall: by the commands that they
type and in the browser, with real programs from end to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demo.postgres import Postgres
from tests.support.databases import fresh_database
from tests.support.market_cameras import PASSWORD as CAMERA_PASSWORD
from tests.support.technicians import BOX_NAME, BUSY_MS, ZONE_NAME, draws_a_zone, has_a_code_made, sends_it, sign_in
from tests.support.visits import Visit
from tests.support.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

GATE, STALLS = "cho-an-luu-1", "cho-an-luu-2"
NEW_PASSWORD = "Chu-Nhat-22-11"


@pytest.fixture(scope="module")
def visit(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with fresh_database(postgres) as database:
        visit = Visit(tmp_path_factory.mktemp("visit"), database)
        try:
            yield visit
        finally:
            visit.stop()


@pytest.fixture
def page(chromium: Browser, visit: Visit) -> Iterator[Page]:
    """The wall before a technician who is signed in."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, locale="vi-VN", ignore_https_errors=True, base_url=visit.url
    )
    context.set_default_timeout(BUSY_MS)
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


def test_a_box_comes_from_its_carton_to_an_alert_on_the_wall(visit: Visit, page: Page) -> None:
    visit.grant_sight()
    words = has_a_code_made(page)
    page.keyboard.press("Escape")
    said = visit.type(*words)
    assert said.code == 0, said.text
    (box,) = re.findall(rf"Hộp (\S+) \({BOX_NAME}\)", said.text)

    said = visit.discover()
    assert said.code == 0, said.text
    assert "nhanh 7 giờ" in said.line("KBVision")
    assert said.line("Đã thêm 2 camera").endswith(f"{GATE}, {STALLS}. Kiểm tra bằng: phoan-edge doctor")

    visit.cameras.change_password(NEW_PASSWORD)
    faults = visit.type("doctor", "--quick")
    assert faults.code == 2, faults.text
    assert [line for line in faults.text.splitlines() if line.startswith("✗")] == [
        faults.line(f"Đồng hồ camera '{GATE}' lệch 7 giờ. Hãy bật NTP hoặc chỉnh giờ trên camera"),
        faults.line(f"Camera '{STALLS}' từ chối mật khẩu."),
    ]

    does_what_it_says(visit, faults.text)
    good = visit.type("doctor")
    assert good.code < 2, good.text
    assert f"✓ Đồng hồ camera '{GATE}' đúng." in good.text
    for camera in (GATE, STALLS):
        assert f"✓ Camera '{camera}', luồng chính: H.264 768x576" in good.text
        assert f"✓ Camera '{camera}', luồng phụ: H.264 384x288" in good.text
    assert "Hãy bật lên: systemctl start phoan-edge" in good.text

    visit.run_box()
    sees_the_report(page, box)
    sees_it_live(page)
    draws_a_zone(page, box, GATE)
    sends_it(page)
    hears_of_who_enters(visit, page)
    for word in (CAMERA_PASSWORD, NEW_PASSWORD):
        assert word not in said.text + faults.text + good.text + visit.logs()


def does_what_it_says(visit: Visit, text: str) -> None:
    """Set the clock, and type the command of the sentence."""
    visit.cameras.set_clock()
    (command,) = re.findall(r"Hãy nhập lại bằng: phoan-edge (password \S+)", text)
    refused = visit.type(*command.split())
    assert refused.code == 2, refused.text
    assert "từ chối" in refused.text
    taken = visit.type(*command.split(), password=NEW_PASSWORD)
    assert (taken.code, taken.text) == (
        0,
        f"Đã lưu mật khẩu của camera {STALLS}. Hộp đang chạy thì khởi động lại: systemctl restart phoan-edge\n",
    )


def sees_the_report(page: Page, box: str) -> None:
    """The last report is on the card, without the faults that are mended, and the box and its cameras are there."""
    page.goto("/#/boxes")
    card = page.get_by_test_id(f"box-{box}")
    expect(card).to_contain_text(BOX_NAME)
    report = page.get_by_test_id(f"report-{box}")
    expect(report.locator("[data-code=camera_good]")).to_have_count(4, timeout=BUSY_MS)
    expect(report.locator("[data-code=camera_unauthorized], [data-code=camera_clock_off]")).to_have_count(0)
    for camera in (GATE, STALLS):
        line = page.get_by_test_id(f"box-camera-{camera}")
        expect(line).to_have_attribute("data-state", "streaming", timeout=BUSY_MS)


def sees_it_live(page: Page) -> None:
    """Both cameras' tiles say that they are live, and what they show is drawn and changes."""
    page.goto("/#/")
    for camera in (GATE, STALLS):
        tile = page.get_by_test_id(f"tile-{camera}")
        expect(tile).to_have_attribute("data-state", "live", timeout=BUSY_MS)
        draws(tile)


def draws(tile: Locator) -> None:
    before = tile.evaluate("tile => tile.framesDrawn")
    eventually(lambda: tile.evaluate("tile => tile.framesDrawn") > before + 5, BUSY_MS / 1000)


def hears_of_who_enters(visit: Visit, page: Page) -> None:
    """An alert of the new zone is on the wall, and its event in the database."""
    page.goto("/#/")
    alert = page.get_by_test_id("alert").filter(has_text=ZONE_NAME)
    expect(alert.first).to_be_visible(timeout=BUSY_MS)
    with psycopg.connect(visit.database, autocommit=True) as db:
        query = "SELECT count(*) FROM events WHERE camera_id = %s AND kind = 'intrusion'"
        eventually(lambda: db.execute(query, (GATE,)).fetchone() != (0,), 30)
