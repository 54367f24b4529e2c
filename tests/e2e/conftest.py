"""A real browser, and how one signs in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as NotInTimeError

from demo import ward
from demo.stage import Stage

SLOW_MS = 60_000
"""A whole ward, a browser and other tests share two cores: what comes about at once elsewhere may take this long."""
COMES_BACK_MS = 90_000
"""Until a page and a box have found a centre again that starts anew; a page tries every 15 s at worst."""
expect.set_options(timeout=SLOW_MS)

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "install chromium: make test does it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page on an ordinary office screen, in a Vietnamese browser."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    context.set_default_timeout(SLOW_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots are kept as artefacts."""
    folder = Path("artefacts")
    folder.mkdir(exist_ok=True)
    return folder


def go_by_keys(page: Page, key: str, testid: str) -> None:
    """Press `g` and a page's key; again where more time went by between the two than the page allows (keys.js)."""
    for _ in range(5):
        page.keyboard.press("g")
        page.keyboard.press(key)
        with suppress(NotInTimeError):
            page.get_by_test_id(testid).wait_for(timeout=10_000)
            return
    raise AssertionError(f"{testid} did not come")


def sign_in(page: Page, stage: Stage, username: str = ward.USERS[0].username) -> None:
    """Open the page and sign in as a sample user."""
    page.goto(stage.api_url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(ward.USERS[0].password)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()
