"""The desk behind the wall, through a real browser: one's account, accounts of others, grants, the audit log, boxes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from demo import ward
from demo.stage import Stage
from tests.e2e.conftest import sign_in

pytestmark = pytest.mark.e2e

PASSWORD = "chợ sớm lắm người"
OTHER = "đèn phố Quang Trung"
CAMERA = ward.CAMERAS[0]


def open_page(page: Page, name: str) -> None:
    page.evaluate("address => { location.hash = address }", f"#/{name}")


def enter(page: Page, stage: Stage, username: str, password: str) -> None:
    page.goto(stage.api_url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(password)
    page.get_by_test_id("login-submit").click()


def create(page: Page, username: str, name: str, site: str | None = None) -> None:
    """As an administrator on the page of accounts."""
    open_page(page, "users?new=1")
    page.get_by_test_id("user-username").fill(username)
    page.get_by_test_id("user-display-name").fill(name)
    if site:
        page.get_by_test_id(f"site-{site}").check()
    page.get_by_test_id("user-password").fill(PASSWORD)
    page.get_by_test_id("user-submit").click()
    expect(page.get_by_test_id("user-new-password")).to_be_visible()


def test_an_account_is_made_corrected_and_locked(page: Page, stage: Stage, chromium: Browser) -> None:
    sign_in(page, stage, "quantri")
    open_page(page, "users?new=1")
    page.get_by_test_id("user-username").fill("hoa")
    page.get_by_test_id("user-password").fill("ngắn")
    page.get_by_test_id("user-submit").click()
    expect(page.get_by_test_id("field-fault")).to_have_text(["Cần nhập mục này.", "Mật khẩu cần ít nhất 8 ký tự."])
    expect(page.get_by_test_id("user-display-name")).to_be_focused()
    page.get_by_test_id("user-display-name").fill("Nguyễn Thị Hoa")
    page.get_by_test_id("user-password").fill("matkhau123")
    page.get_by_test_id("user-submit").click()
    expect(page.get_by_test_id("field-fault")).to_have_text(["Mật khẩu này quá dễ đoán. Hãy chọn mật khẩu khác."])
    open_page(page, "audit")
    open_page(page, "users?new=1")  # what was typed is still there, but for the password
    expect(page.get_by_test_id("user-display-name")).to_have_value("Nguyễn Thị Hoa")
    expect(page.get_by_test_id("user-password")).to_have_value("")
    create(page, "hoa", "Nguyễn Thị Hoa", site="cho-an-luu")

    hers = chromium.new_context(locale="vi-VN").new_page()
    enter(hers, stage, "hoa", PASSWORD)
    of_market = sum(camera.site == "cho-an-luu" for camera in ward.CAMERAS)
    expect(hers.locator("camera-tile")).to_have_count(of_market)
    page.reload()
    page.get_by_test_id("session-end").click()
    page.get_by_test_id("confirm-run").click()
    expect(page.get_by_test_id("session")).to_have_count(0)
    expect(hers.get_by_test_id("login-form")).to_be_visible()
    page.get_by_test_id("user-switch").click()
    page.get_by_test_id("confirm-run").click()
    expect(page.get_by_test_id("user-switch")).to_have_text("Mở khóa")
    enter(hers, stage, "hoa", PASSWORD)
    expect(hers.get_by_test_id("login-error")).to_contain_text("không đúng")
    hers.context.close()
    open_page(page, "users?q=nguyen+hoa")
    expect(page.get_by_test_id("user")).to_have_count(1)
    expect(page.get_by_test_id("user")).to_contain_text("Đã khóa")


def test_ones_own_password_and_second_factor(page: Page, stage: Stage, pictures: Path) -> None:
    sign_in(page, stage, "quantri")
    create(page, "binh", "Trần Văn Bình")
    page.get_by_test_id("sign-out").click()
    page.get_by_test_id("login-form").wait_for()  # who leaves the page at once takes the request along
    enter(page, stage, "binh", PASSWORD)
    page.get_by_test_id("account-link").click()
    page.get_by_test_id("password-current").fill("không phải")
    page.get_by_test_id("password-new").fill(OTHER)
    page.get_by_test_id("password-submit").click()
    expect(page.get_by_test_id("field-fault")).to_have_text(["Mật khẩu không đúng."])
    page.get_by_test_id("password-current").fill(PASSWORD)
    page.get_by_test_id("password-submit").click()
    expect(page.get_by_test_id("form-done")).to_contain_text("Đã đổi mật khẩu")

    page.get_by_test_id("totp-enrol").click()
    page.get_by_test_id("enrol-input").fill(OTHER)
    page.get_by_test_id("enrol-submit").click()
    secret = page.get_by_test_id("enrol-secret").inner_text()
    code = cv2.imdecode(np.frombuffer(page.get_by_test_id("qr").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert code is not None
    told, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(code, None, fx=3, fy=3))
    assert parse_qs(urlsplit(told).query)["secret"] == [secret]
    page.get_by_test_id("enrol-input").fill(pyotp.TOTP(secret).now())
    page.get_by_test_id("enrol-submit").click()
    expect(page.get_by_test_id("enrol-codes").locator("li")).to_have_count(10)
    recovery = page.get_by_test_id("enrol-codes").locator("li").first.inner_text()
    page.screenshot(path=pictures / "codes.png")
    page.get_by_test_id("enrol-submit").click()
    expect(page.get_by_test_id("second-factor")).to_contain_text("Còn 10 mã khôi phục")
    page.get_by_test_id("totp-remove").click()
    page.get_by_test_id("totp-password").fill(OTHER)
    page.get_by_test_id("totp-code").fill("000000")
    page.get_by_test_id("totp-remove-submit").click()
    expect(page.get_by_test_id("field-fault")).to_contain_text("Mã không đúng")
    page.get_by_test_id("totp-code").fill(recovery)
    page.get_by_test_id("totp-remove-submit").click()
    expect(page.get_by_test_id("totp-enrol")).to_be_visible()


def test_sight_is_given_for_a_time_and_taken_back(page: Page, stage: Stage) -> None:
    sign_in(page, stage, "quantri")
    open_page(page, "grants")
    page.get_by_test_id("grant-user").select_option("kythuat")
    page.get_by_test_id("grant-place").select_option("site:cho-an-luu")
    page.get_by_test_id("grant-reason").fill("xem")
    page.get_by_test_id("grant-submit").click()
    expect(page.get_by_test_id("field-fault")).to_have_text(["Lý do cần ít nhất 5 ký tự."])
    page.get_by_test_id("grant-reason").fill("Căn chỉnh camera cổng chợ")
    page.get_by_test_id("grant-submit").click()
    grant = page.get_by_test_id("grant")
    expect(grant).to_have_attribute("data-state", "now")
    expect(grant).to_contain_text("Chợ An Lưu")
    page.get_by_test_id("grant-end").click()
    page.get_by_test_id("confirm-run").click()
    expect(grant).to_have_attribute("data-state", "withdrawn")


def test_the_audit_says_who_watched_what_and_is_checked_and_saved(page: Page, stage: Stage) -> None:
    sign_in(page, stage, "quantri")
    open_page(page, "audit?action=live")
    expect(page.get_by_test_id("entry").first).to_contain_text("xem trực tiếp")
    page.get_by_test_id("audit-object").select_option(f"camera:{CAMERA.id}")
    expect(page.get_by_test_id("entry").first).to_contain_text(CAMERA.name)
    page.get_by_test_id("entry").first.locator("summary").click()
    expect(page.get_by_test_id("entry").first).to_contain_text(f"camera:{CAMERA.id}")
    page.get_by_test_id("audit-check").click()
    expect(page.get_by_test_id("audit-verdict")).to_contain_text("Nguyên vẹn")
    with page.expect_download() as saved:
        page.get_by_test_id("audit-save").click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][3:6] == ["Người làm", "Việc", "Đối tượng"]
    assert len(rows) > 1
    assert {row[7] for row in rows[1:]} == {f"camera:{CAMERA.id}"}


def test_a_technician_reads_what_to_do_about_a_dead_camera(page: Page, stage: Stage, pictures: Path) -> None:
    sign_in(page, stage, "kythuat")
    expect(page.get_by_test_id("rail-users")).to_have_count(0)
    page.get_by_test_id("rail-boxes").click()
    box = page.get_by_test_id(f"box-{ward.BOX}")
    expect(box).to_contain_text("Trực tuyến")
    name = f"camera-{CAMERA.id}"
    stage.processes.running[name].kill()
    stage.processes.running[name].wait()
    row = page.get_by_test_id(f"box-camera-{CAMERA.id}")
    expect(row).to_contain_text("Kiểm tra địa chỉ, cổng RTSP")
    page.screenshot(path=pictures / "boxes.png")
    stage.processes.restart(name)
    expect(row).to_have_attribute("data-state", "streaming")
