"""How late live video is on the wall, and what it costs: from the camera's lens to the page in a real Chromium.

Cameras burn the time into their pictures (benchmarks.clock); the page's video is looked at ten times a second, whatever
it shows then, and the time that it shows is compared with the clock. Box, API, broker, database and browser are the
real programs. Further viewers are plain WebSocket clients in this process: ten browsers would measure the browsers.

The box's share is what its live line costs: the thread that cuts, packs and sends. Analysis hardly runs (ANALYSIS_FPS),
to leave the machine to what is measured here. The last line is JSON; CPU is in per cent of one core. Rows with `sub`
are of cameras with a sub-stream, which is what so many small tiles show; the others are of cameras without one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import yaml
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from api.access.passwords import hash_password
from benchmarks import servers
from benchmarks.clock import FIELDS, FPS, HEIGHT, SUB_HEIGHT, SUB_WIDTH, WIDTH
from contracts.feed import Watch
from contracts.inventory import Inventory
from demo import broker
from demo.processes import Processes, free_port, wait_for_port
from edge.centre.live import THREAD_NAME
from storage import accounts, inventory
from storage.accounts import UserRow
from storage.tokens import new_token

CAMERAS = (1, 4, 9)
WITH_SUB = (9,)
VIEWERS = (1, 10)
SECONDS = float(os.environ.get("SECONDS", "10"))
SETTLE_S = 6.0
ANALYSIS_FPS = 0.05
PASSWORD = "bench-an-luu-phuong"  # noqa: S105 (of a database that lives for a minute)
AIM_MS = 700

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

READ_CLOCK = f"""async (seconds) => {{
  const tiles = [...document.querySelectorAll("camera-tile")];
  const copy = new OffscreenCanvas({FIELDS}, 1), context = copy.getContext("2d", {{ willReadFrequently: true }});
  const late = [], unread = [0];
  const look = tile => {{
    const video = tile.querySelector("video");
    context.drawImage(video, 0, Math.floor(video.videoHeight / 6), video.videoWidth, 1, 0, 0, {FIELDS}, 1);
    const now = Date.now(), data = context.getImageData(0, 0, {FIELDS}, 1).data;
    let told = 0, check = 0;
    for (let i = 0; i < 24; i += 1) told = told * 2 + (data[4 * i] > 127 ? 1 : 0);
    for (let i = 24; i < 32; i += 1) check = check * 2 + (data[4 * i] > 127 ? 1 : 0);
    const sum = ((told >> 16) + (told >> 8 & 255) + (told & 255)) % 256;
    if (sum !== check) unread[0] += 1;
    else late.push((now - told + 2 ** 24) % 2 ** 24);
  }};
  const until = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < until; i += 1) {{
    await new Promise(done => setTimeout(done, 100));
    await new Promise(requestAnimationFrame);
    look(tiles[i % tiles.length]);
  }}
  const widths = tiles.map(tile => tile.querySelector("video").videoWidth);
  return {{ late, unread: unread[0], forms: tiles.map(tile => tile.form), widths }};
}}"""


class Centre:
    """Database, broker, cameras and API, with a ward, a box and a user for each number of cameras."""

    def __init__(self, folder: Path, conninfo: str) -> None:
        self.folder = folder
        self.processes = Processes(folder / "logs")
        self.tokens = {count: new_token() for count in CAMERAS}
        self._conninfo = conninfo
        self._mqtt, self._clock, self._small_clock, self._port = free_port(), free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        servers.migrated(self._conninfo)
        with psycopg.connect(self._conninfo, autocommit=True) as db:
            inventory.apply(db, Inventory.model_validate(self._inventory()))
            for count in CAMERAS:
                row = UserRow(f"user-{count}", "Bench", hash_password(PASSWORD), "police", [f"ward-{count}"], False)
                accounts.put_user(db, row)
        broker.write_config(self.folder / "broker.toml", self._mqtt)
        self._write("api", {
            "database": self._conninfo,
            "media_dir": str(self.folder / "media"),
            "port": self._port,
            "cookie_secure": False,
        })  # fmt: skip
        for name, port, command in (
            ("broker", self._mqtt, ["demo.broker", str(self.folder / "broker.toml")]),
            ("clock", self._clock, ["benchmarks.clock", str(self._clock)]),
            (
                "clock-small",
                self._small_clock,
                ["benchmarks.clock", str(self._small_clock), str(SUB_WIDTH), str(SUB_HEIGHT)],
            ),
            ("api", self._port, ["api", "--config", str(self.folder / "api.yaml"), "run"]),
        ):
            wait_for_port(port, self.processes.start(name, command), name)

    @contextmanager
    def box(self, count: int, sub: bool) -> Iterator[psutil.Process]:
        """The box with so many cameras, with or without sub-streams."""
        self._write("edge", {
            "ward": f"ward-{count}",
            "box": f"box-{count}",
            "data_dir": str(self.folder / f"box-{count}"),
            "mqtt": {"host": "127.0.0.1", "port": self._mqtt, "username": "box", "password": "x" * 12},
            "centre": {"url": self.url, "token": self.tokens[count]},
            "analysis": {"fps": ANALYSIS_FPS, "quiet": "keyframes"},
            "cameras": [
                {
                    "id": camera,
                    "site": f"site-{count}",
                    "url": f"rtsp://127.0.0.1:{self._clock}/{camera}",
                    "sub_url": f"rtsp://127.0.0.1:{self._small_clock}/{camera}" if sub else None,
                }
                for camera in _names(count)
            ],
        })  # fmt: skip
        process = self.processes.start("edge", ["edge", "--config", str(self.folder / "edge.yaml"), "run"])
        try:
            yield psutil.Process(process.pid)
        finally:
            self.processes.stop(["edge"])

    def api(self) -> psutil.Process:
        return psutil.Process(self.processes.running["api"].pid)

    def _inventory(self) -> dict[str, Any]:
        sites = {count: {"id": f"site-{count}", "name": "Phố", "kind": "street"} for count in CAMERAS}
        return {
            "wards": [{"id": f"ward-{count}", "name": "Phường", "sites": [sites[count]]} for count in CAMERAS],
            "boxes": [
                {
                    "id": f"box-{count}",
                    "name": "Hộp biên",
                    "ward": f"ward-{count}",
                    "site": f"site-{count}",
                    "token": self.tokens[count],
                    "cameras": [
                        {"id": camera, "name": camera, "site": f"site-{count}", "zones": []} for camera in _names(count)
                    ],
                }
                for count in CAMERAS
            ],
        }

    def _write(self, name: str, settings: dict[str, Any]) -> None:
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True))


def _names(count: int) -> list[str]:
    return [f"camera-{count}-{number}" for number in range(1, count + 1)]


@contextmanager
def page_of(browser: Browser, centre: Centre, count: int) -> Iterator[Page]:
    """The wall in Chromium, with all its cameras playing."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.goto(centre.url)
    page.get_by_test_id("username").fill(f"user-{count}")
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    playing = "n => { const tiles = [...document.querySelectorAll('camera-tile')];"
    playing += " return tiles.length === n && tiles.every(tile => tile.form === 'video' && tile.framesDrawn > 10); }"
    page.wait_for_function(playing, arg=count, timeout=90_000)
    yield page
    context.close()


@contextmanager
def further_viewers(centre: Centre, count: int, viewers: int, sub: bool) -> Iterator[None]:
    """Clients that read all that they are sent."""
    with ExitStack() as stack, httpx.Client(base_url=centre.url, trust_env=False) as client:
        sign_in = {"username": f"user-{count}", "password": PASSWORD}
        client.post("/api/v1/session", json=sign_in).raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        names = tuple(_names(count))
        for _ in range(viewers):
            headers = {"Cookie": cookies, "Origin": centre.url}
            url = f"{centre.url.replace('http', 'ws', 1)}/api/v1/live"
            line = stack.enter_context(
                connect(url, additional_headers=headers, proxy=None, max_size=None, compression=None)
            )
            line.send(Watch(cameras=names, video=names, sub=names if sub else None).to_bytes().decode())
            threading.Thread(target=_read, args=(line,), daemon=True).start()
        yield


def _read(line: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        for _ in line:
            pass


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds that the process has used."""
    times = process.cpu_times()
    return times.user + times.system


def line_cpu_s(box: psutil.Process) -> float:
    """CPU seconds that the box's live line has used."""
    for task in Path(f"/proc/{box.pid}/task").iterdir():
        if (task / "comm").read_text().strip() == THREAD_NAME:
            return int((task / "schedstat").read_text().split()[0]) / 1e9
    raise AssertionError("the box has no live line")


def measure(browser: Browser, centre: Centre, count: int, sub: bool = False) -> list[dict[str, Any]]:
    """One row for each number of viewers."""
    rows = []
    with centre.box(count, sub) as box, page_of(browser, centre, count) as page:
        for viewers in VIEWERS:
            with further_viewers(centre, count, viewers - 1, sub):
                time.sleep(SETTLE_S)
                rows.append(_row(page, centre, box, count, viewers) | ({"sub": True} if sub else {}))
                print(json.dumps(rows[-1]), flush=True)
    return rows


def _row(page: Page, centre: Centre, box: psutil.Process, count: int, viewers: int) -> dict[str, Any]:
    api = centre.api()
    began, box_before, api_before = time.monotonic(), line_cpu_s(box), cpu_s(api)
    seen = page.evaluate(READ_CLOCK, SECONDS)
    took = time.monotonic() - began
    box_share, api_share = (line_cpu_s(box) - box_before) / took * 100, (cpu_s(api) - api_before) / took * 100
    assert set(seen["forms"]) == {"video"}, "the page has fallen back to pictures"
    return {
        "width": min(seen["widths"]),
        "cameras": count,
        "viewers": viewers,
        "glass_to_glass_ms_p50": round(statistics.median(seen["late"])),
        "glass_to_glass_ms_p95": round(_p95(seen["late"])),
        "relay_cpu_per_stream": round(api_share / (count * viewers), 2),
        "box_cpu_per_stream": round(box_share / count, 2),
        "samples": len(seen["late"]),
        "unread": seen["unread"],
    }


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    """Run everything and print the line."""
    chromium = shutil.which("chromium")
    assert chromium, "install chromium: tests/system-packages does it"
    rows: list[dict[str, Any]] = []
    with (
        servers.embedded() as conninfo,
        tempfile.TemporaryDirectory(prefix="phoan-bench-live-") as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        centre = Centre(Path(folder), conninfo)
        try:
            centre.start()
            for count in CAMERAS:
                rows += measure(browser, centre, count)
            for count in WITH_SUB:
                rows += measure(browser, centre, count, sub=True)
        finally:
            browser.close()
            centre.processes.stop_all()
    worst = max(row["glass_to_glass_ms_p95"] for row in rows)
    print(
        json.dumps(
            {
                "glass_to_glass_ms_p95": worst,
                "aim_ms": AIM_MS,
                "relay_cpu_per_stream": max(row["relay_cpu_per_stream"] for row in rows),
                "box_cpu_per_stream": max(row["box_cpu_per_stream"] for row in rows),
                "source": f"{WIDTH}x{HEIGHT}, {FPS} fps, H.264",
                "sub_source": f"{SUB_WIDTH}x{SUB_HEIGHT}",
                "cores": os.cpu_count(),
                "load_average": round(os.getloadavg()[0], 1),
                "rows": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
