"""The small streams of the wall's tiles and the large one of an enlarged camera, through the whole product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo import film, ward
from demo.stage import Stage
from tests.e2e.conftest import sign_in
from tests.e2e.ward.test_video import SOMEBODY, painted
from tests.support.waiting import eventually

pytestmark = pytest.mark.e2e

CAMERA = ward.CAMERAS[0].id
MAIN_WIDTH = 768
LONGEST_GAP_MS = 1_000

WATCH_FOR_GAPS = """tile => {
  const video = tile.querySelector("video"), canvas = tile.querySelector("canvas");
  const copy = new OffscreenCanvas(16, 12), context = copy.getContext("2d", { willReadFrequently: true });
  window.longestGap = 0;
  let seen = performance.now();
  const look = () => {
    context.clearRect(0, 0, 16, 12);
    context.drawImage(video, 0, 0, 16, 12);
    context.drawImage(canvas, 0, 0, 16, 12);
    const data = context.getImageData(0, 0, 16, 12).data;
    let lit = 0;
    for (let i = 0; i < data.length; i += 4) lit += data[i] + data[i + 1] + data[i + 2] > 60;
    if (lit > 96) seen = performance.now();
    window.longestGap = Math.max(window.longestGap, performance.now() - seen);
    setTimeout(look, 30);
  };
  look();
}"""
"""How long, at most, there was neither a frame of video nor a held picture on the tile."""


def tile(page: Page, what: str) -> Any:
    return page.get_by_test_id(f"tile-{CAMERA}").evaluate(what)


def width(page: Page) -> int:
    """Of what the tile plays; nothing while it plays nothing."""
    found = tile(page, "tile => tile.form === 'video' ? tile.shown.size.peek()?.width ?? 0 : 0")
    return int(found)


def test_tiles_show_the_sub_stream_and_an_enlarged_camera_the_main_stream(
    page: Page, stage: Stage, pictures: Path
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, stage)
    eventually(lambda: width(page) == film.SUB_WIDTH, 60)
    page.screenshot(path=pictures / "sub-stream.png")
    name = page.get_by_test_id(f"tile-{CAMERA}")
    tile(page, WATCH_FOR_GAPS)
    for _ in range(2):
        name.get_by_role("button").click()
        eventually(lambda: width(page) == MAIN_WIDTH, 60)
        expect(name.get_by_test_id("tile-stream")).to_contain_text("Luồng chính 768×576")
        frames = tile(page, "tile => tile.framesDrawn")
        eventually(lambda frames=frames: tile(page, "tile => tile.framesDrawn") > frames + 5, 60)  # type: ignore[misc]
        name.get_by_role("button").click()
        eventually(lambda: width(page) == film.SUB_WIDTH, 60)
    assert 0 < page.evaluate("window.longestGap") < LONGEST_GAP_MS
    page.get_by_test_id("tile-age").first.hover()
    expect(name.get_by_test_id("tile-age")).to_have_attribute("title", "Luồng phụ 384×288")
    assert name.get_by_test_id("tile-instead").count() == 0
    assert faults == []


def test_boxes_of_the_main_stream_lie_on_the_sub_stream(page: Page, stage: Stage) -> None:
    sign_in(page, stage)
    eventually(lambda: width(page) == film.SUB_WIDTH, 60)
    eventually(lambda: painted(page, SOMEBODY) is not None, 60)
    assert width(page) == film.SUB_WIDTH
