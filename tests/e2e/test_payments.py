"""The registry of payment points and the patrol with a phone, through a real browser against the API alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
import segno
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.config import ApiSettings
from api.payments import key
from demo.postgres import Postgres
from storage import accounts, inventory
from storage.accounts import UserRow
from tests.api.payments.registering import OURS, SECOND, SWAPPED, new_point, propose, register
from tests.api.running import PASSWORD, RunningApi, password_hash
from tests.e2e.conftest import CHROMIUM_FLAGS
from tests.e2e.test_accessibility import DESKTOP, PHONE, faults
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY

pytestmark = pytest.mark.e2e

TABLE = (
    "\ufeffid;name;site;kind;stall;bank;account;label\r\n"
    "quay-14;Quầy 14;Chợ An Lưu;stall;Dãy B;Vietcombank;'0881000458086;VCB\r\n"
    "quay-14;;;;;MB;0350000111122;MB\r\n"
)
WRONG = TABLE.replace("Chợ An Lưu", "Chợ Lạ").replace("0350000111122", "1,02E+12")
PEOPLE = {"lan": "police", "hoa": "police", "admin": "admin", "xem": "viewer"}


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The centre of a ward with two officers and a helper, and a key of payment codes."""
    folder = tmp_path_factory.mktemp("payments")
    key.make(folder / "payments.key")
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
            for name, role in PEOPLE.items():
                accounts.put_user(db, UserRow(name, name.title(), password_hash(), role, ["an-luu"], False))
        settings = {
            "database": conninfo, "media_dir": folder / "media", "cookie_secure": False,
            "payment_key_file": folder / "payments.key",
        }  # fmt: skip
        api = RunningApi(ApiSettings.model_validate(settings), conninfo)
        yield api
        api.stop()


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Codes as a phone photographs them."""
    folder = tmp_path_factory.mktemp("codes")
    for name, text in (("ours", OURS), ("swapped", SWAPPED)):
        segno.make(text, error="m", micro=False).save(str(folder / f"{name}.png"), scale=9)
    return {name: folder / f"{name}.png" for name in ("ours", "swapped")}


def entered(browser: Browser, api: RunningApi, user: str, size: ViewportSize = DESKTOP) -> Page:
    """The page of somebody who has just signed in."""
    page = browser.new_context(viewport=size, locale="vi-VN", reduced_motion="reduce").new_page()
    page.goto(api.url)
    page.get_by_test_id("username").fill(user)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for(state="attached")
    return page


def open_tab(page: Page, address: str) -> None:
    page.evaluate("address => { location.hash = address }", f"#/payments/{address}")


def choose_table(page: Page, text: str) -> None:
    page.get_by_test_id("import-file").set_input_files(
        {"name": "diem.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )


def test_a_table_is_imported_approved_by_another_and_the_street_is_patrolled(
    chromium: Browser, api: RunningApi, codes: dict[str, Path], pictures: Path
) -> None:
    lan = entered(chromium, api, "lan")
    open_tab(lan, "import")
    choose_table(lan, WRONG)
    expect(lan.get_by_test_id("import-faults")).to_contain_text("Excel đã đổi số tài khoản thành số")
    expect(lan.get_by_test_id("import-faults")).to_contain_text("“Chợ Lạ”")
    assert faults(lan) == []
    choose_table(lan, TABLE)
    expect(lan.get_by_test_id("import-result")).to_contain_text("Sẽ thêm 1 điểm và 2 mã.")
    lan.get_by_test_id("import-reason").fill("rà soát chợ tháng 11")
    lan.get_by_test_id("import-submit").click()
    expect(lan.get_by_test_id("form-done")).to_contain_text("người khác duyệt")
    open_tab(lan, "changes")
    expect(lan.get_by_test_id("change-own")).to_contain_text("người khác phải duyệt")
    expect(lan.get_by_test_id("change-approve")).to_have_count(0)

    hoa = entered(chromium, api, "hoa")
    open_tab(hoa, "changes")
    expect(hoa.get_by_test_id("change")).to_contain_text("Vietcombank •••• 8086")
    assert faults(hoa) == []
    hoa.get_by_test_id("change-approve").click()
    hoa.get_by_test_id("confirm-run").click()
    expect(hoa.get_by_test_id("change")).to_have_count(0)
    open_tab(hoa, "points?q=quay+14+vietcombank")
    expect(hoa.get_by_test_id("point")).to_contain_text("MB •••• 1122")
    assert faults(hoa) == []

    helper = entered(chromium, api, "xem", PHONE)
    open_tab(helper, "patrol")
    helper.get_by_test_id("patrol-search").fill("quay 14")
    helper.get_by_test_id("patrol-choice").click()
    helper.get_by_test_id("scanner-photo").set_input_files(codes["ours"])
    expect(helper.get_by_test_id("verdict")).to_contain_text("ĐÚNG mã của quầy")
    assert faults(helper) == []
    helper.get_by_test_id("patrol-again").click()
    helper.get_by_test_id("scanner-photo").set_input_files(codes["swapped"])
    expect(helper.get_by_test_id("verdict")).to_contain_text("KHÔNG PHẢI mã của quầy")
    expect(helper.get_by_test_id("verdict")).to_contain_text("MB •••• 4050")
    helper.screenshot(path=pictures / "patrol.png")
    assert faults(helper) == []
    helper.get_by_test_id("patrol-report").click()
    helper.get_by_test_id("report-submit").click()
    expect(helper.get_by_test_id("patrol-reported")).to_contain_text("Đã báo công an phường")

    lan.evaluate("location.hash = '#/incidents'")
    lan.get_by_test_id("incident-row").first.click()
    expect(lan.locator("main")).to_contain_text("Quầy 14, Dãy B (quay-14): Mã QR dán tại quầy trả tiền về MB •••• 4050")
    for page in (lan, hoa, helper):
        page.context.close()


def test_a_code_is_added_to_a_point_by_scanning_it(chromium: Browser, api: RunningApi, codes: dict[str, Path]) -> None:
    register(api, new_point("Quầy 20", "cho-an-luu", SECOND))
    lan = entered(chromium, api, "lan", PHONE)
    open_tab(lan, "points?point=quay-20")
    lan.get_by_test_id("payee-add").click()
    lan.get_by_test_id("scanner-photo").set_input_files(codes["swapped"])
    expect(lan.get_by_test_id("propose-scanned")).to_be_visible()
    lan.get_by_test_id("propose-submit").click()
    expect(lan.get_by_test_id("field-fault")).to_have_text("Cần nhập mục này.")
    lan.get_by_test_id("propose-reason").fill("chủ quầy thêm tài khoản MB")
    assert faults(lan) == []
    lan.get_by_test_id("propose-submit").click()
    lan.get_by_test_id("propose-close").click()
    expect(lan.get_by_test_id("point-history")).to_contain_text("thêm mã MB •••• 4050")
    expect(lan.get_by_test_id("payee")).to_have_count(1)
    assert faults(lan) == []
    lan.context.close()


def test_a_refusal_says_why_and_what_was_typed_is_judged_too(chromium: Browser, api: RunningApi) -> None:
    register(api, new_point("Quầy 21"))
    with api.client("lan") as client:
        change = propose(client, {"action": "end_point", "point": "quay-21"})["id"]
    admin = entered(chromium, api, "admin")
    open_tab(admin, "changes")
    row = admin.locator(f"[data-change='{change}']")
    row.get_by_test_id("change-refuse").click()
    expect(admin.get_by_test_id("refuse-submit")).to_be_disabled()
    admin.get_by_test_id("refuse-remark").fill("quầy vẫn bán hằng ngày")
    admin.get_by_test_id("refuse-submit").click()
    expect(row).to_have_count(0)
    admin.get_by_test_id("changes-all").click()
    expect(row).to_contain_text("quầy vẫn bán hằng ngày")
    open_tab(admin, "patrol?point=quay-21")
    admin.get_by_test_id("scanner-typed").click()
    admin.get_by_test_id("scanner-text").fill("https://example.com/tra-tien")
    admin.get_by_test_id("scanner-submit").click()
    expect(admin.get_by_test_id("verdict")).to_contain_text("KHÔNG PHẢI mã thanh toán")
    admin.context.close()


def film(path: Path, text: str) -> Path:
    """What a phone's camera sees before a code, as Chromium's pretended camera plays it."""
    side, scale = 480, 6
    matrix = segno.make(text, error="m", micro=False).matrix_iter(scale=scale, border=4)
    code = np.array([[30 if dark else 225 for dark in row] for row in matrix], np.uint8)
    luma = np.full((side, 640), 120, np.uint8)
    top, left = (side - code.shape[0]) // 2, (640 - code.shape[1]) // 2
    luma[top : top + code.shape[0], left : left + code.shape[1]] = code
    chroma = np.full(side * 640 // 2, 128, np.uint8)
    frame = b"FRAME\n" + luma.tobytes() + chroma.tobytes()
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 10)
    return path


def test_the_live_camera_reads_the_code_by_itself(chromium: Browser, api: RunningApi, tmp_path: Path) -> None:
    register(api, new_point("Quầy 22"))
    flags = [
        *CHROMIUM_FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path / 'code.y4m', OURS)}",
    ]
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    helper = entered(browser, api, "xem", PHONE)
    open_tab(helper, "patrol?point=quay-22")
    helper.get_by_test_id("scanner-camera").click()
    expect(helper.get_by_test_id("verdict")).to_have_attribute("data-verdict", "ours")
    helper.get_by_test_id("patrol-again").click()  # the camera opens by itself from now on
    expect(helper.get_by_test_id("verdict")).to_have_attribute("data-verdict", "ours")
    browser.close()
