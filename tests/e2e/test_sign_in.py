"""Signing in with a second factor, and through a provider, with a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyotp
import pytest
from playwright.sync_api import Page, expect

from api.access.oidc.settings import CALLBACK
from api.access.totp import STEP_S
from api.config import ApiSettings
from demo.processes import free_port
from storage import identities
from tests.api.running import PASSWORD, RunningApi, put_users
from tests.support.providers import CLIENT, SECRET, Provider, running_provider

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
    page.get_by_test_id("enrol-input").fill(pyotp.TOTP(secret).now())
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
    code.fill(pyotp.TOTP(secret).generate_otp(int(time.time()) // STEP_S + 1))  # as a phone whose clock is fast
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()
    assert faults == []


@pytest.fixture
def provider(database: str, tmp_path: Path) -> Iterator[tuple[RunningApi, Provider]]:
    """An API whose settings name a provider."""
    put_users(database)
    port = free_port()
    back = f"http://127.0.0.1:{port}{CALLBACK}"
    with running_provider(back) as provider:
        oidc = {
            "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "redirect_uri": back,
            "name": "cổng xác thực tỉnh",
        }  # fmt: skip
        settings = {"database": database, "media_dir": tmp_path, "cookie_secure": False, "port": port, "oidc": oidc}
        api = RunningApi(ApiSettings.model_validate(settings), database)
        yield api, provider
        api.stop()


def test_the_provider_has_a_button_and_what_goes_wrong_there_has_words(
    page: Page, provider: tuple[RunningApi, Provider], pictures: Path
) -> None:
    api, other = provider
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(api.url)
    button = page.get_by_test_id("login-provider")
    expect(button).to_have_text("Đăng nhập bằng cổng xác thực tỉnh")
    button.click()
    expect(page.get_by_test_id("login-error")).to_contain_text("Bạn chưa có tài khoản ở đây")
    page.screenshot(path=pictures / "provider.png")
    assert "problem" not in page.url, "a reload does not say it again"
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        identities.link(db, other.issuer, other.person["sub"], "lan")
    button.click()
    page.get_by_test_id("wall").wait_for()
    page.reload()
    page.get_by_test_id("wall").wait_for()
    assert faults == []
