"""Takes the pictures of docs/police.md from the real page, with a real browser, of the sample ward.

`python -m docs.draw_police` starts the ward itself; with the folder of a running demo (`.demo`) it looks at that one.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import yaml
from playwright.sync_api import Page, sync_playwright

from demo import sticker, ward
from demo.stage import Stage, reel_of

FOLDER = Path(__file__).parent / "img" / "police"
SIZE = (1366, 768)
WIDTH_PX = 1000
EVENT_TIMEOUT_MS = 90_000
CLIP_TIMEOUT_MS = 150_000
"""A clip goes on for a while after its alert, and is then uploaded."""
SETTLE_MS = 4_000
"""Until every tile plays and every picture of an alert is there."""


@contextmanager
def opened(folder: str | None) -> Iterator[tuple[str, Path]]:
    """The address of a running ward and the film of its stall: the demo's in `folder`, or one that runs meanwhile."""
    if folder:
        settings = yaml.safe_load((Path(folder) / "api.yaml").read_text(encoding="utf-8"))
        yield f"http://127.0.0.1:{settings['port']}", reel_of(Path(folder).resolve())
        return
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # as root, PostgreSQL's own account must reach its data
        stage = Stage(Path(folder) / "state", print)
        try:
            stage.start()
            yield stage.api_url, stage.reel
        finally:
            stage.stop()


def keep(page: Page, name: str, *, settled: bool = False) -> None:
    """The page as it is, made smaller."""
    if not settled:
        page.wait_for_timeout(SETTLE_MS)
    picture = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height = round(SIZE[1] * WIDTH_PX / SIZE[0])
    small = cv2.resize(picture, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(FOLDER / f"{name}.png"), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"  {name}.png")


def draw(page: Page, address: str, reel: Path) -> None:
    page.goto(address)
    page.get_by_test_id("username").fill(ward.USERS[0].username)
    keep(page, "dang-nhap")
    page.get_by_test_id("password").fill(ward.USERS[0].password)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()
    page.get_by_test_id("alert").nth(2).wait_for(timeout=EVENT_TIMEOUT_MS)
    page.wait_for_function(
        "() => [...document.querySelectorAll('camera-tile')].slice(0, 4).every((tile) => tile.lastTracks.length > 0)",
        timeout=EVENT_TIMEOUT_MS,
    )
    keep(page, "man-hinh", settled=True)
    page.get_by_test_id("alert").first.click()
    page.get_by_test_id("alert-detail").wait_for()
    keep(page, "canh-bao")
    page.keyboard.press("Escape")
    page.goto(f"{address}/#/incidents")
    page.get_by_test_id("incident-row").first.click()
    page.get_by_test_id("incident-work").wait_for()
    keep(page, "vu-viec")
    page.goto(f"{address}/#/handover")
    page.get_by_test_id("handover").wait_for()
    keep(page, "giao-ca")
    page.goto(f"{address}/#/")
    page.get_by_test_id("alert").last.click()
    page.get_by_test_id("view-clip").click()
    page.get_by_test_id("reason-dialog").wait_for(timeout=CLIP_TIMEOUT_MS)
    keep(page, "ly-do")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    sticker.swap(reel)
    swapped = page.get_by_test_id("alert").filter(has_text="Mã thanh toán bị tráo")
    swapped.first.wait_for(timeout=EVENT_TIMEOUT_MS)
    swapped.first.click()
    page.get_by_test_id("alert-detail").wait_for()
    keep(page, "ma-bi-trao")
    sticker.swap(reel)
    page.keyboard.press("Escape")
    page.goto(f"{address}/#/payments")
    page.get_by_test_id("payability").wait_for()
    keep(page, "thanh-toan")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: run tests/system-packages.")
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    with opened(folder) as (url, reel), sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, locale="vi-VN")
        draw(page, url, reel)
        browser.close()


if __name__ == "__main__":
    main()
