"""What a technician does on the wall in a browser: signs in, has a code made for a box, and draws a zone."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page, expect

from tests.api.running import PASSWORD
from tests.support.visits import TECHNICIAN

BUSY_MS: Final = 120_000
"""Until something has come from the box to the page, on a busy machine at worst."""
BOX_NAME, ZONE_NAME = "Hộp chợ An Lưu", "Lối vào chợ"
CORNERS: Final = ((0.05, 0.12), (0.95, 0.12), (0.95, 0.95), (0.05, 0.95))


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_test_id("username").fill(TECHNICIAN)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()


def has_a_code_made(page: Page) -> list[str]:
    """The words of the command that the wall shows, behind `phoan-edge`; the dialog stays open."""
    page.goto("/#/boxes")
    page.get_by_test_id("enrol-box").click()
    page.get_by_test_id("enrolment-name").fill(BOX_NAME)
    page.get_by_test_id("enrolment-submit").click()
    words = page.get_by_test_id("enrolment-command").inner_text().split()
    assert words[0] == "phoan-edge", words
    return words[1:]


def draws_a_zone(page: Page, box: str, camera: str) -> None:
    """On the camera's picture: almost all of it, in which nobody may be. It is not sent yet."""
    page.goto(f"/#/boxes/{box}/config")
    page.get_by_test_id(f"config-item-{camera}").click()
    expect(page.locator(".board")).to_have_attribute("data-state", "ready", timeout=BUSY_MS)
    page.get_by_test_id("add-zone").click()
    page.locator("[name=shape-name]").fill(ZONE_NAME)
    frame = page.get_by_test_id("board").bounding_box()
    assert frame
    for number, (x, y) in enumerate(CORNERS):
        page.get_by_test_id(f"point-{number}").hover()
        page.mouse.down()
        page.mouse.move(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"], steps=3)
        page.mouse.up()
    page.get_by_test_id("rule-add").select_option("intrusion")


def sends_it(page: Page) -> None:
    """And waits until the box says that it runs on that."""
    page.get_by_test_id("config-send").click()
    page.get_by_test_id("config-confirm").click()
    expect(page.get_by_test_id("config-state")).to_have_attribute("data-state", "applied", timeout=BUSY_MS)
