"""A real browser, and how one signs in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo import ward
from demo.stage import Stage

expect.set_options(timeout=15_000)  # a whole ward and a browser share two cores

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
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots are kept as artefacts."""
    folder = Path("artefacts")
    folder.mkdir(exist_ok=True)
    return folder


def sign_in(page: Page, stage: Stage, username: str = ward.USERS[0].username) -> None:
    """Open the page and sign in as a sample user."""
    page.goto(stage.api_url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(ward.USERS[0].password)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()
