"""From a real camera to a real browser: a clip of an event, and a range that somebody asks of a box's recording."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr

from api.config import ApiSettings
from contracts.event import Event, EventRecord, Severity
from edge.capture.capture import Capture, CapturedFrame
from edge.capture.slot import LatestSlot
from edge.centre.live import TRANSIENT, Live
from edge.centre.outbox import Outbox
from edge.centre.uplink import Uplink
from edge.centre.upload import Uploader, UploadError
from edge.config import EdgeSettings, IntrusionSettings
from edge.events import EventBook, Moment, Place
from edge.footage.keeping import Keeping
from edge.footage.media import MediaStore
from edge.rules.command import Close, Open
from edge.supervise import Supervisor
from tests.api.running import COOKIE, RunningApi, commit_event, problem, put_users
from tests.edge.rules.frames import frame
from tests.support.cameras import GoodCamera, address
from tests.support.relay import Relay
from tests.support.samples import BOX_TOKEN
from tests.support.waiting import eventually

CAMERA = "quang-trung-1"
RULE = IntrusionSettings(id="ngoai-gio", kind="intrusion", zone="via-he", severity=Severity.HIGH)
PLACE = Place("quang-trung", CAMERA, "ssdlite-mobilenet-person")
PLAYS = """
async address => {
    const video = document.createElement("video");
    const within = (what, promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(
        () => reject(new Error(`${what}: ready ${video.readyState}, network ${video.networkState}`)), 60000))]);
    const happens = name => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, {once: true});
        video.addEventListener("error", () => reject(new Error(video.error.message)), {once: true});
    });
    video.muted = true;
    video.src = address;
    document.body.append(video);
    await within("load", happens("loadeddata"));
    await within("play", video.play());
    const begun = video.currentTime;
    const goes = new Promise(resolve => video.addEventListener("timeupdate", () => {
        if (video.currentTime > begun + 0.5) resolve();
    }));
    await within("go on", goes);
    const moved = video.currentTime - begun;
    const seeked = happens("seeked");
    video.currentTime = video.duration - 1;
    await within("seek", seeked);
    return {width: video.videoWidth, height: video.videoHeight, duration: video.duration, moved,
            at: video.currentTime};
}
"""
A_PAGE_WITHOUT_SCRIPTS = "/api/v1/openapi.json"


def plays(browser: Browser, api: RunningApi, path: str, token: str) -> dict[str, Any]:
    """What the browser of a session finds when it plays a film of the API."""
    context = browser.new_context()
    context.add_cookies([{"name": COOKIE, "value": token, "url": api.url}])
    try:
        page = context.new_page()
        page.goto(f"{api.url}{A_PAGE_WITHOUT_SCRIPTS}")
        found: dict[str, Any] = page.evaluate(PLAYS, path)
        return found
    finally:
        context.close()


class Box:
    """All of a box but its eyes: connection, ring, clips, recorder, uploads and live link, each in its thread."""

    def __init__(self, folder: Path, camera: GoodCamera, api_port: int) -> None:
        settings = EdgeSettings.model_validate(
            {
                "ward": "an-luu",
                "box": "an-luu-1",
                "data_dir": folder,
                "mqtt": {"host": "127.0.0.1"},
                "centre": {"url": f"http://127.0.0.1:{api_port}", "token": BOX_TOKEN},
                "disk_reserve_mb": 0,
                "clips": {"before_s": 2, "after_s": 3, "longest_s": 20},
                "recording": {"segment_s": 5},
                "cameras": [{"id": CAMERA, "site": "quang-trung", "url": address(camera.port)}],
            }
        )
        assert settings.centre
        folder.mkdir()
        self.supervisor = Supervisor()
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.book = EventBook(self.outbox)
        media = MediaStore(folder / "media", max_bytes=100_000_000)
        self.keeping = Keeping(settings, self.outbox, media, self.book)
        frames: LatestSlot[CapturedFrame] = LatestSlot()
        capture = Capture(SecretStr(address(camera.port)), frames, lambda _: None, sinks=self.keeping.sinks(CAMERA))
        line = Uplink(settings.uplink, "UTC", self.outbox)
        uploader = Uploader(settings.centre, self.outbox, media, line)
        live = Live(settings.centre, (CAMERA,), self.keeping.requests)
        stop = self.supervisor.stop
        self.keeping.start(self.supervisor)
        self.supervisor.start("camera", lambda: capture.run(stop))
        self.supervisor.keep_running("uploads", lambda: uploader.run(stop), transient=(UploadError,), longest_s=1)
        self.supervisor.keep_running("live", lambda: live.run(stop), transient=TRANSIENT, longest_s=1)
        self.began = datetime.now(UTC)

    def record(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds - (datetime.now(UTC) - self.began).total_seconds()))

    def intrude(self) -> Event:
        """Somebody comes and goes, as the rules would tell."""
        now = datetime.now(UTC)
        clips = self.keeping.clips
        assert clips
        opened = self.book.carry_out(RULE, PLACE, Open(1, frame(0, "a").inside, {}), Moment(now, now))
        clips.hear(opened)
        clips.hear(self.book.carry_out(RULE, PLACE, Close("cleared"), Moment(now, now)))
        return opened

    def with_clip(self, event: Event) -> Event | None:
        told = [EventRecord.model_validate_json(record.body).event for record in self.outbox.waiting(100)]
        return next((other for other in told if other.id == event.id and other.clip), None)

    def stop(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(10)
        self.outbox.close()
        assert not self.supervisor.failed


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[RunningApi]:
    settings = {"database": database, "media_dir": tmp_path / "centre", "cookie_secure": False}
    put_users(database)
    api = RunningApi(ApiSettings.model_validate(settings), database)
    yield api
    api.stop()


@pytest.fixture
def relay(api: RunningApi) -> Iterator[Relay]:
    """The line between box and centre."""
    relay = Relay(api.port)
    yield relay
    relay.close()


@pytest.fixture
def box(tmp_path: Path, relay: Relay) -> Iterator[Box]:
    camera = GoodCamera(tmp_path / "camera")
    camera.start()
    box = Box(tmp_path / "box", camera, relay.port)
    yield box
    box.stop()
    camera.stop()


def test_the_clip_of_an_event_plays_in_a_browser(api: RunningApi, box: Box, chromium: Browser) -> None:
    box.record(4)
    opened = box.intrude()
    event = eventually(lambda: box.with_clip(opened), 60)
    assert event.phase == "close"
    eventually(lambda: box.outbox.uploads() == [], 60)
    commit_event(api.conninfo, event)
    token = api.session("lan")
    with api.client() as client:
        client.cookies.set(COOKIE, token)
        asked = {"event": str(event.id), "reason": "xem lại vụ xâm nhập"}
        client.post("/api/v1/playback", json=asked).raise_for_status()
    found = plays(chromium, api, f"/api/v1/events/{event.id}/clip", token)
    assert (found["width"], found["height"]) == (768, 576)
    assert 5 <= found["duration"] <= 8.5
    assert found["moved"] > 0.5
    assert found["at"] == pytest.approx(found["duration"] - 1, abs=0.3)


def test_a_range_of_the_recording_comes_when_somebody_asks_for_it(api: RunningApi, box: Box, chromium: Browser) -> None:
    box.record(14)
    begin = box.began + timedelta(seconds=5)
    with api.client("lan") as client:
        wish = {"begin": begin.isoformat(), "end": (begin + timedelta(seconds=6)).isoformat(), "reason": "mất xe máy"}
        asked = client.post(f"/api/v1/cameras/{CAMERA}/recordings", json=wish)
        assert asked.status_code == 202
        assert (asked.json()["state"], asked.json()["ready"], asked.json()["requested_by"]) == ("asked", False, "lan")
        address = f"/api/v1/recordings/{asked.json()['id']}"
        recording = eventually(lambda: _ready(client, address), 90)
        assert recording["state"] == "done"
        whole = client.get(f"{address}/video")
        part = client.get(f"{address}/video", headers={"Range": "bytes=100-199"})
        assert (whole.headers["content-type"], part.status_code) == ("video/mp4", 206)
        assert part.content == whole.content[100:200]
        (listed,) = client.get(f"/api/v1/cameras/{CAMERA}/recordings").json()["items"]
        assert listed["reason"] == "mất xe máy"
    found = plays(chromium, api, f"{address}/video", api.session("lan"))
    assert (found["width"], found["height"]) == (768, 576)
    assert 6 <= found["duration"] <= 8.5
    assert found["moved"] > 0.5
    with psycopg.connect(api.conninfo) as db:
        noted = db.execute("SELECT action, actor FROM audit WHERE action LIKE 'recording.%' ORDER BY seq").fetchall()
    assert noted[0] == ("recording.asked", "lan")
    assert ("recording.viewed", "lan") in noted


def test_a_box_that_was_away_hears_of_the_request_when_it_is_back(api: RunningApi, box: Box, relay: Relay) -> None:
    box.record(8)
    relay.cut()
    with api.client("lan") as client:
        wish = {
            "begin": box.began.isoformat(),
            "end": (box.began + timedelta(seconds=6)).isoformat(),
            "reason": "đánh nhau",
        }
        address = f"/api/v1/recordings/{client.post(f'/api/v1/cameras/{CAMERA}/recordings', json=wish).json()['id']}"
        time.sleep(1.5)
        assert client.get(address).json()["state"] == "asked"
        relay.restore()
        assert eventually(lambda: _ready(client, address), 90)["state"] == "done"


def test_what_a_box_cannot_serve_is_refused_with_its_reason(api: RunningApi, box: Box) -> None:
    begin = box.began - timedelta(hours=1)
    with api.client("lan") as client:
        wish = {"begin": begin.isoformat(), "end": (begin + timedelta(seconds=6)).isoformat(), "reason": "kiểm tra"}
        address = f"/api/v1/recordings/{client.post(f'/api/v1/cameras/{CAMERA}/recordings', json=wish).json()['id']}"
        refused = eventually(lambda: _answered(client, address), 60)
        assert (refused["state"], refused["refusal"]) == ("refused", "nothing_left")
        assert problem(client.get(f"{address}/video")) == (404, "not_found")


def _ready(client: httpx.Client, address: str) -> dict[str, Any] | None:
    recording: dict[str, Any] = client.get(address).raise_for_status().json()
    assert recording["state"] != "refused"
    return recording if recording["ready"] else None


def _answered(client: httpx.Client, address: str) -> dict[str, Any] | None:
    recording: dict[str, Any] = client.get(address).raise_for_status().json()
    return recording if recording["state"] not in ("asked", "accepted") else None
