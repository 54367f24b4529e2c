"""The page that checks evidence, opened from a disk in a real browser, without any server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import pytest
from playwright.sync_api import Browser, Page, expect

from api.evidence import verify_page
from api.evidence.package import readme
from contracts.evidence import FileKind
from demo import film
from tests.support.evidence import ANOTHER, SIGNING, package, taken_apart, written

SNAPSHOT = "snapshot.jpg"


def jpeg_of(path: Path) -> bytes:
    """A film's first picture."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    found, jpeg = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))
    assert found
    return jpeg.tobytes()


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[FileKind, bytes]]:
    """A real film and a real picture of it."""
    return {
        "clip.mp4": (FileKind.CLIP, film.STREET.read_bytes()),
        SNAPSHOT: (FileKind.SNAPSHOT, jpeg_of(film.STREET)),
        "README.txt": (FileKind.README, readme()),
    }


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page as a file. It must ask for nothing but itself and parts of what it was given."""
    (tmp_path / "verify.html").write_bytes(verify_page.page())
    context = chromium.new_context(viewport={"width": 1366, "height": 900}, locale="vi-VN")
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((tmp_path / "verify.html").as_uri())
    yield page
    context.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob"}
    assert [url for url in asked if url.startswith("file:")] == [(tmp_path / "verify.html").as_uri()]


def choose(page: Page, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "phoan.zip"
    path.write_bytes(data)
    page.set_input_files("#chooser", path)


def test_an_untouched_export_is_green_in_words_and_plays(
    opened: Page, tmp_path: Path, files: dict[str, tuple[FileKind, bytes]], pictures: Path
) -> None:
    choose(opened, tmp_path, package(files=files))
    verdict = opened.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-verdict", "untouched")
    expect(verdict).to_contain_text("Chứng cứ còn nguyên vẹn")
    expect(opened.get_by_test_id("facts")).to_contain_text("Xâm nhập ngoài giờ")
    expect(opened.get_by_test_id("facts")).to_contain_text("đối chiếu vụ mất xe")
    width = opened.get_by_test_id("film").evaluate(
        "async video => { await video.play(); video.pause(); return video.videoWidth; }"
    )
    assert width == 768
    assert opened.get_by_test_id("snapshot").evaluate("picture => picture.naturalWidth") == 768
    opened.screenshot(path=pictures / "verify-untouched.png", full_page=True)
    opened.get_by_test_id("key").fill(SIGNING.public.id.upper())
    opened.get_by_test_id("key").blur()
    expect(opened.get_by_test_id("key-state")).to_have_text("Trùng khớp")
    opened.locator("#language").click()
    expect(verdict).to_contain_text("The evidence is untouched")


def test_a_touched_file_is_red_in_words_named_and_not_shown(
    opened: Page, tmp_path: Path, files: dict[str, tuple[FileKind, bytes]], pictures: Path
) -> None:
    content = taken_apart(package(files=files))
    content[SNAPSHOT] = content[SNAPSHOT][:-3] + b"!\xff\xd9"
    choose(opened, tmp_path, written(content.items()))
    expect(opened.get_by_test_id("verdict")).to_have_attribute("data-verdict", "touched")
    expect(opened.get_by_test_id("verdict")).to_contain_text("Chứng cứ đã bị thay đổi")
    expect(opened.get_by_test_id("faults")).to_contain_text(SNAPSHOT)
    expect(opened.locator(f'[data-path="{SNAPSHOT}"]')).to_have_attribute("data-state", "changed")
    expect(opened.get_by_test_id("snapshot")).to_have_count(0)
    opened.screenshot(path=pictures / "verify-touched.png", full_page=True)


def test_an_export_by_another_key_is_refused_once_the_wards_is_entered(
    opened: Page, tmp_path: Path, files: dict[str, tuple[FileKind, bytes]]
) -> None:
    choose(opened, tmp_path, package(ANOTHER, {SNAPSHOT: files[SNAPSHOT]}))
    expect(opened.get_by_test_id("key-state")).to_have_text("Chưa đối chiếu")
    opened.get_by_test_id("key").fill(SIGNING.public.id)
    opened.get_by_test_id("key").blur()
    expect(opened.get_by_test_id("verdict")).to_have_attribute("data-verdict", "other")
    expect(opened.get_by_test_id("verdict")).to_contain_text("Không phải khóa của phường")
