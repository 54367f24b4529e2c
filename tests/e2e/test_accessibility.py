"""Every page and window against axe-core: nothing that bars who has but a keyboard, a screen reader or weak eyes.

The centre is real, with alerts that are committed as ingest commits them and a box that sends pictures of one camera;
of the others one has failed and two wait, so that tiles of each look are there.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from websockets.exceptions import ConnectionClosed

from api.config import ApiSettings
from contracts.event import EventRecord, Phase, Severity
from contracts.ids import digest_of, new_id
from contracts.inventory import Inventory
from contracts.picture import PictureHeader, pack
from demo import ward
from demo.postgres import Postgres
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings
from storage import accounts, inventory, records
from storage.accounts import UserRow
from storage.records import Commit, Origin
from tests.api.running import PASSWORD, RunningApi, password_hash
from tests.e2e.test_triage import first_picture
from tests.support.databases import fresh_database
from tests.support.samples import BOX_TOKEN, EPOCH, event

pytestmark = pytest.mark.e2e

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
DESKTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 800}
GRAVE = ("serious", "critical")
PICTURE = first_picture()
LIVE, FAILED = ward.CAMERAS[0], ward.CAMERAS[1]


@dataclass(frozen=True, slots=True)
class Seen:
    """How somebody looks at the page."""

    language: str
    size: ViewportSize


VIEWERS = [Seen("vi", DESKTOP), Seen("en", PHONE)]


@cache
def axe() -> str:
    assert AXE.exists(), "install axe-core: make test does it"
    return AXE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What axe-core finds grave in the page as it is, each with the elements that it concerns."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']]} {fault['nodes'][0]['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The centre of the sample ward, in which things have happened and happen."""
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as db:
            inventory.apply(db, Inventory.model_validate(ward.inventory(BOX_TOKEN)))
            for user in ward.USERS:
                accounts.put_user(db, UserRow(user.username, user.name, password_hash(), user.role, [ward.WARD], False))
            db.execute("UPDATE boxes SET state = 'online', state_at = now(), outbox_pending = 2000, version = '0.1.0'")
            db.execute("UPDATE cameras SET state = 'streaming', since = now(), fps = 10")
            db.execute("UPDATE cameras SET state = 'failed', fault = 'refused' WHERE id = %s", (FAILED.id,))
        settings = {"database": conninfo, "media_dir": tmp_path_factory.mktemp("media"), "cookie_secure": False}
        api = RunningApi(ApiSettings.model_validate(settings), conninfo)
        with api.box(ward.BOX) as box:
            box.put(f"/api/v1/box/media/{digest_of(PICTURE)}", content=PICTURE).raise_for_status()
        happen(conninfo)
        with closing(api.live_box(ward.BOX)) as socket:
            thread = threading.Thread(target=send_pictures, args=(socket,))
            thread.start()
            yield api
            socket.close()
            thread.join()
        api.stop()


def happen(conninfo: str) -> None:
    """One event of each severity; the graver two go on."""
    now = datetime.now(UTC)
    origin = Origin(ward.WARD, ward.BOX, EPOCH)
    streets = [camera for camera in ward.CAMERAS if camera.zones]
    kinds = zip(Severity, ("loitering", "occupancy", "intrusion", "crowding"), streets, strict=True)
    with psycopg.connect(conninfo, autocommit=True) as db:
        for seq, (severity, kind, camera) in enumerate(kinds, 1):
            opened = now - timedelta(minutes=9 - 2 * seq)
            over = {"phase": Phase.CLOSE, "closed_at": now, "close_reason": "cleared"} if seq < 3 else {}
            told = event(**{
                "id": new_id(), "kind": kind, "severity": severity, "site": camera.site, "camera": camera.id,
                "zone": next(iter(camera.zones)), "opened_at": opened, "at": now, "captured_at": opened,
                "snapshot": digest_of(PICTURE), **over,
            })  # fmt: skip
            records.write(db, Commit(events=[(origin, EventRecord(seq=seq, event=told))], seqs={origin: {seq}}))
        while correlate_queued(db, ward.WARD, CorrelationSettings()):
            pass


def send_pictures(socket: Any) -> None:
    """As the box: pictures of the one camera while anybody watches it, until the socket closes."""
    wanted = False
    try:
        while True:
            try:
                told = json.loads(socket.recv(timeout=0.5))
                wanted = LIVE.id in [*told.get("cameras", []), *told.get("video", [])]
            except TimeoutError:
                pass
            if wanted:
                size = {"width": 768, "height": 576}
                header = PictureHeader(camera=LIVE.id, captured_at=datetime.now(UTC), no_video="codec", **size)
                socket.send(pack(header, PICTURE))
    except ConnectionClosed:
        return


def enter(page: Page, api: RunningApi, password: str = PASSWORD) -> None:
    page.goto(api.url)
    page.get_by_test_id("username").fill("quantri")
    page.get_by_test_id("password").fill(password)
    page.get_by_test_id("login-submit").click()


@pytest.fixture(scope="module", params=VIEWERS, ids=lambda seen: f"{seen.language}-{seen.size['width']}")
def signed_in(request: pytest.FixtureRequest, chromium: Browser, api: RunningApi) -> Iterator[Page]:
    """The page of an administrator, who sees all of it."""
    seen: Seen = request.param
    context = chromium.new_context(viewport=seen.size, locale="vi-VN", reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('phoan.language', '{seen.language}')")
    page = context.new_page()
    enter(page, api)
    page.get_by_test_id(f"tile-{LIVE.id}").and_(page.locator("[data-state=live]")).wait_for()
    page.get_by_test_id("alert").first.wait_for(state="attached")
    yield page
    context.close()


def show_alert(page: Page) -> None:
    if page.viewport_size == PHONE:
        page.get_by_test_id("rail-alerts").click()
    page.get_by_test_id("alert").first.click()
    page.get_by_test_id("alert-detail").wait_for()


def show_help(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def show_incident(page: Page) -> None:
    page.get_by_test_id("incident-row").first.click()


def enrol(page: Page) -> None:
    page.get_by_test_id("totp-enrol").click()
    page.get_by_test_id("enrol-input").fill(PASSWORD)
    page.get_by_test_id("enrol-submit").click()
    page.get_by_test_id("qr").wait_for()


def send_empty(page: Page) -> None:
    page.get_by_test_id("user-submit").click()
    page.get_by_test_id("field-fault").first.wait_for()


def ask_to_lock(page: Page) -> None:
    page.get_by_test_id("user-switch").click()
    page.get_by_test_id("confirm").wait_for()


def open_entry(page: Page) -> None:
    page.get_by_test_id("entry").first.locator("summary").click()


def nothing(page: Page) -> None:
    pass


STATES: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "wall": ("#/", "wall", nothing),
    "alert": ("#/", "wall", show_alert),
    "help": ("#/", "wall", show_help),
    "incidents": ("#/incidents", "incidents", nothing),
    "incident": ("#/incidents", "incidents", show_incident),
    "handover": ("#/handover", "handover", nothing),
    "map": ("#/map", "map", nothing),
    "search": ("#/search", "search", nothing),
    "camera": (f"#/cameras/{LIVE.id}", "camera-page", nothing),
    "account": ("#/account", "account", nothing),
    "second factor": ("#/account", "account", enrol),
    "users": ("#/users", "users", nothing),
    "new user": ("#/users?new=1", "user-form", send_empty),
    "user": ("#/users/congan", "user-form", ask_to_lock),
    "grants": ("#/grants", "grant-form", nothing),
    "audit": ("#/audit", "audit-entries", open_entry),
    "boxes": ("#/boxes", f"box-{ward.BOX}", nothing),
}
"""The address of each, what it must show, and what is then done."""


@pytest.mark.parametrize("state", STATES)
def test_a_page_has_no_grave_fault(signed_in: Page, state: str) -> None:
    address, testid, then = STATES[state]
    while signed_in.locator("dialog[open]").count():
        signed_in.keyboard.press("Escape")
    signed_in.get_by_test_id("rail-wall").click()  # on a phone, away from the alerts
    signed_in.evaluate("address => { location.hash = address }", address)
    signed_in.get_by_test_id(testid).wait_for()
    then(signed_in)
    assert faults(signed_in) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_signing_in_has_no_grave_fault(chromium: Browser, api: RunningApi, size: ViewportSize) -> None:
    context = chromium.new_context(viewport=size, locale="vi-VN")
    page = context.new_page()
    enter(page, api, "không phải")
    page.get_by_test_id("login-error").wait_for()
    assert faults(page) == []
    context.close()


def test_the_keyboard_alone_reaches_every_control_of_a_page(signed_in: Page) -> None:
    signed_in.evaluate("location.hash = '#/account'")
    signed_in.get_by_test_id("password-submit").wait_for()
    signed_in.evaluate("document.activeElement?.blur()")
    reached = set()
    for _ in range(60):
        signed_in.keyboard.press("Tab")
        reached.add(signed_in.evaluate("document.activeElement?.dataset.testid ?? null"))
    wanted = {
        "rail-wall",
        "account-link",
        "sign-out",
        "password-current",
        "password-new",
        "password-submit",
        "account-sound",
    }
    assert wanted <= reached
