"""Officers at work on the same alerts: by keyboard, one beside the other, and one after the other.

The centre is real, and so are its rules of what becomes an incident; the events are committed as ingest commits them,
so that the tests need not wait until somebody walks through a film.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import av
import cv2
import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from contracts.event import Event, EventRecord, Severity
from contracts.ids import digest_of, new_id
from demo import ward
from demo.film import STREET
from demo.postgres import Postgres
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings
from storage import records
from storage.records import Commit, Origin
from tests.api.running import PASSWORD, RunningApi, audited
from tests.e2e.conftest import SLOW_MS, go_by_keys
from tests.e2e.sample_centre import sample_centre
from tests.support.samples import EPOCH, event

pytestmark = pytest.mark.e2e

FIRST, SECOND = "congan", "congan2"
ORIGIN = Origin(ward.WARD, ward.BOX, EPOCH)
SEQS = count(1)


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The centre of the sample ward, with a picture and a film that its box has sent."""
    with sample_centre(postgres, tmp_path_factory.mktemp("media")) as api:
        with api.box() as box:
            for data in (PICTURE, FILM):
                box.put(f"/api/v1/box/media/{digest_of(data)}", content=data).raise_for_status()
        yield api


def first_picture() -> bytes:
    with av.open(str(STREET)) as film:
        picture = next(film.decode(video=0)).to_ndarray(format="bgr24")
    _, jpeg = cv2.imencode(".jpg", picture)
    return jpeg.tobytes()


PICTURE, FILM = first_picture(), STREET.read_bytes()


def happens(api: RunningApi, camera: int, kind: str, **changes: object) -> str:
    """An event opens at a camera of the ward, and is correlated; the id of its incident."""
    now, place = datetime.now(UTC), ward.CAMERAS[camera]
    opened: Event = event(**{
        "id": new_id(), "kind": kind, "site": place.site, "camera": place.id, "zone": next(iter(place.zones)),
        "opened_at": now, "at": now, "captured_at": now, "snapshot": digest_of(PICTURE), **changes,
    })  # fmt: skip
    seq = next(SEQS)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        records.write(db, Commit(events=[(ORIGIN, EventRecord(seq=seq, event=opened))], seqs={ORIGIN: {seq}}))
        correlate_queued(db, ward.WARD, CorrelationSettings())
        row = db.execute("SELECT incident_id FROM incident_events WHERE event_id = %s", (opened.id,)).fetchone()
    assert row is not None
    return str(row[0])


def stands(api: RunningApi, incident: str) -> tuple[str, str | None, str | None]:
    """State, assignee and reason, as they are stored."""
    with psycopg.connect(api.conninfo) as db:
        row = db.execute("SELECT state, assignee, reason FROM incidents WHERE id = %s", (UUID(incident),)).fetchone()
    assert row is not None
    state, assignee, reason = row
    return state, assignee, reason


def sign_in(page: Page, api: RunningApi, username: str = FIRST) -> None:
    page.goto(api.url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()


def entry(page: Page, incident: str) -> Locator:
    """Where the lane shows an incident."""
    return page.locator(f"#alerts [data-incident-id='{incident}']")


def choose(page: Page, incident: str) -> None:
    """Go down the lane with `j` as far as the incident."""
    entry(page, incident).wait_for()
    for _ in range(20):
        page.keyboard.press("j")
        expect(page.locator("#alerts [aria-current=true]")).to_have_count(1)
        if entry(page, incident).get_attribute("aria-current") == "true":
            return
    raise AssertionError("the incident is not in the lane")


def until(page: Page, condition: Callable[[], bool], timeout_ms: int = SLOW_MS) -> None:
    """Wait while the page goes on."""
    deadline = time.monotonic() + timeout_ms / 1000
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        page.wait_for_timeout(50)


def press_until(page: Page, key: str, condition: Callable[[], bool]) -> None:
    """Press, and again after some seconds, as somebody does whose page answers nothing; no step is taken twice."""
    for _ in range(4):
        page.keyboard.press(key)
        with suppress(AssertionError):
            until(page, condition, 5_000)
            return
    raise AssertionError("it did not come about")


@pytest.fixture
def colleague(chromium: Browser, api: RunningApi) -> Iterator[Page]:
    """The page of another officer of the ward, at another computer."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    sign_in(page, api, SECOND)
    yield page
    context.close()


def test_alerts_are_triaged_by_keyboard_and_a_step_is_taken_back(page: Page, api: RunningApi, pictures: Path) -> None:
    sign_in(page, api)
    below, incident = happens(api, 1, "loitering"), happens(api, 0, "occupancy")
    choose(page, incident)
    page.keyboard.press("f")
    expect(page.get_by_test_id("choices")).to_contain_text("Vì sao là báo nhầm?")
    page.screenshot(path=pictures / "triage.png")
    page.keyboard.press("3")
    expect(page.get_by_test_id("toast")).to_contain_text("Đã ghi là báo nhầm: Quá số người cho phép")
    expect(entry(page, incident)).to_have_count(0)
    assert stands(api, incident) == ("false_alarm", None, "light")
    expect(entry(page, below)).to_have_attribute("aria-current", "true")
    page.keyboard.press("z")
    expect(entry(page, incident).locator("[data-state=new]")).to_have_count(1)
    assert stands(api, incident) == ("new", None, None)
    page.get_by_test_id("lane-all").click()
    expect(page.locator(f"#alerts [data-incident-id='{below}']")).to_be_visible()


def test_of_two_officers_one_wins_and_the_other_is_told_who(
    page: Page, colleague: Page, api: RunningApi, pictures: Path
) -> None:
    late: list[Route] = []
    colleague.route("**/assign", lambda route: late.append(route))  # Playwright marks it
    colleague.reload()  # a page that is open already may send one more request past it
    sign_in(page, api)
    incident = happens(api, 2, "intrusion")
    choose(page, incident)
    choose(colleague, incident)
    press_until(colleague, "r", lambda: late != [])  # on its way while the other one presses, too
    page.keyboard.press("r")
    expect(page.get_by_test_id("toast")).to_contain_text("Đã nhận xử lý")
    late[0].continue_()
    told = re.compile(r"Đồng chí Trực ban Công an phường đã nhận vụ này lúc \d\d:\d\d")
    expect(colleague.get_by_test_id("toast")).to_contain_text(told)
    colleague.screenshot(path=pictures / "first.png")
    expect(entry(page, incident)).to_contain_text("Tôi đang xử lý")
    expect(entry(colleague, incident)).to_contain_text("Trực ban Công an phường đang xử lý")
    assert stands(api, incident) == ("assigned", FIRST, None)


def test_a_step_that_the_network_lost_is_told_and_tried_again(page: Page, api: RunningApi) -> None:
    sign_in(page, api)
    incident = happens(api, 3, "crowding")
    choose(page, incident)
    page.context.set_offline(True)
    page.keyboard.press("r")
    toast = page.get_by_test_id("toast")
    expect(toast).to_contain_text("Chưa thực hiện được “Nhận xử lý”")
    assert stands(api, incident) == ("new", None, None)
    page.context.set_offline(False)
    page.get_by_test_id("retry").click()
    expect(toast).to_contain_text("Đã nhận xử lý")
    assert stands(api, incident) == ("assigned", FIRST, None)


def test_an_opened_alert_is_seen_its_clip_plays_for_a_reason_and_its_end_is_written_down(
    page: Page, api: RunningApi, pictures: Path
) -> None:
    sign_in(page, api)
    incident = happens(api, 0, "left_object", clip=digest_of(FILM))
    choose(page, incident)
    page.keyboard.press("Enter")
    work = page.get_by_test_id("incident-work")
    expect(work).to_contain_text("Đã xem")
    assert stands(api, incident) == ("seen", None, None)
    page.get_by_test_id("comment").fill("Đã gọi tổ bảo vệ dân phố đến kiểm tra.")
    page.get_by_test_id("comment-send").click()
    expect(page.get_by_test_id("history")).to_contain_text("Đã gọi tổ bảo vệ dân phố")
    page.get_by_test_id("view-clip").click()
    page.get_by_test_id("reason-verify").click()
    page.get_by_test_id("reason-submit").click()
    film = page.get_by_test_id("clip")
    film.wait_for()
    until(page, lambda: bool(film.evaluate("film => film.currentTime > 0.2")))
    page.screenshot(path=pictures / "incident.png")
    asked, viewed = audited(api, "playback.asked", "playback.viewed")
    assert (asked.details["reason"], viewed.actor) == ("Xác minh cảnh báo", FIRST)
    page.get_by_test_id("open-incident").click()
    expect(page.get_by_test_id("incident-page")).to_have_attribute("data-incident-id", incident)
    page.keyboard.press("d")
    page.keyboard.press("1")
    expect(page.get_by_test_id("history")).to_contain_text("xử lý xong: Đã đến hiện trường xử lý")
    assert stands(api, incident)[::2] == ("resolved", "handled")


def test_a_list_of_incidents_follows_what_a_colleague_does(page: Page, colleague: Page, api: RunningApi) -> None:
    sign_in(page, api)
    go_by_keys(page, "i", "incidents")
    incident = happens(api, 1, "wrong_way")
    row = page.locator(f"[data-testid=incident-row][data-incident-id='{incident}']")
    expect(row).to_contain_text("Mới")
    choose(colleague, incident)
    colleague.keyboard.press("r")
    expect(row).to_contain_text("Nguyễn Văn Bình đang xử lý")
    expect(colleague.get_by_test_id("toast")).to_contain_text("Đã nhận xử lý")
    colleague.keyboard.press("z")
    expect(row).to_contain_text("Mới")


def test_what_is_critical_lies_over_every_page_until_somebody_looks(page: Page, api: RunningApi) -> None:
    sign_in(page, api)
    page.goto(f"{api.url}/#/handover")
    page.get_by_test_id("handover").wait_for()
    incident = happens(api, 2, "blocked_fire_lane", severity=Severity.CRITICAL)
    bar = page.get_by_test_id("arrival")
    expect(bar).to_contain_text("Chắn lối xe chữa cháy")
    until(page, lambda: page.title().startswith("(!) KHẨN CẤP: Chắn lối xe chữa cháy"))
    bar.get_by_role("button").first.click()
    expect(page.get_by_test_id("incident-page")).to_have_attribute("data-incident-id", incident)
    expect(bar).to_have_count(0)
    assert stands(api, incident) == ("seen", None, None)


def test_who_goes_back_by_the_browsers_button_leaves_the_opened_alert(page: Page, api: RunningApi) -> None:
    sign_in(page, api)
    go_by_keys(page, "i", "incidents")
    go_by_keys(page, "w", "wall")
    entry(page, happens(api, 3, "loitering")).click()
    page.get_by_test_id("alert-detail").wait_for()
    page.go_back()
    page.get_by_test_id("incidents").wait_for()
    expect(page.get_by_test_id("alert-detail")).to_have_count(0)


def test_a_shift_is_handed_over_and_accepted_by_another_officer(
    page: Page, colleague: Page, api: RunningApi, pictures: Path
) -> None:
    happens(api, 3, "stopped_vehicle")
    sign_in(page, api)
    go_by_keys(page, "h", "handover")
    expect(page.get_by_test_id("shift-unfinished")).to_contain_text("Xe dừng, đỗ sai nơi")
    page.get_by_test_id("handover-note").fill("Theo dõi cổng chợ sau 22 giờ.")
    page.get_by_test_id("handover-send").click()
    expect(page.get_by_test_id("handover-pending")).to_contain_text("Đang chờ đồng chí ca sau")
    assert page.get_by_test_id("handover-accept").count() == 0
    page.screenshot(path=pictures / "handover.png")
    go_by_keys(colleague, "h", "handover")
    expect(colleague.get_by_test_id("handover-pending")).to_contain_text("Theo dõi cổng chợ sau 22 giờ.")
    colleague.get_by_test_id("handover-accept").click()
    expect(colleague.get_by_test_id("handover-done")).to_contain_text("Nguyễn Văn Bình")
    with psycopg.connect(api.conninfo) as db:
        assert db.execute("SELECT author, accepted_by FROM handovers").fetchall() == [(FIRST, SECOND)]


def test_a_technician_is_told_that_pictures_are_not_for_them_and_none_is_asked_for(page: Page, api: RunningApi) -> None:
    incident = happens(api, 0, "line_crossing")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, api, "kythuat")
    barred = "Vai trò của bạn không xem ảnh"
    expect(entry(page, incident)).to_contain_text(barred)
    entry(page, incident).click()
    expect(page.get_by_test_id("alert-detail")).to_contain_text(barred)
    expect(page.get_by_test_id("view-clip")).to_be_disabled()
    assert [url for url in asked if "/api/v1/events/" in url] == []
    assert stands(api, incident) == ("new", None, None)
