"""Signing in with a second factor, through a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from api.config import ApiSettings
from api.totp import STEP_S
from tests.api.running import PASSWORD, RunningApi, put_users

pytestmark = pytest.mark.e2e


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[RunningApi]:
    """An API in which police need a second factor."""
    put_users(database)
    settings = {"database": database, "media_dir": tmp_path, "cookie_secure": False, "totp_roles": ["police"]}
    api = RunningApi(ApiSettings.model_validate(settings), database)
    yield api
    api.stop()


def send_password(page: Page, api: RunningApi) -> None:
    page.goto(api.url)
    page.get_by_test_id("username").fill("lan")
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()


def test_a_role_that_must_sets_up_its_second_factor_and_is_then_asked_for_it(
    page: Page, api: RunningApi, pictures: Path
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    send_password(page, api)
    expect(page.get_by_test_id("enrol-form")).to_contain_text("Thiết lập xác thực hai lớp")
    page.get_by_test_id("enrol-input").fill("wrong")
    page.get_by_test_id("enrol-submit").click()
    expect(page.get_by_test_id("enrol-error")).to_be_visible()
    page.get_by_test_id("enrol-input").fill(PASSWORD)
    page.get_by_test_id("enrol-submit").click()
    secret = page.get_by_test_id("enrol-secret").inner_text()
    page.screenshot(path=pictures / "enrol.png")
    left_s = STEP_S - time.time() % STEP_S
    if left_s < 10:
        time.sleep(left_s)  # what follows must fit into one half minute
    shown = pyotp.TOTP(secret).generate_otp(int(time.time()) // STEP_S - 1)
    page.get_by_test_id("enrol-input").fill(shown)
    page.get_by_test_id("enrol-submit").click()
    expect(page.get_by_test_id("enrol-codes").locator("li")).to_have_count(10)
    page.get_by_test_id("enrol-submit").click()
    page.get_by_test_id("wall").wait_for()

    page.context.clear_cookies()
    send_password(page, api)
    code = page.get_by_test_id("code")
    expect(code).to_be_focused()
    expect(page.get_by_test_id("login-error")).to_have_count(0)
    page.screenshot(path=pictures / "code.png")
    code.fill("000000")
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("login-error")).to_contain_text("Mã không đúng")
    code.fill(pyotp.TOTP(secret).now())
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()
    assert faults == []
