"""Live video as a ward policeman sees it: the whole product as real processes, through a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import ward
from demo.stage import Stage
from tests.e2e.conftest import COMES_BACK_MS, sign_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.e2e

CAMERA = ward.CAMERAS[0].id

PIXELS = """tile => {
  const video = tile.querySelector("video"), copy = new OffscreenCanvas(96, 72), context = copy.getContext("2d");
  context.drawImage(video, 0, 0, 96, 72);
  return [...context.getImageData(0, 0, 96, 72).data];
}"""
SEE = """async (tile, tracks) => {
  const { offerVideo } = await import("/static/pictures.js");
  const header = { camera: tile.camera.id, kind: "tracks", tracks };
  offerVideo({ header, capturedAt: tile.lastCapturedAt, data: new Uint8Array() });
  const ids = seen => seen.map(({ id }) => id).join();
  for (let look = 0; ids(tile.lastTracks) !== ids(tracks); look++) {
    if (look === 100) return null;
    await new Promise(done => setTimeout(done, 20));
  }
  const canvas = tile.querySelector("canvas"), {width, height} = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted / (width * height);
}"""
"""What the box says when its detector has seen somebody; how soon it does depends on the machine. Then, how much is
painted over the video; null where the real detector had its say in between.
"""
SOMEBODY = {"id": "a", "label": "person", "confidence": 1, "box": {"x1": 0.2, "y1": 0.2, "x2": 0.6, "y2": 0.9}}


def tile(page: Page, what: str, camera: str = CAMERA) -> Any:
    """What a function says of a camera's tile."""
    return page.get_by_test_id(f"tile-{camera}").evaluate(what)


def painted(page: Page, *tracks: dict[str, Any], camera: str = CAMERA) -> float | None:
    """How much of the tile is painted when the box says that it sees these."""
    share: float | None = page.get_by_test_id(f"tile-{camera}").evaluate(SEE, list(tracks))
    return share


def lies_over_the_video(page: Page) -> bool:
    """Whether a box is painted where somebody is seen."""
    without, with_box = painted(page), painted(page, SOMEBODY)
    return without is not None and with_box is not None and with_box > without


def changed(one: list[int], other: list[int]) -> int:
    """How many colours of two pictures differ clearly."""
    return sum(abs(a - b) > 24 for a, b in zip(one, other, strict=True))


def plays(page: Page, camera: str = CAMERA) -> bool:
    return bool(tile(page, "tile => tile.form === 'video' && tile.framesDrawn > 3", camera))


def test_the_cameras_own_video_moves_with_boxes_over_it(page: Page, stage: Stage, pictures: Path) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, stage)
    for camera in ward.CAMERAS:
        eventually(lambda camera=camera: plays(page, camera.id), 60)  # type: ignore[misc]
    began, before = tile(page, "tile => tile.querySelector('video').currentTime"), tile(page, PIXELS)
    eventually(lambda: tile(page, "tile => tile.querySelector('video').currentTime") > began + 1, 60)
    eventually(lambda: changed(before, tile(page, PIXELS)) > 50, 60)  # people walk
    page.screenshot(path=pictures / "video.png")
    eventually(lambda: lies_over_the_video(page), 60)
    eventually(lambda: 0 < tile(page, "tile => tile.shown.verdict.peek().age") < 2000, 60)
    assert faults == []


def test_a_browser_without_media_source_extensions_gets_pictures_and_says_so(
    page: Page, stage: Stage, pictures: Path
) -> None:
    page.add_init_script("delete window.MediaSource")
    sign_in(page, stage)
    eventually(lambda: tile(page, "tile => tile.framesDrawn >= 3"), 60)
    assert tile(page, "tile => tile.form") == "pictures"
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_contain_text("không phát được video trực tiếp; đang hiện ảnh")
    page.screenshot(path=pictures / "video-none.png")


def test_a_browser_that_cannot_play_the_codec_gets_pictures_and_says_so(page: Page, stage: Stage) -> None:
    page.add_init_script("""
        const asked = MediaSource.isTypeSupported;
        MediaSource.isTypeSupported = type => !type.includes("avc1.64") && asked.call(MediaSource, type);
    """)
    sign_in(page, stage)
    eventually(lambda: tile(page, "tile => tile.framesDrawn >= 3"), 60)
    expect(page.get_by_test_id(f"tile-{CAMERA}").get_by_test_id("tile-instead")).to_contain_text("đang hiện ảnh")


def test_two_pages_one_with_video_and_one_with_pictures_both_live(chromium: Browser, page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: plays(page), 60)
    context = chromium.new_context(viewport={"width": 900, "height": 600})
    other = context.new_page()
    other.add_init_script("delete window.MediaSource")
    sign_in(other, stage)
    eventually(lambda: tile(other, "tile => tile.framesDrawn >= 3"), 60)
    before = tile(page, "tile => tile.framesDrawn")
    eventually(lambda: tile(page, "tile => tile.framesDrawn") > before + 5, 60)
    assert tile(page, "tile => tile.form") == "video"
    context.close()


def test_after_a_damaged_piece_the_video_goes_on_at_the_next_key_frame(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: plays(page), 60)
    page.evaluate(f"""async () => {{
        const {{ offerVideo }} = await import("/static/pictures.js");
        const header = {{ camera: "{CAMERA}", kind: "key", sequence: 9e6, pts: 1, tracks: [] }};
        offerVideo({{ header, capturedAt: Date.now(), data: new Uint8Array(5000).fill(7) }});
    }}""")
    before = tile(page, "tile => tile.framesDrawn")
    eventually(lambda: tile(page, "tile => tile.framesDrawn") > before + 15, 60)
    assert tile(page, "tile => tile.form") == "video"


def test_video_comes_back_after_the_api_was_killed(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: plays(page), 60)
    stage.processes.running["api"].kill()
    stage.processes.running["api"].wait()
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_have_attribute("data-state", "stale")
    stage.processes.restart("api")
    expect(page.get_by_test_id(f"tile-{CAMERA}")).to_have_attribute("data-state", "live", timeout=COMES_BACK_MS)
    before = tile(page, "tile => tile.framesDrawn")
    eventually(lambda: tile(page, "tile => tile.framesDrawn") > before + 10, 60)
    eventually(lambda: tile(page, "tile => tile.form") == "video", 60)
