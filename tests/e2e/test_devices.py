"""Alerts of devices on the page: named after the device, with a picture only where a camera looked, and 114 on fire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from contracts.event import Event, EventRecord, Severity
from contracts.ids import digest_of, new_id
from demo import ward
from demo.postgres import Postgres
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings
from storage import records
from storage.records import Commit, Origin
from tests.api.running import PASSWORD, RunningApi
from tests.e2e.sample_centre import sample_centre
from tests.e2e.test_triage import first_picture
from tests.support.samples import EPOCH, smoke

pytestmark = pytest.mark.e2e

SEQS = count(1)


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The centre of the sample ward, with a picture that its box has sent."""
    with sample_centre(postgres, tmp_path_factory.mktemp("media")) as api:
        with api.box() as box:
            picture = first_picture()
            box.put(f"/api/v1/box/media/{digest_of(picture)}", content=picture).raise_for_status()
        yield api


def happens(api: RunningApi, **changes: object) -> Event:
    """A device's event opens and is correlated."""
    now = datetime.now(UTC)
    told = smoke(**{"id": new_id(), "opened_at": now, "at": now, "captured_at": now, **changes})
    seq = next(SEQS)
    commit = Commit(
        events=[(Origin(ward.WARD, ward.BOX, EPOCH), EventRecord(seq=seq, event=told))],
        seqs={Origin(ward.WARD, ward.BOX, EPOCH): {seq}},
    )
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        records.write(db, commit)
        correlate_queued(db, ward.WARD, CorrelationSettings())
    return told


def sign_in(page: Page, api: RunningApi, username: str) -> None:
    page.goto(api.url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("wall").wait_for()


def test_smoke_is_told_by_the_devices_name_with_114_and_the_picture_that_a_camera_brought(
    page: Page, api: RunningApi, pictures: Path
) -> None:
    sign_in(page, api, "congan")
    alarm = happens(
        api, snapshot=digest_of(first_picture()), thumbnail=digest_of(first_picture()),
        why={"metric": "smoke", "value": 1.0, "bound": 1.0, "camera": "cho-an-luu-1"},
    )  # fmt: skip
    entry = page.locator(f"#alerts [data-event-id='{alarm.id}']")
    expect(entry).to_contain_text("Báo khói")
    expect(entry).to_contain_text("Chợ An Lưu · Đầu báo khói dãy A")
    expect(entry.get_by_test_id("fire-sign")).to_have_text("Gọi 114")
    entry.click()
    detail = page.get_by_test_id("alert-detail")
    expect(detail.get_by_test_id("fire-call").get_by_role("link")).to_have_attribute("href", "tel:114")
    expect(detail).to_contain_text("Đầu báo khói đang báo động.")
    expect(detail.locator(".snapshot--ready img")).to_be_visible()
    expect(detail.get_by_test_id("view-clip")).to_be_disabled()
    page.screenshot(path=pictures / "device-smoke.png")
    detail.get_by_test_id("open-incident").click()
    incident = page.get_by_test_id("incident-page")
    expect(incident.get_by_role("link", name="Gọi 114")).to_be_visible()
    expect(incident).to_contain_text("Đầu báo khói dãy A")


def test_what_no_camera_saw_shows_no_place_for_a_picture_and_a_technician_sees_it_too(
    page: Page, api: RunningApi, pictures: Path
) -> None:
    silent = happens(
        api, kind="device_silent", severity=Severity.MEDIUM, device="loa-quay-12", rule="silence",
        why={"silent_s": 190.0, "period_s": 60.0},
    )  # fmt: skip
    sign_in(page, api, "kythuat")
    entry = page.locator(f"#alerts [data-event-id='{silent.id}']")
    expect(entry).to_contain_text("Loa thanh toán quầy 12")
    expect(entry.get_by_test_id("snapshot-sign")).to_be_visible()
    expect(entry.get_by_test_id("fire-sign")).to_have_count(0)
    entry.click()
    detail = page.get_by_test_id("alert-detail")
    expect(detail).to_contain_text("Không có tin từ thiết bị suốt 3 phút 10 giây")
    expect(detail.get_by_test_id("view-snapshot")).to_have_count(0)
    page.screenshot(path=pictures / "device-silent.png")


def test_a_search_finds_a_device_by_its_name(page: Page, api: RunningApi) -> None:
    happens(api, kind="mains_lost", severity=Severity.HIGH, device="ups-cho", rule="mains")
    sign_in(page, api, "congan")
    page.evaluate("location.hash = '#/search'")
    page.get_by_test_id("search-text").fill("bo luu dien")
    result = page.get_by_test_id("result")
    expect(result).to_have_count(1)
    expect(result).to_contain_text("Mất điện lưới")
    expect(result).to_contain_text("Bộ lưu điện chợ An Lưu")
    result.get_by_role("button").click()
    expect(page.get_by_test_id("alert-detail")).to_contain_text("Bộ lưu điện chợ An Lưu")
