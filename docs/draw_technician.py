"""Takes the pictures of docs/technician.md: the wall in a real browser, and what the commands of a visit really print.

`python -m docs.draw_technician` starts a centre, two cameras and a box itself (tests.support.visits).
"""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from demo.postgres import Postgres
from tests.support.databases import fresh_database, prepare_template
from tests.support.technicians import BUSY_MS, draws_a_zone, has_a_code_made, sends_it, sign_in
from tests.support.visits import CENTRE, SITE, Said, Visit
from tests.support.waiting import eventually

FOLDER = Path(__file__).parent / "img" / "technician"
SIZE = (1366, 768)
WIDTH_PX = 1000
SETTLE_MS = 3_000
GATE, STALLS = f"{SITE}-1", f"{SITE}-2"
NAMES = {GATE: "Cổng chợ", STALLS: "Dãy hàng khô"}
OTHER_LOCK = "Chu-Nhat-22-11"
COLOURS = {"✗": "#ff8a80", "!": "#ffd166", "✓": "#7ee2a8"}
TERMINAL = """<style>i{{display:inline-block;width:1ch;text-align:center;font-style:normal}}</style>
<body style="margin:0;background:#0b1118"><pre style="margin:0;padding:18px 22px;width:956px;
color:#dce4ee;font:15px/1.5 'Liberation Mono','Noto Sans';white-space:pre-wrap;overflow-wrap:anywhere">{text}</pre>"""


def keep(name: str, shot: bytes) -> None:
    """A picture, made smaller."""
    picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height = round(picture.shape[0] * WIDTH_PX / picture.shape[1])
    small = cv2.resize(picture, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(FOLDER / f"{name}.png"), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"  {name}.png")


def keep_page(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    keep(name, page.screenshot())


def keep_text(browser: Browser, name: str, *typed: tuple[str, Said], visit: Visit) -> None:
    """Commands and what they printed, as a terminal shows it."""
    parts = [f"<b>$ {html.escape(visit.plain(words))}</b>\n{coloured(visit.plain(said.text))}" for words, said in typed]
    page = browser.new_page(viewport={"width": WIDTH_PX, "height": 100})
    page.set_content(TERMINAL.format(text="\n".join(parts)))
    keep(name, page.screenshot(full_page=True))
    page.close()


def coloured(text: str) -> str:
    """Findings in their colours, and a table's columns below each other."""
    return "\n".join(_coloured(line) for line in text.splitlines())


def _coloured(line: str) -> str:
    shown = html.escape(line)
    if "  " in line:  # what the font lacks comes from one whose letters are not all as wide
        shown = re.sub(r"[^\x00-\x7f]", r"<i>\g<0></i>", shown)
    colour = COLOURS.get(line.partition(" ")[0])
    return f'<span style="color:{colour}">{shown}</span>' if colour else shown


def show_public_address(route: Route) -> None:
    """The code with the name that a ward's centre has, in words and in the QR code."""
    answer = route.fetch()
    told = json.loads(answer.text())
    if answer.status == 201:
        told["command"] = re.sub(r"@\S+$", f"@{CENTRE}", told["command"])
    route.fulfill(response=answer, body=json.dumps(told))


def draw(browser: Browser, visit: Visit) -> None:
    visit.grant_sight()
    context = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, locale="vi-VN", ignore_https_errors=True, base_url=visit.url
    )
    page = context.new_page()
    sign_in(page)
    page.route(re.compile(r"/api/v1/boxes/enrolments$"), show_public_address)
    enrol = " ".join(has_a_code_made(page))
    keep_page(page, "ma-dang-ky")
    said = visit.type(*enrol.replace(CENTRE, visit.url.removeprefix("https://")).split())
    keep_text(browser, "dang-ky", (f"sudo phoan-edge {enrol}", said), visit=visit)
    (box,) = re.findall(r"Hộp (\S+) \(", said.text)
    page.keyboard.press("Escape")

    find = f"sudo phoan-edge discover --hosts 192.168.1.11-12 --user admin --write --site {SITE}"
    keep_text(browser, "tim-camera", (find, visit.discover()), visit=visit)
    visit.cameras.change_password(OTHER_LOCK)
    keep_text(browser, "kiem-tra-loi", ("sudo phoan-edge doctor", visit.type("doctor")), visit=visit)
    visit.cameras.set_clock()
    mended = visit.type("password", STALLS, password=OTHER_LOCK)
    visit.run_box()
    page.goto("/#/")
    page.reload()
    page.goto("/#/boxes")
    for camera in (GATE, STALLS):
        page.locator(f'[data-testid=box-camera-{camera}][data-state="streaming"]').wait_for(timeout=BUSY_MS)
    eventually(lambda: "2 of 2" in visit.type("health").text, BUSY_MS / 1000)
    good = visit.type("doctor")
    keep_text(
        browser, "kiem-tra-tot", (f"sudo phoan-edge password {STALLS}", mended), ("sudo phoan-edge doctor", good),
        visit=visit,
    )  # fmt: skip

    draws_a_zone(page, box, GATE)
    for camera, name in reversed(NAMES.items()):
        page.get_by_test_id(f"config-item-{camera}").click()
        page.locator(".config__details summary").click()
        page.locator("[name=name]").fill(name)
    page.locator(".config__details summary").click()
    page.locator(".shape__name").click()
    sends_it(page)
    page.get_by_test_id("config-state").scroll_into_view_if_needed()
    keep_page(page, "vung")
    page.goto("/#/boxes")
    page.reload()
    page.get_by_test_id(f"report-{box}").wait_for()
    keep_page(page, "the-hop")
    page.goto("/#/")
    page.get_by_test_id("alert").first.wait_for(timeout=BUSY_MS)
    keep_page(page, "man-hinh")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: run tests/system-packages.")
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL's own account must reach its data
        postgres = Postgres(folder / "data")
        try:
            prepare_template(postgres)
            with fresh_database(postgres) as database, sync_playwright() as playwright:
                visit = Visit(folder / "visit", database)
                flags = ["--headless", "--no-sandbox", "--disable-gpu"]
                browser = playwright.chromium.launch(executable_path=chromium, args=flags)
                try:
                    draw(browser, visit)
                finally:
                    browser.close()
                    visit.stop()
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
